import { createPublicKey, ECDH, type JsonWebKey, verify } from 'node:crypto'
import { PROOF_AGE_S, proofAge } from '@gatehouse/shared/pass/proof.ts'
import { type ReadPass, readPass } from '@gatehouse/shared/pass/read-pass.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import type { MyPass } from '@gatehouse/shared/wire/api/my.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, type Size, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { readCode, readScreen } from './read-code.ts'
import { type Session, signIn, watch } from './session.ts'

/** The student's page on a real browser: its key, its moving code, and what is left of it without a network. */

const UP_MS_MAX = 120_000
const REDRAW_MS = 15_000
/** As text: this room does not know the types of a browser. */
const COPY_KEPT = 'navigator.serviceWorker.ready.then(() => null)'

type PhoneLook = { readonly size?: Size; readonly theme?: 'light' | 'dark'; readonly aheadMs?: number }

needs('chromium')('the phone of a student', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  let ada: Session

  beforeAll(async () => {
    place = await ground()
    ;[campus, browser] = await Promise.all([startCampus(place), openBrowser()])
    ada = await signIn(campus.url, campus.account('student'))
  }, UP_MS_MAX)

  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  /** A phone signed in as Ada. `aheadMs`: its clock is in the hand of the test, and this much off. */
  async function phone({ size = 'phone', theme = 'light', aheadMs }: PhoneLook = {}) {
    const opened = await openPage(browser, size, theme)
    if (aheadMs !== undefined) await opened.page.clock.install({ time: Date.now() + aheadMs })
    await signInAs(opened.page, campus.url, campus.account('student'))
    await opened.page.waitForURL(/\/my$/)
    return opened
  }
  const bind = async (page: Page) => {
    await page.getByRole('button', { name: 'Bind this phone' }).click()
    await page.getByRole('img', { name: /^Code of pass/ }).waitFor()
  }
  const myPass = async (): Promise<MyPass> => (await ada.call<MyPass[]>('GET', '/my/passes')).data![0]!
  const onScreen = async (page: Page): Promise<ReadPass> => {
    const read = readPass((await readScreen(page)) ?? 'no code', ada.tenant)
    if (!read.ok) throw new Error('the screen shows no pass')
    return read.value
  }

  test('a phone is bound, and what it shows is signed by its own key', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await phone()
    await bind(page)
    const read = await onScreen(page)
    if (read.type !== 'reference') throw new Error(`a ${read.type} pass`)
    const { passId, device } = await myPass()
    expect(read.passId).toBe(passId)
    const key = createPublicKey({ key: jwkOf(device!.point), format: 'jwk' })
    const { signingInput, signature } = read.proof
    expect(verify('sha256', signingInput, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)

    await page.getByRole('button', { name: 'Show the long code' }).click()
    await page.getByText('This is the long code').waitFor()
    await expect.poll(async () => (await onScreen(page)).type, { timeout: 30_000 }).toBe('dynamic')
    const long = await onScreen(page)
    if (long.type !== 'dynamic') throw new Error(`a ${long.type} pass`)
    expect(Buffer.from(long.devicePoint).toString('hex')).toBe(device!.point)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('what a bound phone shows opens a gate as soon as its list has the key', { timeout: UP_MS_MAX }, async () => {
    const guard = await signIn(campus.url, campus.account('security'))
    const feed = await watch(campus.url, guard)
    const listVersion = async () => {
      const { data } = await guard.call<Gate[]>('GET', '/gates')
      return data!.find(({ shortName }) => shortName === 'south')!.listVersion ?? 0
    }
    const before = await listVersion()
    const { page } = await phone()
    await bind(page)
    await expect.poll(listVersion, { timeout: 30_000 }).toBeGreaterThan(before)

    const { passId } = await myPass()
    await guard.call('POST', '/demo/present', { gate: 'south', qr: await readScreen(page) })
    const line = await feed.line(one => one.technology === 'ghp1' && one.passId === passId)
    expect(line).toMatchObject({ kind: 'granted', refusal: null, holder: { name: 'Ada Lovelace' } })
    await feed.end()
    await page.context().close()
  })

  test('a screenshot is dead within 45 seconds, and the next code is another and later', {
    timeout: UP_MS_MAX,
  }, async () => {
    const { page } = await phone({ aheadMs: 0 })
    await bind(page)
    const shot = await page.screenshot()
    const takenS = Math.floor((await page.evaluate(() => Date.now())) / 1000)
    const read = readPass((await readCode(shot))!, ada.tenant)
    if (!read.ok || read.value.type !== 'reference') throw new Error('the screenshot shows no pass')
    const { tS } = read.value.proof
    expect(proofAge(tS, takenS)).toBe('fresh')
    expect(proofAge(tS, takenS + PROOF_AGE_S.most + 1)).toBe('stale_proof')

    await page.clock.runFor(REDRAW_MS)
    await expect
      .poll(async () => {
        const next = await onScreen(page)
        return next.type === 'reference' && next.proof.tS
      })
      .toBeGreaterThanOrEqual(tS + 15)
    await page.context().close()
  })

  test('with the network pulled the page opens again and goes on drawing', { timeout: UP_MS_MAX }, async () => {
    const { page } = await phone()
    await bind(page)
    await page.evaluate(COPY_KEPT)
    await page.context().setOffline(true)
    await page.reload()
    await page.getByRole('img', { name: /^Code of pass/ }).waitFor()
    const read = await onScreen(page)
    expect(read.type === 'reference' && read.passId).toBe((await myPass()).passId)
    await page.getByRole('button', { name: 'Show the long code' }).click()
    await expect.poll(async () => (await onScreen(page)).type, { timeout: 30_000 }).toBe('dynamic')
    await page.context().close()
  })

  test('who signed out shows no code, with or without the network', { timeout: UP_MS_MAX }, async () => {
    const { page } = await phone()
    await bind(page)
    await page.evaluate(COPY_KEPT)
    await page.getByRole('button', { name: /^Me:/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByLabel('E-mail').waitFor()
    await page.context().setOffline(true)
    await page.reload()
    await page.getByLabel('E-mail').waitFor()
    await page.context().close()
  })

  test('who signs in next on the same browser sees nothing of the pass before, with no network either', {
    timeout: UP_MS_MAX,
  }, async () => {
    const { page } = await phone()
    await bind(page)
    expect(await page.getByRole('button', { name: 'Search' }).count()).toBe(0)
    await page.evaluate(COPY_KEPT)
    await page.getByRole('button', { name: /^Me:/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await signInAs(page, campus.url, campus.account('security'))
    await page.getByRole('button', { name: 'Search' }).first().waitFor()
    await page.context().setOffline(true)
    await page.goto(`${campus.url}/my`)
    await page.getByText('The service does not answer yet').waitFor()
    expect(await page.getByRole('img', { name: /^Code of pass/ }).count()).toBe(0)
    await page.context().close()
  })

  test('another phone takes the pass, and the first one says so', { timeout: UP_MS_MAX }, async () => {
    const first = await phone()
    await bind(first.page)
    const second = await phone()
    await second.page.getByText('its key is not in this browser').waitFor()
    await bind(second.page)
    await first.page.reload()
    await first.page.getByText('Another phone was bound since').waitFor()
    await first.page.context().close()
    await second.page.context().close()
  })

  test('a clock that gates will not believe is told, with what to do', { timeout: UP_MS_MAX }, async () => {
    const { page } = await phone({ aheadMs: 120_000 })
    await page.getByText(/clock is (1|2) min fast.*Set date and time to automatic/).waitFor()
    await page.context().close()
  })

  test('axe finds nothing, before and after binding, in either theme, on phone and desktop', {
    timeout: 3 * UP_MS_MAX,
  }, async () => {
    const found: Record<string, string[]> = {}
    for (const [size, theme] of [
      ['phone', 'light'],
      ['phone', 'dark'],
      ['desktop', 'light'],
      ['desktop', 'dark'],
    ] as const) {
      const { page, complaints } = await phone({ size, theme })
      await page.getByRole('button', { name: 'Bind this phone' }).waitFor()
      found[`unbound ${size} ${theme}`] = await axe(page)
      await keepPicture(page, `my-unbound-${size}-${theme}`)
      await bind(page)
      found[`bound ${size} ${theme}`] = await axe(page)
      await keepPicture(page, `my-${size}-${theme}`)
      found[`complaints ${size} ${theme}`] = [...complaints]
      await page.context().close()
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })
})

function jwkOf(point: string): JsonWebKey {
  const raw = ECDH.convertKey(point, 'prime256v1', 'hex', 'base64url', 'uncompressed') as string
  const bytes = Buffer.from(raw, 'base64url')
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map(part => part.toString('base64url'))
  return { kty: 'EC', crv: 'P-256', x: x!, y: y! }
}
