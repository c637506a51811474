import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openPage, signInAs } from './browser.ts'
import type { Campus } from './campus-process.ts'
import { type Office, openOffice } from './office.ts'
import type { Session } from './session.ts'

/** Passes as the school's office deals with them, in a real browser. */

const UP_MS_MAX = 120_000

needs('chromium')('the pages of passes', () => {
  let office: Office
  let campus: Campus
  let browser: Browser
  let admin: Session
  let page: Page
  let complaints: readonly string[]
  beforeAll(async () => {
    office = await openOffice()
    ;({ campus, browser, admin, page, complaints } = office)
  }, UP_MS_MAX)
  afterAll(() => office?.[Symbol.asyncDispose]())
  const dialog = () => page.getByRole('dialog')

  type Pass = { passId: string; serial: number; expires: string; credentials: { ending: string }[] }
  const passesOf = async (search: string) =>
    (await admin.call<Pass[]>('GET', `/passes?search=${encodeURIComponent(search)}`)).data!

  test('everybody on the list who has none gets a pass, with the numbers first', { timeout: UP_MS_MAX }, async () => {
    const department = (await admin.call<{ id: string }>('POST', '/departments', { name: 'Glassblowing' })).data!.id
    for (let at = 0; at < 12; at++) {
      const student = {
        studentNumber: `MANY-${at}`,
        firstName: 'Johanna',
        lastName: `Many${at}`,
        departmentId: department,
      }
      expect((await admin.call('POST', '/students', student)).status).toBe(201)
    }
    await page.goto(`${campus.url}/students?department=${department}`)
    await page.getByRole('button', { name: 'Issue passes' }).click()
    await dialog().getByText('12 of 12 get a pass').waitFor()
    await keepPicture(page, 'issue-many')
    expect(await axe(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Issue the passes' }).click()
    await dialog().getByText('12 passes are being issued').waitFor()
    await expect.poll(async () => (await passesOf('Many')).length, { timeout: 30_000 }).toBe(12)
    await dialog().getByRole('button', { name: 'Close', exact: true }).last().click()
    await page.getByRole('button', { name: 'Issue passes' }).click()
    await dialog().getByText('0 of 12 get a pass').waitFor()
    await dialog().getByText('12 have one already').waitFor()
    await page.keyboard.press('Escape')
  })

  test('a pass is renewed, its lost card opens nothing, and its history tells both', {
    timeout: UP_MS_MAX,
  }, async () => {
    const [pass] = await passesOf('Many3')
    const card = { technology: 'em4100', bits: '0C00000ABC' }
    expect((await admin.call('POST', `/passes/${pass!.passId}/credentials`, card)).status).toBe(201)
    await page.goto(`${campus.url}/passes?open=${pass!.passId}`)
    const panel = page.getByRole('complementary')
    await panel.getByRole('button', { name: 'Renew' }).click()
    await dialog().getByLabel('Last day').fill('2036-06-30')
    await dialog().getByRole('button', { name: 'Renew' }).click()
    await dialog().waitFor({ state: 'detached' })
    await page.getByText(/^Pass \d+ opens until/).waitFor()
    await panel.getByRole('button', { name: 'Something is lost' }).click()
    await keepPicture(page, 'replace-lost')
    expect(await axe(page)).toEqual([])
    await dialog().getByLabel('What happened').fill('left on the train')
    await dialog().getByRole('button', { name: 'It is lost' }).click()
    await page.getByText('The lost card opens nothing now').waitFor()
    const [after] = await passesOf('Many3')
    expect(after!.credentials).toEqual([])
    expect(Date.parse(after!.expires)).toBeGreaterThan(Date.parse(pass!.expires))
    await panel.getByText('History').click()
    await panel.getByRole('list', { name: 'History of the pass' }).getByText('left on the train').waitFor()
    await keepPicture(page, 'pass-history')
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('axe finds nothing in the dark and on a phone', { timeout: UP_MS_MAX }, async () => {
    const [pass] = await passesOf('Many4')
    const found: string[] = []
    for (const [size, theme] of [
      ['phone', 'dark'],
      ['phone', 'light'],
      ['desktop', 'dark'],
    ] as const) {
      const { page } = await openPage(browser, size, theme)
      await signInAs(page, campus.url, campus.account('school_admin'))
      await page.goto(`${campus.url}/passes?open=${pass!.passId}`)
      await page.getByText('History').click()
      await page.getByRole('list', { name: 'History of the pass' }).getByText('Issued').waitFor()
      found.push(...(await axe(page)))
      await keepPicture(page, `pass-${size}-${theme}`)
      await page.getByRole('button', { name: 'Something is lost' }).click()
      found.push(...(await axe(page)))
      await keepPicture(page, `pass-lost-${size}-${theme}`)
      const over = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
      if (over > 0) found.push(`${over} px too wide on ${size}`)
      await page.context().close()
    }
    expect(found).toEqual([])
  })
})
