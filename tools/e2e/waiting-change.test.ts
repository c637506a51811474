import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Account } from '../campus/cloud-client.ts'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn } from './session.ts'

/** A change that takes printed codes from the whole school: held, looked at by a second administrator, and then at the gate. */

const UP_MS_MAX = 240_000
/** Longer than any reader goes on taking a code for the one before. */
const SHOWN_AGAIN_MS = 5_000

needs('chromium')('a change that waits for a second administrator', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  let guard: Session
  let first: Account
  let second: Account
  let code: string

  beforeAll(async () => {
    place = await ground()
    ;[campus, browser] = await Promise.all([startCampus(place), openBrowser()])
    ;[first, second] = campus.accounts('school_admin') as [Account, Account]
    guard = await signIn(campus.url, campus.account('security'))
    const { data } = await guard.call<{ credentials: { kind: string; value: string }[] }>('GET', '/demo/presentables')
    code = data!.credentials.find(one => one.kind === 'qr')!.value
  }, UP_MS_MAX)

  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  /** What the gate said last to the printed code. Shown with pauses: a reader takes it for the same one until it was away. */
  async function presented(): Promise<AccessLine['kind'] | undefined> {
    const answer = await guard.call('POST', '/demo/present', { gate: 'south', qr: code })
    expect(answer.status).toBe(202)
    const { data } = await guard.call<AccessLine[]>('GET', '/access-events?limit=100')
    return data!.find(({ technology }) => technology === 'ghp1')?.kind
  }

  test('axe finds nothing on either page, in either theme, on phone and desktop', { timeout: UP_MS_MAX }, async () => {
    const admin = await signIn(campus.url, first)
    await changeRules(admin, { gates: await oneException(), staticPasses: 'refuse' })
    await waits(admin, 1)
    const found: Record<string, string[]> = {}
    for (const [size, theme] of [
      ['desktop', 'light'],
      ['desktop', 'dark'],
      ['phone', 'light'],
      ['phone', 'dark'],
    ] as const) {
      const { page, complaints } = await openPage(browser, size, theme)
      page.setDefaultTimeout(60_000)
      await signInAs(page, campus.url, second)
      for (const path of ['/lists', '/settings/gate-rules']) {
        await page.goto(`${campus.url}${path}`)
        await page.getByRole('heading', { level: 2 }).first().waitFor()
        found[`${path} ${size} ${theme}`] = await axe(page)
        await keepPicture(page, `${path.slice(1).replace('/', '-')}-${size}-${theme}`)
      }
      found[`complaints ${size} ${theme}`] = [...complaints]
      await page.context().close()
    }
    // What is undone no longer waits.
    await changeRules(admin, { staticPasses: 'open' })
    await waits(admin, 0)
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })

  test('nobody is shut out until the second one lets it go, and then the gate refuses', {
    timeout: UP_MS_MAX,
  }, async () => {
    const makes = await openPage(browser, 'desktop', 'light')
    makes.page.setDefaultTimeout(60_000)
    await signInAs(makes.page, campus.url, first)
    await makes.page.goto(`${campus.url}/settings/gate-rules`)
    await makes.page.getByLabel('Printed codes open').uncheck()
    await makes.page.getByText('Printed codes no longer open').waitFor()
    await makes.page.getByRole('button', { name: 'Save' }).click()
    await makes.page.getByText('Gate rules saved').waitFor()
    await makes.page.getByRole('link', { name: 'Look at it' }).click()
    await makes.page.getByText('You made one of these changes').waitFor()
    expect(await makes.page.getByRole('button', { name: 'Let it go' }).count()).toBe(0)
    await keepPicture(makes.page, 'lists-maker')

    await expect.poll(presented, { timeout: 60_000, interval: SHOWN_AGAIN_MS }).toBe('granted')

    const approves = await openPage(browser, 'phone', 'light')
    approves.page.setDefaultTimeout(60_000)
    await signInAs(approves.page, campus.url, second)
    await approves.page.getByRole('link', { name: 'Look at it' }).click()
    await approves.page.getByRole('button', { name: 'Let it go' }).click()
    const dialog = approves.page.getByRole('dialog')
    await dialog.getByLabel('Why it is right').fill('somebody sells copies')
    await keepPicture(approves.page, 'lists-approve-phone')
    await dialog.getByRole('button', { name: 'Let it go' }).click()
    await approves.page.getByText('Nothing waits').waitFor()

    await expect.poll(presented, { timeout: 60_000, interval: SHOWN_AGAIN_MS }).toBe('refused')
    expect([...makes.complaints, ...approves.complaints]).toEqual([])
    await makes.page.context().close()
    await approves.page.context().close()
  })

  async function changeRules(admin: Session, changed: Record<string, unknown>): Promise<void> {
    const { data } = await admin.call<{ version: number; rules: object }>('GET', '/settings/gate-rules')
    const body = { version: data!.version, rules: { ...data!.rules, ...changed } }
    expect((await admin.call('PUT', '/settings/gate-rules', body)).status).toBe(200)
  }

  async function oneException(): Promise<Record<string, unknown>> {
    const { data: gates } = await guard.call<{ gateId: string }[]>('GET', '/gates')
    return { [gates![0]!.gateId]: { whenClockInDoubt: 'closed' } }
  }

  async function waits(admin: Session, count: number): Promise<void> {
    const pending = async () => (await admin.call<unknown[]>('GET', '/lists/pending')).data?.length
    await expect.poll(pending, { timeout: 60_000 }).toBe(count)
  }
})
