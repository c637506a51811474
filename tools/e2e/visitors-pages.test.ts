import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openPage, signInAs } from './browser.ts'
import type { Campus } from './campus-process.ts'
import { type Office, openOffice } from './office.ts'
import type { Session } from './session.ts'

/** Visitors as the reception receives them, and passes renewed by the thousand, in a real browser. */

const UP_MS_MAX = 120_000

needs('chromium')('the pages of visitors', () => {
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
  const panel = () => page.getByRole('complementary')

  type Seen = { id: string; host: { name: string }; visit: { state: string; escort: boolean; passId: string } | null }
  const visitors = async (search: string) =>
    (await admin.call<Seen[]>('GET', `/visitors?search=${encodeURIComponent(search)}`)).data!

  test('a visitor is received: host, how long, escort, and the code at once', { timeout: UP_MS_MAX }, async () => {
    await page.goto(`${campus.url}/visitors`)
    await page.getByRole('button', { name: 'New visitor' }).first().click()
    await dialog().getByLabel('First name').fill('Vera')
    await dialog().getByLabel('Last name').fill('Rubin')
    await dialog().getByLabel('Organisation').fill('Carnegie Institution')
    await dialog().getByLabel('Purpose').fill('Dark matter')
    await dialog().getByRole('button', { name: 'Another host' }).click()
    await dialog().getByLabel('Host').fill('a')
    await dialog().getByRole('list', { name: 'Hosts found' }).getByRole('button').first().click()
    await dialog().getByLabel('How long').selectOption('date')
    await dialog().getByLabel('Only with somebody who belongs here').check()
    await keepPicture(page, 'new-visitor')
    expect(await axe(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Enter and issue the pass' }).click()
    await dialog().getByText('Vera Rubin').waitFor()
    await keepPicture(page, 'visitor-code')
    await dialog().getByRole('button', { name: 'Close', exact: true }).last().click()
    const [vera] = await visitors('rubin')
    expect(vera).toMatchObject({ visit: { state: 'expected', escort: true } })
    await panel().getByText(vera!.host.name).waitFor()
    await keepPicture(page, 'visitor')
    expect(await axe(page)).toEqual([])
    await panel()
      .getByRole('link', { name: /^Pass \d+$/ })
      .click()
    await panel().getByText('only with somebody who belongs here').waitFor()
    expect(await axe(page)).toEqual([])
  })

  test('the visit is ended, the pass opens nothing, and the visitor may come again', {
    timeout: UP_MS_MAX,
  }, async () => {
    const [vera] = await visitors('rubin')
    await page.goto(`${campus.url}/visitors?open=${vera!.id}`)
    await panel().getByRole('button', { name: 'End the visit' }).click()
    await keepPicture(page, 'end-visit')
    expect(await axe(page)).toEqual([])
    await dialog().getByRole('button', { name: 'End the visit' }).click()
    await page.getByText('The visit of Vera Rubin is over').waitFor()
    const pass = await admin.call<{ status: string }>('GET', `/passes/${vera!.visit!.passId}`)
    expect(pass.data!.status).toBe('revoked')
    await page.getByRole('button', { name: 'Over' }).click()
    await page.getByRole('table', { name: 'Visitors' }).getByText('Vera Rubin').waitFor()
    await page.goto(`${campus.url}/visitors?open=${vera!.id}`)
    await panel().getByRole('button', { name: 'Another visit' }).click()
    await dialog().getByLabel('How long').selectOption('2')
    expect(await axe(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Issue the pass' }).click()
    await page.getByText('has a pass for another visit').waitFor()
    await panel().getByRole('list', { name: 'Visits before' }).getByRole('listitem').first().waitFor()
    await panel().getByRole('button', { name: 'Change' }).click()
    await dialog().getByLabel('Purpose').fill('Galaxies')
    await dialog().getByRole('button', { name: 'Change', exact: true }).click()
    await panel().getByText('Galaxies').waitFor()
    expect(complaints).toEqual([])
  })

  test('passes that end soon are renewed together, with the reasons of the others first', {
    timeout: UP_MS_MAX,
  }, async () => {
    const department = (await admin.call<{ id: string }>('POST', '/departments', { name: 'Weaving' })).data!.id
    const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
    for (let at = 0; at < 6; at++) {
      const student = {
        studentNumber: `RENEW-${at}`,
        firstName: 'Ida',
        lastName: `Renew${at}`,
        departmentId: department,
      }
      const studentId = (await admin.call<{ id: string }>('POST', '/students', student)).data!.id
      const pass = await admin.call('POST', '/passes', { studentId, groups: [0], expires: soon })
      expect(pass.status).toBe(201)
    }
    type Pass = { passId: string; expires: string }
    const passes = async () => (await admin.call<Pass[]>('GET', '/passes?search=Renew')).data!
    const [stopped] = await passes()
    await admin.call('POST', `/passes/${stopped!.passId}/suspension`, { note: 'for a week' })
    await page.goto(`${campus.url}/passes`)
    await page.getByRole('button', { name: 'Renew passes' }).click()
    await dialog().getByLabel('Department').selectOption({ label: 'Weaving' })
    await dialog().getByText('5 of 6 are renewed').waitFor()
    await dialog().getByText('1 is suspended or lost').waitFor()
    await dialog().getByText('Which are not').click()
    await keepPicture(page, 'renew-many')
    expect(await axe(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Renew the passes' }).click()
    await dialog().getByText('5 passes are being renewed').waitFor()
    const later = async () => (await passes()).filter(({ expires }) => expires > soon).length
    await expect.poll(later, { timeout: 30_000 }).toBe(5)
    await page.keyboard.press('Escape')
    await page.goto(`${campus.url}/passes?search=Renew`)
    await page
      .getByRole('checkbox', { name: /^Tick pass/ })
      .first()
      .check()
    await page.getByRole('button', { name: 'Renew them' }).click()
    await dialog()
      .getByText(/of 1 are renewed/)
      .waitFor()
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('axe finds nothing in the dark and on a phone, and nothing is too wide', { timeout: UP_MS_MAX }, async () => {
    const [vera] = await visitors('rubin')
    const found: string[] = []
    for (const [size, theme] of [
      ['phone', 'dark'],
      ['phone', 'light'],
      ['desktop', 'dark'],
    ] as const) {
      const { page } = await openPage(browser, size, theme)
      const over = async (where: string) => {
        const px = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
        if (px > 0) found.push(`${where} is ${px} px too wide on ${size}`)
      }
      await signInAs(page, campus.url, campus.account('school_admin'))
      await page.goto(`${campus.url}/visitors`)
      await page.getByRole('table', { name: 'Visitors' }).waitFor()
      found.push(...(await axe(page)))
      await over('the list')
      await keepPicture(page, `visitors-${size}-${theme}`)
      await page.getByRole('button', { name: 'New visitor' }).first().click()
      await page.getByRole('dialog').getByLabel('First name').waitFor()
      found.push(...(await axe(page)))
      await over('the form')
      await keepPicture(page, `new-visitor-${size}-${theme}`)
      await page.goto(`${campus.url}/visitors?open=${vera!.id}`)
      await page.getByRole('button', { name: 'End the visit' }).waitFor()
      found.push(...(await axe(page)))
      await over('a visitor')
      await keepPicture(page, `visitor-${size}-${theme}`)
      await page.goto(`${campus.url}/passes`)
      await page.getByRole('button', { name: 'Renew passes' }).click()
      await page.getByText(/are renewed/).waitFor()
      found.push(...(await axe(page)))
      await over('renewing')
      await keepPicture(page, `renew-many-${size}-${theme}`)
      await page.context().close()
    }
    expect(found).toEqual([])
  })
})
