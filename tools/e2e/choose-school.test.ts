import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, type Size, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn } from './session.ts'

/** Somebody who administers several schools, in a real browser. */

const UP_MS_MAX = 120_000
const LONG = 'Gemeentelijk Lyceum Johanna Wilhelmina van der Heijden-Schoonderwoerd aan de Oude Rijn'

needs('chromium')('an administrator of several schools', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  let everywhere: Session
  beforeAll(async () => {
    place = await ground()
    ;[campus, browser] = await Promise.all([startCampus(place), openBrowser()])
    everywhere = await signIn(campus.url, campus.account('super_admin'))
    const school = { name: LONG, tenant: 'oude-rijn', timeZone: 'Europe/Amsterdam', country: 'NL' }
    expect((await everywhere.call('POST', '/schools', school)).status).toBe(201)
  }, UP_MS_MAX)
  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  test('chooses one, sees that one only, watches it live, and goes to another', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('super_admin'), page.getByText('Which one is this about?'))
    await page.getByRole('button', { name: LONG }).click()
    await page.goto(`${campus.url}/students`)
    // Over a new page too: the choice is this tab's.
    await page.getByRole('navigation', { name: 'Sections' }).getByText(LONG).waitFor()
    await page.getByRole('heading', { name: 'Students', level: 1 }).waitFor()
    await page.getByText('No students yet').waitFor()

    await page.getByRole('button', { name: /^Me:/ }).click()
    await page.getByRole('menuitem', { name: 'Another school' }).click()
    const hillside = page.getByRole('list', { name: 'Schools' }).getByRole('button').filter({ hasNotText: LONG })
    await hillside.click()
    await page.getByRole('link', { name: 'Ada Lovelace', exact: true }).waitFor()
    await page.goto(`${campus.url}/live`)
    await page.getByText('Both gates online').waitFor()
    const guard = await signIn(campus.url, campus.account('security'))
    await guard.call('POST', '/demo/present', { gate: 'north', lane: 'in', card: '0BADC0FFEE' })
    await page.locator('section[aria-label^="Scans"] li').getByText('Card not known here').first().waitFor()
    const admin = await signIn(campus.url, campus.account('school_admin'))
    const entered = await admin.call<{ by: { name: string } }[]>('GET', '/audit?action=school.entered')
    expect(entered.data!.length).toBeGreaterThan(0)
    expect(complaints).toEqual([])
  })

  test('axe finds nothing on the choice, in either theme, on phone and desktop, and nothing is too wide', {
    timeout: UP_MS_MAX,
  }, async () => {
    const found: string[] = []
    for (const size of ['phone', 'desktop'] as const satisfies readonly Size[]) {
      for (const theme of ['light', 'dark'] as const) {
        const { page } = await openPage(browser, size, theme)
        await signInAs(page, campus.url, campus.account('super_admin'), page.getByText('Which one is this about?'))
        await page.getByRole('button', { name: LONG }).waitFor()
        found.push(...(await axe(page)))
        await keepPicture(page, `choose-school-${size}-${theme}`)
        const over = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
        if (over > 0) found.push(`${over} px too wide on ${size}`)
        await page.context().close()
      }
    }
    expect(found).toEqual([])
  })
})
