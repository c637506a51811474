import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'

onBothEngines('people who can sign in', engine => {
  let it: People
  beforeAll(async () => {
    it = await people(await engine.fresh())
  })
  afterAll(() => it[Symbol.asyncDispose]())

  let numbers = 0
  const create = (fields: object = {}) =>
    it.call('POST', '/users', {
      email: `u${++numbers}@work.example`,
      displayName: 'Bea Baker',
      role: 'staff',
      ...fields,
    })
  const change = (id: string, body: object, headers?: Record<string, string>) =>
    it.call('PATCH', `/users/${id}`, body, headers)
  const idOf = async (role: string) => (await it.call('GET', `/users?role=${role}`)).body.data[0].id

  test('are entered once per address, whatever its case, without a password anybody knows', async () => {
    const made = await create({ email: 'New.One@work.example', grants: ['pii:read'] })
    expect(made.body.data).toMatchObject({
      email: 'New.One@work.example',
      role: 'staff',
      grants: ['pii:read'],
      active: true,
    })
    expect((await create({ email: 'new.one@WORK.example' })).body.error.code).toBe('email_taken')
    const login = await it.cloud.call('POST', '/api/v1/auth/login', {
      body: { email: 'New.One@work.example', password: 'correct horse battery staple' },
      headers: { 'x-forwarded-for': '10.9.8.7' },
    })
    expect(login.status).toBe(401)
  })

  test('are found, filtered, sorted and paged', async () => {
    await create({ displayName: 'Søren Żółty', email: 'zo@work.example' })
    await create({ displayName: 'Zoë Aalbers', email: 'za@work.example', role: 'security' })
    const names = async (query: string) =>
      (await it.call('GET', `/users?${query}`)).body.data.map((user: { displayName: string }) => user.displayName)
    expect(await names('search=zoe')).toEqual(['Zoë Aalbers'])
    expect(await names('search=soren%20zo')).toEqual(['Søren Żółty'])
    expect(await names('search=za%40work')).toEqual(['Zoë Aalbers'])
    expect(await names('search=z&role=security&sort=-name')).toEqual(['Zoë Aalbers'])
    expect(await names('search=work.example&limit=1&page=2&sort=email')).toHaveLength(1)
  })

  test('are found as people type them, whatever the script', async () => {
    for (const [displayName, typed] of [
      ['Jürgen Weißbach', 'jurgen weissbach'],
      ['Æsa Þorláksdóttir', 'aesa thorlaks'],
      ['がくせい', 'かくせい'],
      ['नमिता शर्मा', 'नमिता'],
      ['مُحَمَّد', 'محمد'],
      ['김하늘', '김하'],
    ] as const) {
      await create({ displayName, email: `${randomUUID()}@work.example` })
      const found = await it.call('GET', `/users?search=${encodeURIComponent(typed)}`)
      expect(found.body.data.map((user: { displayName: string }) => user.displayName)).toEqual([displayName])
    }
    // What is a sign to LIKE is a letter here.
    expect((await it.call('GET', '/users?search=%25')).body.data).toEqual([])
  })

  test('another role or the end of access ends the session at once', async () => {
    for (const [role, body] of [
      ['facilities', { role: 'security' }],
      ['security', { active: false }],
    ] as const) {
      const token = await it.cloud.signIn(it.school, role)
      const email = it.school.users.get(role)!
      const [user] = (await it.call('GET', `/users?search=${encodeURIComponent(email)}`)).body.data
      expect((await it.as(token)('GET', '/auth/me')).status).toBe(200)
      expect((await change(user.id, body)).status).toBe(200)
      expect((await it.as(token)('GET', '/auth/me')).status).toBe(401)
    }
  })

  test('an administrator signs somebody out everywhere; they may sign in again, and nobody else is out', async () => {
    const security = (await it.call('GET', '/users?role=security')).body.data
    for (const { id } of security) await change(id, { active: true })
    const email = it.school.users.get('staff')!
    const [{ id }] = (await it.call('GET', `/users?search=${encodeURIComponent(email)}`)).body.data
    const tokens = [await it.cloud.signIn(it.school, 'staff'), await it.cloud.signIn(it.school, 'staff')]
    const other = await it.cloud.signIn(it.school, 'security')
    const ended = await it.call('DELETE', `/users/${id}/sessions`)
    expect([ended.status, ended.body.data.ended]).toEqual([200, 2])
    for (const token of tokens) expect((await it.as(token)('GET', '/auth/me')).status).toBe(401)
    expect((await it.as(other)('GET', '/auth/me')).status).toBe(200)
    expect((await it.as(await it.cloud.signIn(it.school, 'staff'))('GET', '/auth/me')).status).toBe(200)
    const [last] = (await it.call('GET', `/users/${id}/history`)).body.data.filter(
      ({ action }: { action: string }) => action === 'session.end',
    )
    expect(last.by.role).toBe('school_admin')
    expect((await it.call('DELETE', '/users/00000000-0000-4000-8000-000000000000/sessions')).status).toBe(404)
  })

  test('a grant is for who can be given it, and falls away with the role', async () => {
    const { id } = (await create({ grants: ['pii:read'] })).body.data
    expect((await create({ role: 'security', grants: ['pii:read'] })).status).toBe(422)
    expect((await change(id, { role: 'facilities' })).body.data.grants).toEqual([])
  })

  test('what is granted counts at the next request, and is taken at the next', async () => {
    const student = await it.student({ phone: '0612345678', birthDate: '2005-05-05', notes: 'Note' })
    const staffId = (await it.call('GET', `/users?search=${encodeURIComponent(it.school.users.get('staff')!)}`)).body
      .data[0].id
    const staff = it.as(await it.cloud.signIn(it.school, 'staff'))
    const seen = async () => (await staff('GET', `/students/${student.id}`)).body.data
    expect(await seen()).toMatchObject({ phone: '…78', birthDate: '2005', notes: null })
    expect((await seen()).masked).toContain('phone')
    expect((await staff('PATCH', `/students/${student.id}`, { phone: '0687654321' })).status).toBe(403)
    await change(staffId, { grants: ['pii:read'] })
    expect(await seen()).toMatchObject({ phone: '+31612345678', birthDate: '2005-05-05', notes: 'Note', masked: [] })
    await change(staffId, { grants: [] })
    expect((await seen()).phone).toBe('…78')
  })

  test('a school keeps its last administrator, and nobody takes their own access away', async () => {
    const mine = await idOf('school_admin')
    expect((await change(mine, { active: false })).body.error.code).toBe('yourself')
    expect((await it.call('DELETE', `/users/${mine}`)).body.error.code).toBe('yourself')
    const superToken = await it.superAdmin()
    const asSuper = (method: string, path: string, body?: object) =>
      it.as(superToken)(method, path, body, { 'x-gatehouse-school': it.school.tenant })
    for (const body of [{ role: 'staff' }, { active: false }]) {
      expect((await asSuper('PATCH', `/users/${mine}`, body)).body.error.code).toBe('last_administrator')
    }
    expect((await asSuper('DELETE', `/users/${mine}`)).body.error.code).toBe('last_administrator')
    const second = (await create({ role: 'school_admin' })).body.data
    expect((await change(second.id, { role: 'staff' })).status).toBe(200)
  })

  test('nobody becomes a super_admin or a student by hand', async () => {
    for (const role of ['super_admin', 'student']) expect((await create({ role })).status).toBe(422)
    const student = await idOf('student')
    expect((await change(student, { role: 'staff' })).body.error.code).toBe('not_by_hand')
    expect((await change(student, { active: false })).body.data.active).toBe(false)
  })

  test('deleted is gone from the list, the address is free, and what they did stays', async () => {
    const { id } = (await create({ email: 'gone@work.example' })).body.data
    expect((await it.call('DELETE', `/users/${id}`)).status).toBe(200)
    expect((await it.call('GET', `/users/${id}`)).status).toBe(404)
    expect((await change(id, { active: true })).status).toBe(404)
    expect((await create({ email: 'gone@work.example' })).status).toBe(201)
    const history = (await it.call('GET', `/users/${id}/history`)).body.data
    expect(history.map(({ action }: { action: string }) => action)).toEqual(['user.delete', 'user.create'])
  })

  test('of two who change one account the second is told', async () => {
    const made = await create()
    const { id } = made.body.data
    const etag = made.headers.get('etag')!
    expect((await change(id, { displayName: 'First' }, { 'if-match': etag })).status).toBe(200)
    const second = await change(id, { displayName: 'Second' }, { 'if-match': etag })
    expect([second.status, second.body.error.code]).toEqual([409, 'changed_meanwhile'])
    expect((await it.call('GET', `/users/${id}`)).body.data.displayName).toBe('First')
  })
})
