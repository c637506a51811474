import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { audit, SAME_LOOK_MS } from './audit.ts'
import { eraseIn, forgetIn } from './forget.repo.ts'
import { proveAudit } from './proof.ts'
import { sealAudit } from './sealer.ts'

const DAY_MS = 86_400_000

onBothEngines('the audit log', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let numbers = 0
  const call = (method: string, path: string, body?: object, by = token) =>
    cloud.call(method, `/api/v1${path}`, { token: by, ...(body !== undefined && { body }) })
  const student = async (fields: object = {}) => {
    const made = await call('POST', '/students', {
      studentNumber: `A-${++numbers}-x`,
      firstName: 'Ada',
      lastName: 'Lovelace',
      ...fields,
    })
    return made.body.data.id as string
  }
  const rows = async (query: string) => (await call('GET', `/audit?${query}`)).body.data

  /** A school of its own with ten sealed rows. */
  async function chained() {
    const own = await enterTestSchool(database, cloud.vault)
    const actor = { schoolId: own.schoolId, userId: null, nowMs: cloud.clock.nowMs }
    for (let n = 1; n <= 10; n++) {
      await inSchool(database.db, own.schoolId, tx =>
        audit(tx, { ...actor, nowMs: actor.nowMs + n }, { action: 'thing.do', note: `“${n}”\n\u0001`, after: { n } }),
      )
    }
    await sealAudit(database.db)
    const prove = (expect?: { number: number; hash: string }) =>
      inSchool(database.db, own.schoolId, tx => proveAudit(tx, expect))
    /** As the owner of the tables, who can turn off what stands in the way. */
    const tamper = (statement: string) =>
      database.asOwner(async owner => {
        await owner.run(
          'alter table audit_log disable trigger audit_guard; alter table audit_log disable row level security',
        )
        await owner.run(statement.replaceAll('OURS', `school_id = '${own.schoolId}'`))
        await owner.run(
          'alter table audit_log enable row level security; alter table audit_log enable trigger audit_guard',
        )
      })
    return { ...own, actor, prove, tamper }
  }

  test('a chain that nobody touched holds', async () => {
    const { prove } = await chained()
    expect(await prove()).toMatchObject({
      holds: true,
      rows: 10,
      erased: 0,
      from: 1,
      head: { number: 10 },
      broken: null,
    })
  })

  for (const [what, statement, number] of [
    ['a changed act', `update audit_log set action = 'thing.undo' where OURS and number = 4`, 4],
    ['a changed note', `update audit_log set note = 'another' where OURS and number = 5`, 5],
    ['a changed person', `update audit_log set by_name = 'Eve' where OURS and number = 5`, 5],
    ['a deleted row', 'delete from audit_log where OURS and number = 6', 6],
    ['a deleted end', 'delete from audit_log where OURS and number = 10', 10],
    [
      'two rows in each other’s place',
      'update audit_log set number = 99 where OURS and number = 3; update audit_log set number = 3 where OURS and number = 7; update audit_log set number = 7 where OURS and number = 99',
      3,
    ],
    ['part of a row erased', 'update audit_log set salt = null where OURS and number = 8', 8],
  ] as const) {
    test(`${what} is found, and where`, async () => {
      const { prove, tamper } = await chained()
      await tamper(statement)
      expect(await prove()).toMatchObject({ holds: false, broken: { number } })
    })
  }

  test('a chain that was written anew from the middle is found by an end that was kept', async () => {
    const { prove, tamper } = await chained()
    const kept = (await prove()).head!
    await tamper(
      `delete from audit_log where OURS and number = 10; update audit_chains set number = 9, hash = (select hash from audit_log where OURS and number = 9) where OURS`,
    ).catch(() => {})
    const shorter = await prove(kept)
    expect(shorter.holds).toBe(false)
    expect(await chained().then(({ prove: other }) => other({ number: 10, hash: 'f'.repeat(64) }))).toMatchObject({
      holds: false,
      broken: { number: 10 },
    })
  })

  test('rows are neither changed nor deleted by hand, and the program may not at all', async () => {
    const { schoolId } = await chained()
    for (const work of [
      `update audit_log set action = 'x.y'`,
      'delete from audit_log',
      `update audit_log set note = 'x'`,
    ]) {
      await expect(
        database.asOwner(async owner => {
          await owner.run('alter table audit_log disable row level security')
          await owner.run(work)
        }),
      ).rejects.toThrow(/rows of the audit log|what a row of the audit log tells/)
    }
    await expect(
      inSchool(database.db, schoolId, tx => tx.updateTable('audit_log').set({ note: 'x' }).execute()),
    ).rejects.toThrow('permission denied')
  })

  test('two that seal at once make one chain', async () => {
    const { prove, actor } = await chained()
    for (let n = 0; n < 20; n++) {
      await inSchool(database.db, actor.schoolId, tx => audit(tx, actor, { action: 'thing.do' }))
    }
    const sealed = await Promise.all([sealAudit(database.db), sealAudit(database.db), sealAudit(database.db)])
    expect(sealed.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(20)
    expect(await prove()).toMatchObject({ holds: true, head: { number: 30 } })
  })

  test('what a student’s rows tell is erased, and the chain holds', async () => {
    const { prove, actor } = await chained()
    const person = '019aa000-0000-7000-8000-00000000000a'
    await inSchool(database.db, actor.schoolId, tx =>
      audit(tx, actor, { action: 'student.update', studentId: person, after: { firstName: 'Ada' }, note: 'Ada asked' }),
    )
    await sealAudit(database.db)
    const erased = await inSchool(database.db, actor.schoolId, tx => eraseIn(tx, person))
    expect(erased).toBe('1')
    expect(await prove()).toMatchObject({ holds: true, rows: 11, erased: 1 })
    const left = await inSchool(database.db, actor.schoolId, tx =>
      tx.selectFrom('audit_log').selectAll().where('student_id', '=', person).execute(),
    )
    expect(JSON.stringify(left)).not.toContain('Ada')
  })

  test('when retention cuts the beginning, the rest holds from the checkpoint on', async () => {
    const { prove, actor } = await chained()
    await inSchool(database.db, actor.schoolId, tx =>
      audit(tx, { ...actor, nowMs: actor.nowMs + DAY_MS }, { action: 'thing.do' }),
    )
    await sealAudit(database.db)
    const gone = await inSchool(database.db, actor.schoolId, tx => forgetIn(tx, new Date(actor.nowMs + 6), 100))
    expect(gone).toBe('5')
    expect(await prove()).toMatchObject({ holds: true, from: 6, rows: 6 })
    // Never the last row, and never one that is younger.
    await inSchool(database.db, actor.schoolId, tx => forgetIn(tx, new Date(actor.nowMs + 2 * DAY_MS), 100))
    expect(await prove()).toMatchObject({ holds: true, from: 11, rows: 1 })
  })

  test('a change is told with who, what before and after, from where, and its request', async () => {
    const id = await student()
    await cloud.call('PATCH', `/api/v1/students/${id}`, {
      token,
      body: { firstName: 'Augusta' },
      headers: { 'x-request-id': 'request-7' },
    })
    const [row] = await rows(`action=student.update&studentId=${id}`)
    expect(row).toMatchObject({
      action: 'student.update',
      requestId: 'request-7',
      studentId: id,
      by: { kind: 'user', name: 'school_admin', role: 'school_admin' },
      before: { firstName: 'Ada' },
      after: { firstName: 'Augusta' },
    })
    expect(row.by.address).toContain('127.0.0.1')
  })

  test('is found by act, person, student, time and words of the note', async () => {
    const id = await student()
    const issued = await call('POST', '/passes', {
      studentId: id,
      notBefore: '2026-01-01T00:00:00Z',
      expires: '2036-01-01T00:00:00Z',
      groups: [0],
    })
    if (issued.status !== 201) {
      await inSchool(database.db, school.schoolId, tx =>
        tx.insertInto('groups').values({ school_id: school.schoolId, number: 0, name: 'Campus' }).execute(),
      )
    }
    const { passId } = (
      await call('POST', '/passes', {
        studentId: id,
        notBefore: '2026-01-01T00:00:00Z',
        expires: '2036-01-01T00:00:00Z',
        groups: [0],
      })
    ).body.data
    await call('POST', `/passes/${passId}/revocation`, { note: 'lost 100% of it' })
    const actions = async (query: string) => (await rows(query)).map(({ action }: { action: string }) => action)
    expect(await actions(`action=pass.revoke&studentId=${id}`)).toEqual(['pass.revoke'])
    expect(await actions(`action=pass&subjectKind=pass&subjectId=${passId}`)).toContain('pass.create')
    expect(await actions(`search=${encodeURIComponent('100% of')}`)).toEqual(['pass.revoke'])
    expect(await actions(`search=${encodeURIComponent('100%of')}`)).toEqual([])
    expect(await actions('to=2020-01-01T00:00:00Z')).toEqual([])
    expect(await actions('byId=019aa000-0000-7000-8000-00000000000b')).toEqual([])
  })

  test('pages follow one another, none lost or twice', async () => {
    for (let n = 0; n < 7; n++) await student()
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await call('GET', `/audit?action=student.create&limit=3${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.body.data.map(({ id }: { id: string }) => id))
      cursor = page.body.metadata.nextCursor ?? ''
    } while (cursor !== '')
    expect(seen.length).toBe(new Set(seen).size)
    expect(seen.length).toBeGreaterThanOrEqual(7)
    expect((await call('GET', '/audit?cursor=x')).status).toBe(422)
  })

  test('a look is told once in five minutes, and the reading of the log is told as well', async () => {
    const id = await student()
    const looks = async () => (await rows(`action=student.read&studentId=${id}`)).length
    await call('GET', `/students/${id}`)
    await call('GET', `/students/${id}`)
    expect(await looks()).toBe(1)
    await call('GET', `/students/${id}`, undefined, await cloud.signIn(school, 'staff'))
    expect(await looks()).toBe(2)
    cloud.clock.nowMs += SAME_LOOK_MS + 1
    await call('GET', `/students/${id}`)
    expect(await looks()).toBe(3)
    expect((await rows('action=audit.read')).length).toBeGreaterThan(0)
  })

  test('a student sees who looked at theirs, also in a list, and nobody else’s', async () => {
    const id = await student({ firstName: 'Seen' })
    const other = await student({ firstName: 'Unseen' })
    await inSchool(database.db, school.schoolId, async tx => {
      const { id: userId } = await tx
        .selectFrom('users')
        .select('id')
        .where('role', '=', 'student')
        .executeTakeFirstOrThrow()
      await tx.updateTable('students').set({ user_id: userId }).where('id', '=', id).execute()
    })
    await call('GET', `/students/${id}`)
    await call('GET', `/students/${other}`)
    await call('GET', '/students?search=seen')
    const mine = await call('GET', '/my/audit', undefined, await cloud.signIn(school, 'student'))
    const looks = mine.body.data as { action: string; who: string; inList: boolean }[]
    expect(looks.map(({ action }) => action)).toEqual(['student.list', 'student.read', 'student.create'])
    expect(looks[0]).toMatchObject({ who: 'school_admin', role: 'school_admin', inList: true })
  })

  test('the proof over HTTP names the end, and asks for one that was kept', async () => {
    await sealAudit(database.db)
    const { head } = (await call('GET', '/audit/proof')).body.data
    expect((await call('GET', `/audit/proof?expect=${head.number}:${head.hash}`)).body.data.holds).toBe(true)
    expect((await call('GET', `/audit/proof?expect=${head.number}:${'0'.repeat(64)}`)).body.data.holds).toBe(false)
    expect((await call('GET', '/audit/proof', undefined, await cloud.signIn(school, 'staff'))).status).toBe(403)
  })
})
