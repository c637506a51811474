import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENT, startIssuer } from '../../cloud/src/testing/issuers.ts'
import { needs } from '../needs.ts'
import { axe, keepPicture, openPage, SIZES, type Size, signInAs } from './browser.ts'
import type { Campus } from './campus-process.ts'
import { type Office, openOffice } from './office.ts'
import { type Session, signIn } from './session.ts'

/** People, departments, duplicates, the school and the search, as an administrator goes through them in a real browser. */

const UP_MS_MAX = 120_000

needs('chromium')('the pages of people and the school', () => {
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

  const go = (path: string) => page.goto(`${campus.url}${path}`)
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
  const dialog = () => page.getByRole('dialog')
  const userNamed = async (name: string) =>
    (
      await admin.call<{ id: string; role: string; active: boolean; grants: string[] }[]>(
        'GET',
        `/users?search=${encodeURIComponent(name)}`,
      )
    ).data![0]

  test('somebody is entered, given another role with what it means, shut out and let in again', {
    timeout: UP_MS_MAX,
  }, async () => {
    await go('/users')
    await press('Enter somebody')
    await dialog().getByLabel('Name').fill('Marieke de Graaf')
    await dialog().getByLabel('E-mail').fill('marieke@hillside.example')
    await dialog()
      .getByLabel(/^Sees and changes personal data/)
      .check()
    await dialog().getByRole('button', { name: 'Enter and mail the link' }).click()
    await page.getByText('a mail with a link is on its way').waitFor()
    expect(await userNamed('marieke')).toMatchObject({ role: 'staff', grants: ['pii:read'], active: true })

    await go('/users?role=staff')
    await page.getByRole('link', { name: 'Marieke de Graaf' }).click()
    await page.getByRole('complementary').getByText('Sees personal data of students').waitFor()
    await press('Change')
    await dialog().getByLabel('Role', { exact: true }).selectOption('security')
    await dialog()
      .getByText(/Their sessions end at once, sight of personal data falls away/)
      .waitFor()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByText('Became security', { exact: false }).waitFor()
    expect(await userNamed('marieke')).toMatchObject({ role: 'security', grants: [] })

    await press('Take access away')
    await dialog()
      .getByText(/signed out at once everywhere/)
      .waitFor()
    await dialog().getByRole('button', { name: 'Take access away' }).click()
    await page.getByText('Cannot sign in', { exact: true }).waitFor()
    expect(await userNamed('marieke')).toMatchObject({ active: false })
    await go('/users?active=false')
    await page.getByRole('link', { name: 'Marieke de Graaf' }).click()
    await press('Give access back')
    await dialog().getByRole('button', { name: 'Give access back' }).click()
    await page.getByText('Can sign in', { exact: true }).waitFor()
  })

  test('signing somebody out everywhere says how many sessions ended; deleting takes them off the list', {
    timeout: UP_MS_MAX,
  }, async () => {
    const guard = await signIn(campus.url, campus.account('security'))
    const { id } = (await userNamed(campus.account('security').email))!
    await go(`/users?open=${id}`)
    await press('Sign out everywhere')
    await page.getByText(/session(s)? ended/).waitFor()
    expect((await guard.call('GET', '/auth/me')).status).toBe(401)

    const made = await admin.call<{ id: string }>('POST', '/users', {
      email: 'gone@hillside.example',
      displayName: 'Soon Gone',
      role: 'facilities',
    })
    await go(`/users?open=${made.data!.id}`)
    await press('Delete')
    await dialog().getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('Soon Gone deleted').waitFor()
    await page.getByRole('complementary').waitFor({ state: 'detached' })
    expect(await userNamed('Soon Gone')).toBeUndefined()
  })

  test('your own role and access are not yours to change', { timeout: UP_MS_MAX }, async () => {
    const { id } = (await userNamed(campus.account('school_admin').email))!
    await go(`/users?open=${id}`)
    await press('Change')
    await dialog().getByText('Your own role is changed by another administrator.').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('button', { name: 'Take access away' }).count()).toBe(0)
  })

  test('a department is made, renamed and deleted, and its students go where it was said', {
    timeout: UP_MS_MAX,
  }, async () => {
    await go('/settings/departments')
    await press('New department')
    await dialog().getByLabel('Name').fill('Botany')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Botany' }).click()
    await dialog().getByLabel('Name').fill('Physics')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().getByText('There is a department with this name already.').waitFor()
    await dialog().getByLabel('Name').fill('Biology')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Biology' }).waitFor()

    const departments = await admin.call<{ id: string; name: string }[]>('GET', '/departments')
    const idOf = (name: string) => departments.data!.find(each => each.name === name)!.id
    const { data: student } = await admin.call<{ id: string }>('POST', '/students', {
      studentNumber: 'BIO-1',
      firstName: 'Bea',
      lastName: 'Botanist',
      departmentId: idOf('Biology'),
    })
    await page.reload()
    await page.getByRole('link', { name: 'Biology' }).click()
    await press('Delete …')
    await dialog().getByText('1 student in it. Say where they go.').waitFor()
    await dialog().getByLabel('Students go to').selectOption({ label: 'Physics' })
    await press('Delete and move 1 student')
    await page.getByText('Biology deleted, 1 student moved to Physics').waitFor()
    const moved = await admin.call<{ department: { name: string } }>('GET', `/students/${student!.id}`)
    expect(moved.data!.department.name).toBe('Physics')
  })

  test('two entries of one student are compared, and merged as it was chosen', { timeout: UP_MS_MAX }, async () => {
    const twin = { firstName: 'Twice', lastName: 'Entered', birthDate: '2006-06-06' }
    const enter = async (fields: object) =>
      (await admin.call<{ id: string }>('POST', '/students', { ...twin, ...fields })).data!.id
    const one = await enter({ studentNumber: 'TW-1', phone: '0612345678' })
    const other = await enter({ studentNumber: 'TW-2', notes: 'Uses the lift' })
    const { data: groups } = await admin.call<{ number: number }[]>('GET', '/groups')
    const days = { notBefore: '2026-01-01T00:00:00Z', expires: '2036-01-01T00:00:00Z' }
    await admin.call('POST', '/passes', { studentId: other, groups: [groups![0]!.number], ...days })

    await go('/students')
    await page.getByRole('link', { name: 'Duplicates' }).click()
    await page.getByRole('link', { name: 'Compare TW-2 with TW-1' }).click()
    await page.getByText('1 pass with no cards moves over and goes on opening.').waitFor()
    await page.getByText('Changes: notes.').waitFor()
    await page.getByRole('group', { name: 'Student number' }).getByLabel('TW-2').check()
    await page.getByText('Changes: student number, notes.').waitFor()
    await press('Merge …')
    await dialog().getByText('A merge cannot be undone.').waitFor()
    await press('Merge for good')
    await page.getByRole('heading', { name: 'Twice Entered' }).waitFor()
    const merged = await admin.call('GET', `/students/${one}`)
    expect(merged.data).toMatchObject({
      studentNumber: 'TW-2',
      phone: '+31612345678',
      notes: 'Uses the lift',
      passCount: 1,
    })
    expect((await admin.call('GET', `/students/${other}`)).status).toBe(404)
  })

  test('students are ticked in the list, also one that the list no longer shows, and invited together', {
    timeout: UP_MS_MAX,
  }, async () => {
    await go('/students?search=Franklin')
    await page.getByLabel('Tick Rosalind Franklin').check()
    await page.getByRole('searchbox').fill('Krishnamurthy')
    await page.getByLabel('Tick Ravi Krishnamurthy').check()
    await page.getByText('2 students ticked').waitFor()
    await press('Invite them')
    await dialog().getByRole('button', { name: 'On paper' }).click()
    await dialog().getByText('2 of 2 will be invited').waitFor()
    await press('Make the codes')
    await dialog().getByText('It goes on in the background.').waitFor()
    const invited = async () =>
      (await admin.call<{ student: { name: string } }[]>('GET', '/invitations')).data!.map(each => each.student.name)
    await expect
      .poll(async () => (await invited()).toSorted(), { timeout: 60_000 })
      .toEqual(['Ravi Krishnamurthy', 'Rosalind Franklin'])
  })

  test('the school says how it is called and who needs a second factor; what is wrong is said at its field', {
    timeout: UP_MS_MAX,
  }, async () => {
    await go('/settings/school')
    const school = page.getByRole('region', { name: 'The school', exact: true })
    await school.getByLabel('What a student number looks like').fill('(')
    await school.getByRole('button', { name: 'Save' }).click()
    await school.getByRole('alert').waitFor()
    await school.getByLabel('What a student number looks like').fill('^[A-Z]{2,3}-?\\d{1,6}$')
    await school.getByLabel('Graduated').fill('14')
    await school.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    const settings = await admin.call('GET', '/settings/school')
    expect(settings.data).toMatchObject({
      studentNumberPattern: '^[A-Z]{2,3}-?\\d{1,6}$',
      graceDays: { inactive: 0, graduated: 14 },
    })
    const factor = page.getByRole('region', { name: 'Second factor' })
    await factor.getByLabel('Security').check()
    await factor.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved; it counts at once').waitFor()
    expect((await admin.call('GET', '/settings/sign-in')).data).toMatchObject({ secondFactorFor: ['security'] })
  })

  test('the school’s own sign-on is set up, tried without anybody signed in, and switched off', {
    timeout: UP_MS_MAX,
  }, async () => {
    await go('/settings/school')
    const part = page.getByRole('region', { name: 'The school’s own sign-on' })
    const callback = await part.locator('code').textContent()
    expect(callback).toBe(`${campus.url}/auth/oidc/${admin.tenant}/callback`)
    await using issuer = await startIssuer(callback!)
    issuer.person = { sub: 'n1', email: 'new@hillside.example', email_verified: true, name: 'New Colleague' }
    await part.getByRole('button', { name: 'Set up' }).click()
    await dialog().getByLabel('Issuer', { exact: true }).fill(issuer.issuer)
    await dialog().getByLabel('Client id').fill(CLIENT.clientId)
    await dialog().getByLabel('Client secret').fill(CLIENT.clientSecret)
    await dialog().getByLabel('Domains of the school').fill('hillside.example')
    await dialog().getByLabel('Whom nobody has entered yet is').selectOption('facilities')
    await press('Add a group')
    await dialog().getByLabel('Group 1', { exact: true }).fill('guards')
    await dialog().getByLabel('Role of group 1').selectOption('security')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await part.getByText('guards: security').waitFor()

    const [tried] = await Promise.all([
      page.context().waitForEvent('page'),
      part.getByRole('link', { name: 'Try it' }).click(),
    ])
    await tried.getByText('You would be let in as: Facilities.').waitFor()
    await keepPicture(tried, 'sign-on-trial')
    expect(await axe(tried)).toEqual([])
    await tried.close()
    expect(await userNamed('new@hillside.example')).toBeUndefined()
    // Whoever tried it is still who they were.
    await page.reload()
    await part.getByRole('button', { name: 'Switch off' }).click()
    await dialog().getByRole('button', { name: 'Switch off' }).click()
    await part.getByRole('button', { name: 'Set up' }).waitFor()
    expect((await admin.call('GET', '/settings/sign-in')).data).toMatchObject({
      signOn: null,
      secondFactorFor: ['security'],
    })
  })

  test('an access key of anybody is seen with its owner, and ended', { timeout: UP_MS_MAX }, async () => {
    const staff = await signIn(campus.url, campus.account('staff'))
    await staff.call('POST', '/auth/access-keys', { name: 'Old screen', scopes: ['feed:read'], days: 7 })
    await go('/settings/school')
    const keys = page.getByRole('region', { name: 'Access keys of everybody' })
    await keys.getByRole('button', { name: /^End key Old screen of / }).click()
    await press('End the key')
    await page.getByText('Key Old screen ended').waitFor()
    expect((await staff.call<unknown[]>('GET', '/auth/access-keys')).data).toEqual([])
  })

  test('Ctrl K finds by kind with the keyboard alone, and says when nothing fits or nobody answers', {
    timeout: UP_MS_MAX,
  }, async () => {
    await go('/students')
    await page.getByRole('table').waitFor()
    const asked: string[] = []
    page.on('request', request => request.url().includes('/search?') && asked.push(request.url()))
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { name: /^Search students/ })
    await page.locator('[role="combobox"]:focus').waitFor()
    await page.keyboard.type('lovelace')
    await page.getByRole('group', { name: 'Students' }).getByRole('option').first().waitFor()
    await page.getByRole('group', { name: 'Passes' }).getByRole('option').first().waitFor()
    await page.getByRole('group', { name: 'People' }).getByRole('option').first().waitFor()
    expect(asked.length).toBeLessThan('lovelace'.length)
    expect(await axe(page)).toEqual([])
    await keepPicture(page, 'search')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/users\?open=/)
    await page.getByRole('complementary', { name: 'Ada Lovelace' }).waitFor()

    await page.keyboard.press('Control+k')
    await field.fill('zzzzzz')
    await page.getByText('Nothing fits.').waitFor()
    await page.route('**/api/v1/search?*', route => route.abort())
    await field.fill('adalovelace')
    await page.getByText('The service does not answer.').waitFor()
    await page.unroute('**/api/v1/search?*')
    await page.keyboard.press('Escape')
  })

  test('who may not does not see it', { timeout: UP_MS_MAX }, async () => {
    const { page: staff } = await openPage(browser, 'desktop', 'light')
    await signInAs(staff, campus.url, campus.account('staff'))
    const side = staff.getByRole('navigation', { name: 'Sections' })
    expect(await side.getByRole('link', { name: 'People' }).count()).toBe(0)
    expect(await side.getByRole('link', { name: 'School', exact: true }).count()).toBe(0)
    for (const path of ['/users', '/settings/school', '/students/a/merge/b']) {
      await staff.goto(`${campus.url}${path}`)
      await staff.getByText('This part is not for your role').waitFor()
    }
    await staff.goto(`${campus.url}/settings/departments`)
    await staff.getByRole('table').waitFor()
    expect(await staff.getByRole('button', { name: 'New department' }).count()).toBe(0)
    await staff.context().close()
  })

  test('axe finds nothing on any of them, in either theme, on phone and desktop, and nothing is too wide', {
    timeout: 3 * UP_MS_MAX,
  }, async () => {
    const found: Record<string, string[]> = {}
    const enter = async (number: string) =>
      (
        await admin.call<{ id: string }>('POST', '/students', {
          studentNumber: number,
          firstName: 'Johanna Wilhelmina',
          lastName: 'van der Heijden-Schoonderwoerd',
          birthDate: '2005-05-17',
        })
      ).data!.id
    const [one, other] = [await enter('AXE-1'), await enter('AXE-2')]
    const { id } = (await userNamed(campus.account('staff').email))!
    const paths = [
      '/users',
      `/users?open=${id}`,
      '/settings/departments',
      '/settings/school',
      '/students/duplicates',
      `/students/${one}/merge/${other}`,
    ]
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      for (const size of ['phone', 'desktop'] as Size[]) {
        await page.setViewportSize(SIZES[size])
        for (const path of paths) {
          await go(path)
          await page.getByRole('heading', { level: 1 }).waitFor()
          await page.waitForLoadState('networkidle')
          found[`${path} ${size} ${theme}`] = await axe(page)
          await keepPicture(page, `${path.split('/').slice(1, 3).join('-').split('?')[0]}-${size}-${theme}`)
          const over = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          if (Number(over) > 0) found[`width of ${path} ${size}`] = [`${over} px too wide`]
        }
      }
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
    expect(complaints).toEqual([])
  })
})
