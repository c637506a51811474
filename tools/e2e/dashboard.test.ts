import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, openBrowser, openPage, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, ROOT, startCampus, stop } from './campus-process.ts'
import { signIn } from './session.ts'

/** The dashboard in a real browser, in front of a real campus. `GATEHOUSE_PICTURES=1` renews the pictures of the documents. */

const UP_MS_MAX = 120_000
const PICTURES = join(ROOT, 'docs', 'images')
const picture = async (page: { screenshot(options: { path: string }): Promise<unknown> }, name: string) => {
  if (process.env.GATEHOUSE_PICTURES !== '1') return
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

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
    for (const { kind, value } of data!.credentials)
      await guard.call('POST', '/demo/present', { gate: 'south', [kind]: value })
    await guard.call('POST', '/demo/present', { gate: 'north', lane: 'in', card: '0BADC0FFEE' })
    await page.getByText('Card not known here').first().waitFor()

    await page.getByRole('button', { name: 'Present', exact: true }).click()
    const last = page.getByRole('region', { name: /last decision/i })
    await last.getByText('Granted').waitFor()
    await last.getByText('Ada Lovelace').waitFor()
    await last.getByText(/North gate/).waitFor()
    await picture(page, 'live')
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
        await picture(page, `${path.slice(1) || 'live'}-${size}-${theme}`)
      }
      found[`complaints ${size} ${theme}`] = [...complaints]
      await page.context().close()
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })

  test('the keyboard is enough: skip link, search, help', { timeout: UP_MS_MAX }, async () => {
    const { page } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('school_admin'))
    await page.goto(`${campus.url}/students`)
    await page.getByText('Ada Lovelace').waitFor()
    await page.keyboard.press('Control+k')
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

  test('a revoked pass says so on the page and is refused at the gate', { timeout: UP_MS_MAX }, async () => {
    const { page } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('school_admin'))
    await page.goto(`${campus.url}/students?search=lovelace`)
    await page
      .getByRole('link', { name: /Ada Lovelace/ })
      .first()
      .click()
    await page
      .getByRole('button', { name: /revoke/i })
      .first()
      .click()
    await page.getByRole('dialog').getByRole('textbox').fill('left the school')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /revoke/i })
      .click()
    await page.getByText('Revoked').first().waitFor()
    await page.context().close()
  })
})
