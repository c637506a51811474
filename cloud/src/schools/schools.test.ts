import { afterAll, beforeAll, expect, test } from 'vitest'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'

onBothEngines('schools', engine => {
  let it: People
  let asSuper: People['call']
  beforeAll(async () => {
    it = await people(await engine.fresh())
    asSuper = it.as(await it.superAdmin())
  })
  afterAll(() => it[Symbol.asyncDispose]())

  const entered = { name: 'Valley School', tenant: 'valley-school', timeZone: 'Europe/Lisbon', country: 'PT' }

  test('are a super_admin’s to enter, list, rename; nobody else’s', async () => {
    const made = await asSuper('POST', '/schools', entered)
    expect([made.status, made.body.data]).toMatchObject([201, { ...entered, version: 1, deactivatedAt: null }])
    expect((await asSuper('POST', '/schools', entered)).body.error.code).toBe('tenant_taken')
    expect((await asSuper('GET', '/schools?search=valley')).body.data).toMatchObject([{ tenant: 'valley-school' }])
    const renamed = await asSuper(
      'PATCH',
      `/schools/${made.body.data.id}`,
      { name: 'Valley College' },
      { 'if-match': '"1"' },
    )
    expect(renamed.body.data).toMatchObject({ name: 'Valley College', version: 2 })
    const late = await asSuper('PATCH', `/schools/${made.body.data.id}`, { name: 'x' }, { 'if-match': '"1"' })
    expect(late.body.error.code).toBe('changed_meanwhile')
    for (const [method, path] of [
      ['GET', '/schools'],
      ['GET', `/schools/${it.school.schoolId}`],
      ['PATCH', `/schools/${it.school.schoolId}`],
    ] as const) {
      expect([path, (await it.call(method, path, method === 'PATCH' ? {} : undefined)).status]).toEqual([path, 403])
    }
    for (const wrong of [{ timeZone: 'Mars/Olympus' }, { tenant: 'No Blanks' }, { country: 'Portugal' }, { more: 1 }]) {
      expect((await asSuper('POST', '/schools', { ...entered, tenant: 'other-one', ...wrong })).status).toBe(422)
    }
  })

  test('deactivated, nobody of it is let in; reactivated, those who were', async () => {
    const { schoolId } = it.school
    const staff = it.as(await it.cloud.signIn(it.school, 'staff'))
    const [guard] = (await it.call('GET', '/users?role=security')).body.data
    await it.call('PATCH', `/users/${guard.id}`, { active: false })
    expect((await asSuper('POST', `/schools/${schoolId}/deactivation`)).body.data.deactivatedAt).not.toBe(null)
    expect((await asSuper('POST', `/schools/${schoolId}/deactivation`)).body.error.code).toBe('deactivated_already')
    expect((await staff('GET', '/students')).status).toBe(401)
    await expect(it.cloud.signIn(it.school, 'staff')).rejects.toThrow('wrong_credentials')
    expect((await asSuper('DELETE', `/schools/${schoolId}/deactivation`)).body.data.deactivatedAt).toBe(null)
    expect(await it.cloud.signIn(it.school, 'staff')).toEqual(expect.any(String))
    // Who was out before stays out.
    await expect(it.cloud.signIn(it.school, 'security')).rejects.toThrow('wrong_credentials')
    it = { ...it, call: it.as(await it.cloud.signIn(it.school, 'school_admin')) }
  })

  test('a school says what its numbers look like, and how phone numbers are read', async () => {
    const set = (body: object) => it.call('PATCH', '/settings/school', body)
    expect((await set({ studentNumberPattern: '^(a+)+$' })).status).toBe(422)
    expect((await set({ language: 'nl' })).body.data.language).toBe('nl')
    expect((await set({ language: 'fr' })).status).toBe(422)
    expect((await set({ studentNumberPattern: '^[A-Z]{2}\\d{4,6}$', country: 'BE' })).body.data).toMatchObject({
      studentNumberPattern: '^[A-Z]{2}\\d{4,6}$',
      country: 'BE',
    })
    const create = (studentNumber: string, phone: string) =>
      it.call('POST', '/students', { studentNumber, firstName: 'x', lastName: '', phone })
    expect((await create('N-1234', '0470 12 34 56')).body.error.details).toMatchObject([{ path: 'studentNumber' }])
    expect((await create('AB1234', '0470 12 34 56')).body.data).toMatchObject({ phone: '+32470123456' })
    await set({ country: null, studentNumberPattern: null })
    expect((await create('N-1234', '0470 12 34 56')).body.error.details).toMatchObject([{ path: 'phone' }])
    expect((await create('N-1234', '+32 470 12 34 57')).status).toBe(201)
  })

  test('departments: one name once, counted, and deleted only by saying where its students go', async () => {
    const [physics, other] = await Promise.all(
      ['Physics', 'Other'].map(async name => (await it.call('POST', '/departments', { name })).body.data.id),
    )
    expect((await it.call('POST', '/departments', { name: 'PHYSICS' })).body.error.code).toBe('name_taken')
    const { id } = (
      await it.call('POST', '/students', { studentNumber: 'D-1', firstName: 'x', lastName: '', departmentId: physics })
    ).body.data
    expect((await it.call('GET', `/students?departmentId=${physics}`)).body.data).toHaveLength(1)
    expect((await it.call('GET', '/departments')).body.data).toMatchObject([{ name: 'Other' }, { studentCount: 1 }])
    const refused = await it.call('DELETE', `/departments/${physics}`)
    expect([refused.status, refused.body.error.message]).toEqual([409, expect.stringContaining('1 student')])
    expect((await it.call('DELETE', `/departments/${physics}?moveTo=${physics}`)).status).toBe(422)
    expect((await it.call('DELETE', `/departments/${physics}?moveTo=${other}`)).body.data).toEqual({ studentsMoved: 1 })
    expect((await it.call('GET', `/students/${id}`)).body.data.department).toEqual({ id: other, name: 'Other' })
    expect((await it.call('GET', '/students?departmentId=none&search=D-1')).body.data).toEqual([])
  })
})
