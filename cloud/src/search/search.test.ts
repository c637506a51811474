import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { createGate } from '../gates/gates.repo.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'

onBothEngines('one search for all', engine => {
  let it: People
  let serial: number
  let studentId: string
  beforeAll(async () => {
    it = await people(await engine.fresh())
    const student = await it.student({
      firstName: 'Quirine',
      lastName: 'Ångström',
      phone: '0612345678',
      privateEmail: 'q@home.example',
    })
    studentId = student.id
    const passId = await it.pass(student.id)
    serial = (await it.call('GET', `/passes/${passId}`)).body.data.serial
    await it.call('POST', '/users', { email: 'quirine@work.example', displayName: 'Quirine Smit', role: 'staff' })
    const { schoolId } = it.school
    await inSchool(it.cloud.database.db, schoolId, tx =>
      createGate(
        tx,
        { schoolId, userId: null, nowMs: Date.now() },
        {
          name: 'Quirine gate',
          shortName: 'quirine',
          accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [0] }],
        },
      ),
    )
  })
  afterAll(() => it[Symbol.asyncDispose]())

  const look = async (q: string, token = it.token) => {
    const said = await it.as(token)('GET', `/search?q=${encodeURIComponent(q)}`)
    return said.body.data.map(({ kind, title }: { kind: string; title: string }) => `${kind} ${title}`)
  }
  const whole = ['student Quirine Ångström', 'pass Quirine Ångström', 'gate Quirine gate', 'user Quirine Smit']

  test('finds of each kind what the role may read, and no more', async () => {
    const rows = [
      ['school_admin', whole],
      ['staff', whole.slice(0, 3)],
      ['security', whole.slice(0, 3)],
      ['facilities', whole.slice(2, 3)],
    ] as const
    for (const [role, found] of rows) {
      expect([role, await look('quirine', await it.cloud.signIn(it.school, role))]).toEqual([role, found])
    }
    const student = await it.cloud.signIn(it.school, 'student')
    expect((await it.as(student)('GET', '/search?q=quirine')).status).toBe(403)
  })

  test('a phone number or private address finds who may be found by it, and only for who may read it', async () => {
    const staff = await it.cloud.signIn(it.school, 'staff')
    for (const q of ['+31 6 1234 5678', '0612345678', 'Q@home.example']) {
      expect([q, await look(q)]).toEqual([q, ['student Quirine Ångström']])
      expect([q, await look(q, staff)]).toEqual([q, []])
      const list = `/students?search=${encodeURIComponent(q)}`
      expect((await it.call('GET', list)).body.data).toHaveLength(1)
      expect((await it.as(staff)('GET', list)).body.data).toHaveLength(0)
    }
  })

  test('a serial finds its pass, and an id what was done to it', async () => {
    expect(await look(String(serial))).toContain('pass Quirine Ångström')
    expect(await look(studentId)).toEqual(['audit student.create'])
  })

  test('five of each at most, and nothing is no search', async () => {
    for (let n = 0; n < 7; n++) await it.student({ firstName: 'Manyfold' })
    expect(await look('manyfold')).toHaveLength(5)
    expect((await it.call('GET', '/search?q=')).status).toBe(422)
    expect(await look('%')).toEqual([])
  })

  test('another school is not looked in', async () => {
    const other = await enterTestSchool(it.cloud.database, it.cloud.vault)
    expect(await look('quirine', await it.cloud.signIn(other, 'school_admin'))).toEqual([])
  })
})
