import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { signIn } from './session.ts'

/** The dashboard in a real browser, in front of a real campus. `GATEHOUSE_PICTURES=FOLDER` keeps what was seen. */

const UP_MS_MAX = 120_000
needs('chromium')('the dashboard in a browser', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser

  beforeAll(async () => {
    place = await ground()
    ;[campus, browser] = await Promise.all([startCampus(place), openBrowser()])
  }, UP_MS_MAX)

  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  test('a guard signs in, presents a card and sees it on the live page', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('security'))
    await page.getByText('Both gates online').waitFor()

    // Something has happened before, as on any morning.
    const guard = await signIn(campus.url, campus.account('security'))
    const { data } = await guard.call<{ credentials: { kind: string; value: string }[] }>('GET', '/demo/presentables')
    // This gate has no keypad.
    const presented = data!.credentials.filter(({ kind }) => kind !== 'pin')
    for (const { kind, value } of presented) await guard.call('POST', '/demo/present', { gate: 'south', [kind]: value })
    await guard.call('POST', '/demo/present', { gate: 'north', lane: 'in', card: '0BADC0FFEE' })
    const row = page.locator('section[aria-label^="Scans"] li')
    // All of them first: a card that is still waiting its turn would take the last decision's place.
    await row
      .filter({ hasText: 'South gate, In' })
      .nth(presented.length - 1)
      .waitFor()
    await row.getByText('Card not known here').first().waitFor()

    await page.getByRole('button', { name: 'Present', exact: true }).click()
    const last = page.getByRole('region', { name: /last decision/i })
    await last.getByText('Granted: Ada Lovelace, North gate, In.').waitFor()
    await keepPicture(page, 'live')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('axe finds nothing on any page, in either theme, on phone and desktop', { timeout: 3 * UP_MS_MAX }, async () => {
    const found: Record<string, string[]> = {}
    for (const [size, theme] of [
      ['desktop', 'light'],
      ['desktop', 'dark'],
      ['phone', 'light'],
      ['phone', 'dark'],
    ] as const) {
      const { page, complaints } = await openPage(browser, size, theme)
      await page.goto(campus.url)
      await page.getByRole('button', { name: /sign in/i }).waitFor()
      found[`sign-in ${size} ${theme}`] = await axe(page)
      await signInAs(page, campus.url, campus.account('super_admin'))
      for (const path of ['/', '/students', '/passes', '/gates', '/events', '/account']) {
        await page.goto(`${campus.url}${path}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('networkidle')
        found[`${path} ${size} ${theme}`] = await axe(page)
        await keepPicture(page, `${path.slice(1) || 'watch'}-${size}-${theme}`)
      }
      found[`complaints ${size} ${theme}`] = [...complaints]
      await page.context().close()
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })

  test('the keyboard is enough to find a student', { timeout: UP_MS_MAX }, async () => {
    const { page } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('school_admin'))
    await page.goto(`${campus.url}/students`)
    await page.getByText('Ada Lovelace', { exact: true }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /search students/i }).waitFor()
    await page.keyboard.type('lovelace')
    await page
      .getByRole('option', { name: /Ada Lovelace/ })
      .first()
      .waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/students\/[0-9a-f-]+/)
    await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
    await page.context().close()
  })

  test('a revoked pass says so on the page', { timeout: UP_MS_MAX }, async () => {
    const { page } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('school_admin'))
    await page.goto(`${campus.url}/students?search=lovelace`)
    await page.getByText('Ada Lovelace', { exact: true }).first().click()
    await page.getByRole('link', { name: 'Open the whole page' }).click()
    await page.getByRole('button', { name: 'Revoke' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill('left the school')
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('Revoked', { exact: true }).first().waitFor()
    await page.context().close()
  })
})
