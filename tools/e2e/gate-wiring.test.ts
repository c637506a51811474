import type { GateConfigurationAnswer } from '@gatehouse/shared/wire/api/gate-configuration.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, type Size, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn } from './session.ts'

/** What hangs on a gate, from the page of facilities staff to the gate and back. */

const UP_MS_MAX = 240_000
const LOOKS = [
  ['desktop', 'light'],
  ['desktop', 'dark'],
  ['phone', 'light'],
  ['phone', 'dark'],
] as const satisfies [Size, 'light' | 'dark'][]

needs('chromium')('the wiring of a gate', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  let facilities: Session
  let north: Gate

  beforeAll(async () => {
    place = await ground()
    ;[campus, browser] = await Promise.all([startCampus(place, '--hardware', 'mixed'), openBrowser()])
    facilities = await signIn(campus.url, campus.account('facilities'))
    const { data } = await facilities.call<Gate[]>('GET', '/gates')
    north = data!.find(({ shortName }) => shortName === 'north')!
  }, UP_MS_MAX)

  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  const answer = async (gateId = north.gateId) =>
    (await facilities.call<GateConfigurationAnswer>('GET', `/gates/${gateId}/configuration`)).data!
  const open = async (size: Size, theme: 'light' | 'dark', gateId = north.gateId) => {
    const looked = await openPage(browser, size, theme)
    looked.page.setDefaultTimeout(60_000)
    await signInAs(looked.page, campus.url, campus.account('facilities'))
    await looked.page.goto(`${campus.url}/gates/${gateId}/wiring`)
    await looked.page.getByRole('heading', { name: 'Boards' }).waitFor()
    return looked
  }
  const pulse = (page: Page) => page.getByLabel('Pulse, ms').first()

  test('a person changes the pulse of a door, sees what that changes, and the gate takes it; and takes the one before again', {
    timeout: UP_MS_MAX,
  }, async () => {
    await expect.poll(async () => (await answer()).reported?.version, { timeout: 60_000 }).toBe(1)
    const { page, complaints } = await open('desktop', 'light')
    await pulse(page).fill('50')
    await page.getByText('must be at least 100').waitFor()
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByText('1 thing to mend').waitFor()
    await pulse(page).fill('1500')
    await page.getByRole('button', { name: 'Review' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Pulse, ms: 700 → 1500').waitFor()
    await keepPicture(page, 'wiring-review')
    await dialog.getByRole('button', { name: 'Send' }).click()
    await page.getByText('The gate runs by version 2.').waitFor()
    const { newest, reported } = await answer()
    expect([newest!.version, reported!.version, newest!.lanes[0]!.door.pulseMs]).toEqual([2, 2, 1_500])

    await page.getByRole('button', { name: 'Restore version 1' }).click()
    await dialog.getByText('undone, of version 2: Pulse, ms: 700 → 1500').waitFor()
    await dialog.getByRole('button', { name: 'Send' }).click()
    await page.getByText('The gate runs by version 3.').waitFor()
    await expect.poll(() => pulse(page).inputValue()).toBe('700')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('what was typed and not sent is not lost by a step aside', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await open('phone', 'light')
    await pulse(page).fill('1200')
    await page.getByRole('link', { name: 'The gate' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Leave without sending?').waitFor()
    await dialog.getByRole('button', { name: 'Stay' }).click()
    expect(await pulse(page).inputValue()).toBe('1200')
    await page.getByRole('link', { name: 'The gate' }).click()
    await dialog.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('heading', { name: 'Lanes' }).waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('axe finds nothing on the page as it is, not yet described, with mistakes, refused and overridden, in either theme, on phone and desktop', {
    timeout: UP_MS_MAX,
  }, async () => {
    const wide = await enterWideGate()
    const found: Record<string, string[]> = {}
    for (const [size, theme] of LOOKS) {
      const name = `${size}-${theme}`
      const look = async (page: Page, state: string) => {
        found[`${state} ${name}`] = await axe(page)
        await keepPicture(page, `wiring-${state}-${name}`)
      }
      const one = await open(size, theme)
      await look(one.page, 'in-force')
      await one.page.getByRole('button', { name: 'Add a reader' }).first().click()
      await one.page.getByRole('button', { name: 'Add a board' }).click()
      await one.page.getByRole('button', { name: 'Review' }).click()
      await one.page.getByText('things to mend').waitFor()
      await look(one.page, 'mistakes')
      await one.page.context().close()

      const many = await open(size, theme, wide)
      await look(many.page, 'not-described')
      await many.page.context().close()

      for (const [state, reported] of Object.entries(REPORTED)) {
        const said = await openPage(browser, size, theme)
        said.page.setDefaultTimeout(60_000)
        await said.page.route(`**/api/v1/gates/${north.gateId}/configuration`, async route => {
          const response = await route.fetch()
          const body = (await response.json()) as { data: GateConfigurationAnswer }
          await route.fulfill({ response, json: { ...body, data: { ...body.data, reported } } })
        })
        await signInAs(said.page, campus.url, campus.account('facilities'))
        await said.page.goto(`${campus.url}/gates/${north.gateId}/wiring`)
        await said.page.getByRole('heading', { name: 'Boards' }).waitFor()
        await look(said.page, state)
        await said.page.context().close()
      }
      found[`complaints ${name}`] = [...one.complaints, ...many.complaints]
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })

  const sha256 = 'a'.repeat(64)
  const REPORTED = {
    'local-file': { source: 'file', sha256 },
    refused: {
      source: 'cloud',
      version: 2,
      sha256,
      refusedVersion: 3,
      problem:
        'not up within 30 s: reader qr of lane in: no serial server at 192.0.2.20:4001: check its power, address and port (connect ECONNREFUSED 192.0.2.20:4001)',
    },
  }

  async function enterWideGate(): Promise<string> {
    const accessPoints = Array.from({ length: 16 }, (_, at) => ({
      lane: `lane-${at + 1}`,
      name: `Turnstile ${at + 1} of the very long entrance hall of the library`.slice(0, 64),
      direction: at % 2 === 0 ? 'in' : 'out',
      groups: [0],
    }))
    const name =
      'A gate whose name is as long as a name of a gate can be without being cut by anybody, in the west wing'
    const body = { name: name.slice(0, 100), shortName: 'wide', accessPoints }
    return (await facilities.call<Gate>('POST', '/gates', body)).data!.gateId
  }
})
