import naughty from 'big-list-of-naughty-strings/blns.json' with { type: 'json' }
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { keepPicture, openBrowser, openPage, SIZES, type Size, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn } from './session.ts'

/** Strings that have broken other programs, as names on the screen: text and nothing else. */

const UP_MS_MAX = 120_000
/** Each page that is loaded asks for a new token, and an address may ask so often. */
const PAGES_MAX = 24
/** Those that a page might run, and those that might push it apart or turn it around. */
const isTelling = (text: string) => /[<>{}$`]|javascript|[\u0590-\u08ff\u200b-\u202e\ufeff]|\S{60}/.test(text)

needs('chromium')('naughty names in a browser', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  let admin: Session
  const entered: { readonly id: string; readonly name: string }[] = []
  beforeAll(async () => {
    place = await ground()
    ;[campus, browser] = await Promise.all([startCampus(place), openBrowser()])
    admin = await signIn(campus.url, campus.account('school_admin'))
    for (const [at, text] of naughty.entries()) {
      const made = await admin.call<{ id: string; firstName: string }>('POST', '/students', {
        studentNumber: `NAUGHTY-${String(at).padStart(4, '0')}`,
        firstName: text,
        lastName: '',
      })
      if (made.data !== null) entered.push({ id: made.data.id, name: made.data.firstName })
    }
  }, 2 * UP_MS_MAX)
  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  /** A page that tells what ran in it that should not have. */
  async function opened(size: Size) {
    const { page, complaints } = await openPage(browser, size, 'light')
    const ran: string[] = []
    page.on('dialog', dialog => {
      ran.push(dialog.message())
      void dialog.dismiss()
    })
    page.on('request', request => {
      if (!request.url().startsWith(campus.url) && !request.url().startsWith('data:')) ran.push(request.url())
    })
    await signInAs(page, campus.url, campus.account('school_admin'))
    return { page, complaints, ran }
  }
  const tooWide = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth') as Promise<number>

  test('the list shows each as it was entered, keeps its width, and runs nothing', {
    timeout: 3 * UP_MS_MAX,
  }, async () => {
    expect(entered.length).toBeGreaterThan(400)
    const { page, complaints, ran } = await opened('desktop')
    const shown: string[] = []
    const wide: string[] = []
    for (let at = 1; (at - 1) * 25 < entered.length; at++) {
      await page.goto(`${campus.url}/students?search=NAUGHTY&sort=studentNumber&page=${at}`)
      await page.getByText(`NAUGHTY-`).first().waitFor()
      for (const size of ['desktop', 'phone'] as Size[]) {
        await page.setViewportSize(SIZES[size])
        if ((await tooWide(page)) > 0) wide.push(`page ${at} ${size}`)
      }
      await page.setViewportSize(SIZES.desktop)
      shown.push(...(await page.locator('tbody [data-row]').allTextContents()))
    }
    await keepPicture(page, 'naughty-list')
    expect(shown).toEqual(entered.map(({ name }) => name))
    expect([wide, ran, complaints]).toEqual([[], [], []])
    await page.context().close()
  })

  test('the page of a student shows the name as text, on a phone too', { timeout: 3 * UP_MS_MAX }, async () => {
    const all = entered.filter(({ name }) => isTelling(name))
    const telling = all.filter((_, at) => at % Math.ceil(all.length / PAGES_MAX) === 0)
    expect(telling.length).toBeGreaterThan(10)
    const { page, complaints, ran } = await opened('phone')
    const wrong: unknown[] = []
    for (const { id, name } of telling) {
      await page.goto(`${campus.url}/students/${id}`)
      await page
        .getByText(/NAUGHTY-/)
        .first()
        .waitFor()
      const title = await page.getByRole('heading', { level: 1 }).textContent()
      if (title !== name || (await tooWide(page)) > 0) wrong.push([name, title, await tooWide(page)])
    }
    expect([wrong, ran, complaints]).toEqual([[], [], []])
    await keepPicture(page, 'naughty-student')
    await page.context().close()
  })

  test('what is typed into the search is looked for, and is only text in what is found', {
    timeout: UP_MS_MAX,
  }, async () => {
    const { page, complaints, ran } = await opened('desktop')
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { name: /^Search students/ })
    await field.fill('<script>alert(123)</script>')
    await page.getByRole('option').filter({ hasText: '<script>alert(123)</script>' }).first().waitFor()
    expect([ran, complaints]).toEqual([[], []])
    await page.context().close()
  })
})
