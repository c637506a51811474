import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openPage, signInAs } from './browser.ts'
import type { Campus } from './campus-process.ts'
import { type Office, openOffice } from './office.ts'
import { type Session, signIn } from './session.ts'

/** A school writes what it asks of who applies, and an applicant is asked it, in a real browser. */

const UP_MS_MAX = 120_000

type Form = {
  version: number
  title: string
  fields: { id: string; label: string; kind: string; required: boolean; choices: string[] }[]
  eligibility: { reason: string; when: unknown }[]
}

needs('chromium')('the page of the application form', () => {
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
  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).click()
  const questions = () => page.getByRole('list', { name: 'Questions' }).getByRole('listitem')
  const form = async () => (await admin.call<Form>('GET', '/application-form')).data!

  test('a question with choices and a rule are written, put in order and saved as a new version', {
    timeout: UP_MS_MAX,
  }, async () => {
    await page.goto(`${campus.url}/settings/application-form`)
    await press('Add a question')
    await dialog().getByLabel('Question', { exact: true }).fill('Where do you live?')
    await dialog().getByLabel('Answer').selectOption({ label: 'One of several choices' })
    await dialog().getByLabel('Choices').fill('On campus\nIn town')
    await dialog()
      .getByLabel(/^Required/)
      .check()
    await keepPicture(page, 'form-question')
    expect(await axe(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Add' }).click()
    await page.getByRole('region', { name: 'As applicants see it' }).getByLabel('Where do you live?').waitFor()

    // By keyboard to the top: the hand stays on the question, also where it can go no further.
    const up = page.getByRole('button', { name: 'Move up: Where do you live?' })
    await up.focus()
    for (let left = (await questions().count()) - 1; left > 0; left--) await page.keyboard.press('Enter')
    expect(await questions().first().innerText()).toContain('Where do you live?')
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Move down: Where do you live?')

    await press('Take away: Is there anything we should know?')
    await page.getByText('“Is there anything we should know?” taken away').waitFor()
    await press('Undo')
    await questions().filter({ hasText: 'Is there anything we should know?' }).waitFor()

    await press('Add a rule')
    const rules = page.getByRole('list', { name: 'Rules' })
    await rules.getByLabel('What').selectOption({ label: 'Where do you live?' })
    await rules.getByLabel('Value').selectOption('On campus')
    await press('Save')
    // The reason is missing: it says so where it belongs, and the hand goes there.
    await rules.getByText('say it in a few words').waitFor()
    expect(await page.locator(':focus').getAttribute('placeholder')).toBe('Only students of Physics')
    expect((await form()).version).toBe(1)
    await rules.getByLabel('Reason, for the reviewer').fill('Only who lives on campus')
    expect(await rules.getByText('say it in a few words').count()).toBe(0)
    await keepPicture(page, 'form')
    expect(await axe(page)).toEqual([])
    await press('Save')
    await page.getByText('Version 2 of the form saved').waitFor()

    const saved = await form()
    expect(saved.fields[0]).toMatchObject({
      id: 'whereDoYouLive',
      kind: 'choice',
      required: true,
      choices: ['On campus', 'In town'],
    })
    expect(saved.eligibility).toEqual([
      { reason: 'Only who lives on campus', when: { of: 'whereDoYouLive', equals: 'On campus' } },
    ])
    expect(complaints).toEqual([])
  })

  test('an applicant is asked it on a phone, and the reviewer reads the reason of the rule', {
    timeout: UP_MS_MAX,
  }, async () => {
    const phone = await openPage(browser, 'phone', 'dark')
    await signInAs(phone.page, campus.url, campus.account('student'))
    await phone.page.goto(`${campus.url}/apply`)
    await phone.page
      .getByRole('button', { name: /^Apply|^Begin|^New/ })
      .first()
      .click()
    const asked = phone.page.getByLabel('Where do you live?')
    await asked.selectOption('In town')
    await phone.page.getByText('Saved', { exact: true }).waitFor()
    await keepPicture(phone.page, 'form-asked')
    expect(phone.complaints).toEqual([])

    const ada = await signIn(campus.url, campus.account('student'))
    const [mine] = (await ada.call<{ id: string }[]>('GET', '/my/applications')).data!
    const answers = { studentNumber: '2026-0001', birthDate: '2005-05-17' }
    expect((await ada.call('PATCH', `/my/applications/${mine!.id}`, { answers })).status).toBe(200)
    expect((await ada.call('POST', `/my/applications/${mine!.id}/submission`)).status).toBeLessThan(300)
    type Seen = { checks: { kind: string; state: string }[] }
    const eligibility = async () =>
      (await admin.call<Seen>('GET', `/applications/${mine!.id}`)).data!.checks.find(
        ({ kind }) => kind === 'eligibility',
      )!.state
    await expect.poll(eligibility, { timeout: 30_000 }).toBe('attention')
    await page.goto(`${campus.url}/applications/${mine!.id}`)
    await page.getByText('Only who lives on campus').waitFor()
    await phone.page.context().close()
  })

  test('what somebody else saved meanwhile is said, and neither is lost without being asked', {
    timeout: UP_MS_MAX,
  }, async () => {
    await page.goto(`${campus.url}/settings/application-form`)
    await page.getByLabel('Title').fill('Mine')
    const { version, ...theirs } = await form()
    expect((await admin.call('PUT', '/application-form', { ...theirs, title: 'Theirs' })).status).toBe(200)
    await press('Save')
    await page.getByText('Somebody else has saved the form meanwhile', { exact: false }).waitFor()
    expect(await page.getByLabel('Title').inputValue()).toBe('Mine')
    expect(await form()).toMatchObject({ version: version + 1, title: 'Theirs' })
    await press('Go on with mine')
    await press('Save')
    await page.getByText(`Version ${version + 2} of the form saved`).waitFor()
    expect((await form()).title).toBe('Mine')

    await page.getByLabel('Title').fill('Not saved')
    await page.getByRole('link', { name: 'Terms' }).click()
    await dialog().getByText('It is lost when you leave').waitFor()
    await dialog().getByRole('button', { name: 'Stay' }).click()
    expect(await page.getByLabel('Title').inputValue()).toBe('Not saved')
    await press('Drop my changes')
    expect(await page.getByLabel('Title').inputValue()).toBe('Mine')
    expect(complaints).toEqual([])
  })

  test('a hundred questions with long words fit a phone in the dark, and who may not change it reads it', {
    timeout: UP_MS_MAX,
  }, async () => {
    const { version: _, ...content } = await form()
    const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
    const fields = Array.from({ length: 100 - content.fields.length }, (_, at) => ({
      id: `more${at}`,
      label: `${long} ${at}`,
      kind: 'text',
    }))
    const deep = {
      and: [{ of: 'student.status', in: ['active', 'inactive'] }, { not: { of: 'more1', answered: true } }],
    }
    const put = await admin.call('PUT', '/application-form', {
      ...content,
      fields: [...content.fields, ...fields],
      eligibility: [...content.eligibility, { reason: 'By a program', when: deep }],
    })
    expect(put.status).toBe(200)
    const phone = await openPage(browser, 'phone', 'dark')
    await signInAs(phone.page, campus.url, campus.account('staff'))
    await phone.page.goto(`${campus.url}/settings/application-form`)
    await phone.page.getByText('An administrator of the school can change it').waitFor()
    expect(await phone.page.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0)
    await phone.page.getByText('It was written over the API and stays as it is.').waitFor()
    expect(await phone.page.locator('html').evaluate(one => one.scrollWidth)).toBe(390)
    await keepPicture(phone.page, 'form-phone')
    expect(await axe(phone.page)).toEqual([])
    expect(phone.complaints).toEqual([])
    await phone.page.context().close()

    // Saved by hand, what is deeper than rows is still what it was.
    await page.goto(`${campus.url}/settings/application-form`)
    await page.getByLabel('Title').fill('By hand')
    await press('Save')
    await page.getByText(/^Version \d+ of the form saved/).waitFor()
    expect((await form()).eligibility.at(-1)).toEqual({ reason: 'By a program', when: deep })
    await keepPicture(page, 'form-long')
  })
})
