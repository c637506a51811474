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

  test('axe finds nothing on the page as it is, with mistakes, not yet described, refused and overridden, in either theme, on phone and desktop', {
    timeout: 2 * UP_MS_MAX,
  }, async () => {
    const wide = await enterWideGate()
    const newest = (await answer()).newest!.version
    const found: Record<string, string[]> = {}
    for (const [size, theme] of LOOKS) {
      const { page, complaints } = await open(size, theme)
      const look = async (state: string) => {
        await page.getByRole('heading', { name: 'Boards' }).waitFor()
        found[`${state} ${size} ${theme}`] = await axe(page)
        await keepPicture(page, `wiring-${state}-${size}-${theme}`)
      }
      await look('in-force')
      await page.getByRole('button', { name: 'Add a reader' }).first().click()
      await page.getByRole('button', { name: 'Add a board' }).click()
      await page.getByRole('button', { name: 'Review' }).click()
      await page.getByText('2 things to mend').waitFor()
      await look('mistakes')
      await page.getByRole('button', { name: 'Drop my changes' }).click()
      await page.goto(`${campus.url}/gates/${wide}/wiring`)
      await page.getByText('Nothing describes this gate yet').waitFor()
      await look('not-described')
      for (const [state, [reported, words]] of Object.entries(said(newest))) {
        const address = `**/api/v1/gates/${north.gateId}/configuration`
        await page.route(address, async route => {
          const response = await route.fetch()
          const body = (await response.json()) as { data: GateConfigurationAnswer }
          await route.fulfill({ response, json: { ...body, data: { ...body.data, reported } } })
        })
        await page.goto(`${campus.url}/gates/${north.gateId}/wiring`)
        await page.getByText(words).waitFor()
        await look(state)
        await page.unroute(address)
      }
      found[`complaints ${size} ${theme}`] = [...complaints]
      await page.context().close()
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })

  const sha256 = 'a'.repeat(64)
  /** What a gate may say that the demo's do not, and what the page says of it. */
  const said = (newest: number) =>
    ({
      'local-file': [{ source: 'file', sha256 }, 'A file at the gate overrides this page'],
      refused: [
        {
          source: 'cloud',
          version: newest - 1,
          sha256,
          refusedVersion: newest,
          problem:
            'not up within 30 s: reader qr of lane in: no serial server at 192.0.2.20:4001: check its power, address and port (connect ECONNREFUSED 192.0.2.20:4001)',
        },
        'is not in force: not up within 30 s',
      ],
    }) as const

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
