import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { createDepartment } from '../departments/departments.repo.ts'
import { createGate } from '../gates/gates.repo.ts'
import { createStudent } from '../students/students.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'

const DAY_MS = 86_400_000

onBothEngines('access events', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  let gateId: string
  let studentId: string
  const beganMs = Date.now()
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
    const actor = { schoolId: school.schoolId, userId: null, nowMs: beganMs }
    ;[gateId, studentId] = await inOurs(async tx => {
      const gate = await createGate(tx, actor, {
        name: 'North gate',
        shortName: 'north',
        accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [0] }],
      })
      const department = await createDepartment(tx, actor, 'Physics')
      if (!department.ok) throw new Error('not made')
      const student = await createStudent(tx, cloud.vault, actor, {
        studentNumber: 'S-1',
        firstName: 'Zoë',
        lastName: 'Ångström',
        email: null,
        departmentId: department.value.id,
        status: 'active',
      })
      if (!gate.ok || !student.ok) throw new Error('not made')
      return [gate.value, student.value.id]
    })
    // Five a second, three of each time: a cursor must not lose one at the seam.
    for (let sequence = 1; sequence <= 30; sequence++) {
      await happened(sequence, beganMs - Math.floor(sequence / 3) * 1000, {
        kind: sequence % 2 === 0 ? 'granted' : 'refused',
        refusal: sequence % 2 === 0 ? null : 'unknown_pass',
        student_id: sequence % 2 === 0 ? studentId : null,
        pass_id: sequence % 2 === 0 ? '00000000000000aa' : null,
      })
    }
    await happened(31, beganMs - 40 * DAY_MS, { kind: 'boot' })
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(database.db, school.schoolId, work)
  type NewEvent = { kind: string; refusal?: string | null; student_id?: string | null; pass_id?: string | null }
  const happened = (
    sequence: number,
    atMs: number,
    { kind, refusal = null, student_id = null, pass_id = null }: NewEvent,
  ) =>
    inOurs(tx =>
      tx
        .insertInto('access_events')
        .values({
          school_id: school.schoolId,
          gate_id: gateId,
          sequence,
          event_time: new Date(atMs),
          kind,
          lane: kind === 'boot' ? null : 'in',
          pass_id,
          student_id,
          technology: 'em4100',
          proof: 'proven',
          ground: null,
          refusal,
          objection: null,
          list_version: 1,
          previous_hash: '0'.repeat(64),
          hash: '1'.repeat(64),
          record: '{}',
        })
        .execute(),
    )
  const list = (query = '', as = token) => cloud.call('GET', `/api/v1/access-events?${query}`, { token: as })
  const sequences = async (query: string) =>
    (await list(`limit=100&${query}`)).body.data.map(({ sequence }: { sequence: number }) => sequence)

  test('are told newest first, with the names of gate, lane and holder', async () => {
    const [newest] = (await list('limit=3')).body.data.filter(({ kind }: { kind: string }) => kind === 'granted')
    expect(newest).toMatchObject({
      gateId,
      gateName: 'North gate',
      sequence: 2,
      kind: 'granted',
      lane: 'in',
      laneName: 'In',
      direction: 'in',
      holder: { studentId, name: 'Zoë Ångström', department: 'Physics' },
      refusal: null,
    })
  })

  test('a cursor leads through all of them, none twice, also where several have one time', async () => {
    const seen: number[] = []
    let cursor = ''
    for (let page = 0; page < 20; page++) {
      const { body } = await list(`limit=4&cursor=${cursor}`.replace(/&cursor=$/, ''))
      seen.push(...body.data.map(({ sequence }: { sequence: number }) => sequence))
      cursor = body.metadata.nextCursor
      if (cursor === null) break
    }
    expect(cursor).toBe(null)
    expect(seen).toHaveLength(31)
    expect(new Set(seen).size).toBe(31)
    expect(seen.at(-1)).toBe(31)
  })

  test('filters hold by themselves and together', async () => {
    expect(await sequences('kind=boot')).toEqual([31])
    expect(await sequences('refusal=unknown_pass')).toHaveLength(15)
    expect(await sequences(`studentId=${studentId}`)).toHaveLength(15)
    expect(await sequences('passId=00000000000000aa&kind=refused')).toEqual([])
    expect(await sequences(`gateId=${gateId}&search=angstrom`)).toHaveLength(15)
    expect(await sequences('search=nobody')).toEqual([])
    const from = new Date(beganMs - 2000).toISOString()
    const to = new Date(beganMs).toISOString()
    expect((await sequences(`from=${from}&to=${to}`)).toSorted((a: number, b: number) => a - b)).toEqual([
      3, 4, 5, 6, 7, 8,
    ])
  })

  test('a cursor of somebody else’s making is refused', async () => {
    for (const cursor of ['x', Buffer.from('[1,2,3]').toString('base64url'), "'; drop table students"]) {
      expect((await list(`cursor=${encodeURIComponent(cursor)}`)).status).toBe(422)
    }
  })

  test('security looks back thirty days, however far it asks', async () => {
    const guard = await cloud.signIn(school, 'security')
    const seen = (await list('limit=100&from=2020-01-01T00:00:00Z', guard)).body.data
    expect(seen.map(({ sequence }: { sequence: number }) => sequence)).not.toContain(31)
    expect(seen).toHaveLength(30)
  })
})
