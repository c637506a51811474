import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'

/** A card goes on a pass by what is printed on it, typed in a real browser, in front of a real campus. */

const UP_MS_MAX = 120_000

needs('chromium')('a card that is typed', () => {
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

  async function openDialog(page: Page) {
    await signInAs(page, campus.url, campus.account('school_admin'))
    await page.goto(`${campus.url}/students?search=lovelace`)
    await page.getByText('Ada Lovelace', { exact: true }).first().click()
    await page.getByRole('link', { name: 'Open the whole page' }).click()
    await page.getByRole('button', { name: 'Add a card' }).first().click()
    return page.getByRole('dialog')
  }

  test('by facility code and number is added, once both are numbers of the format', {
    timeout: UP_MS_MAX,
  }, async () => {
    const { page, complaints } = await openPage(browser, 'desktop', 'light')
    const dialog = await openDialog(page)
    await dialog.getByLabel('Kind of card').selectOption('h10301')
    await dialog.getByLabel('Facility code').fill('256')
    await dialog.getByLabel('Card number').fill('4567')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await dialog.getByText('must not be more than 255').waitFor()

    const sent = page.waitForRequest(request => request.url().endsWith('/credentials'))
    await dialog.getByLabel('Facility code').fill('123')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    expect(JSON.parse((await sent).postData()!)).toEqual({ technology: 'h10301', bits: '7b11d7', bitCount: 24 })
    await page.getByText('Card added').waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('each kind is found whole by axe, on phone and desktop, in either theme', {
    timeout: 3 * UP_MS_MAX,
  }, async () => {
    const found: Record<string, string[]> = {}
    for (const [size, theme] of [
      ['desktop', 'light'],
      ['desktop', 'dark'],
      ['phone', 'light'],
      ['phone', 'dark'],
    ] as const) {
      const { page, complaints } = await openPage(browser, size, theme)
      const dialog = await openDialog(page)
      for (const kind of ['em4100', 'h10301', 'h10302', 'raw']) {
        await dialog.getByLabel('Kind of card').selectOption(kind)
        found[`${kind} ${size} ${theme}`] = await axe(page)
        await keepPicture(page, `type-${kind}-${size}-${theme}`)
      }
      await dialog.getByLabel('Kind of card').selectOption('h10301')
      await dialog.getByLabel('Facility code').fill('256')
      await dialog.getByLabel('Card number').fill('70000')
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.getByText('must not be more than 255').waitFor()
      found[`refused ${size} ${theme}`] = await axe(page)
      await keepPicture(page, `type-refused-${size}-${theme}`)
      found[`complaints ${size} ${theme}`] = [...complaints]
      await page.context().close()
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })
})
