import type { RenewalPreview } from '@gatehouse/shared/wire/api/pass-renewals.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import { jobBench } from '../testing/job-bench.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'
import { renewMany } from './pass-renewals.ts'

const DAY_MS = 86_400_000

onBothEngines('renewing passes by the thousand', engine => {
  let database: Database
  let campus: Campus
  let levelId: string
  beforeAll(async () => {
    database = await engine.fresh()
    campus = await openCampus(database)
    const level = { name: 'Everywhere', class: 'student', groups: [0, 1], profile: 0 }
    levelId = (await campus.call('POST', '/access-levels', level)).body.data.id
  })
  afterAll(async () => {
    await campus.cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let number = 0
  const now = () => campus.cloud.clock.nowMs
  const iso = (ms: number) => new Date(ms).toISOString()
  const issue = async (days: number, departmentId?: string) => {
    const studentId = await campus.student(`R-${++number}`, departmentId)
    const body = { studentId, levelId, notBefore: '2026-01-01T00:00:00Z', expires: iso(now() + days * DAY_MS) }
    const made = await campus.call('POST', '/passes', body)
    expect(made.status).toBe(201)
    return { studentId, passId: made.body.data.passId as string }
  }
  const department = async (name: string) =>
    (await campus.call('POST', '/departments', { name })).body.data.id as string
  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) =>
    inSchool(database.db, campus.school.schoolId, work)
  const preview = async (body: object): Promise<RenewalPreview> =>
    (await campus.call('POST', '/pass-renewals/preview', body)).body.data
  const endOf = async (passId: string) => Date.parse((await campus.call('GET', `/passes/${passId}`)).body.data.expires)
  const entries = (passIds: readonly string[]) =>
    inOurs(tx =>
      tx
        .selectFrom('audit_log')
        .select('subject_id')
        .where('action', '=', 'pass.renew')
        .where('subject_id', 'in', [...passIds])
        .execute(),
    )

  test('the preview tells of each pass why it would not be renewed', async () => {
    const [good, early, suspended, revoked, leaving, over] = await Promise.all(
      [5, 200, 5, 5, 5, -3].map(days => issue(days)),
    )
    await campus.call('POST', `/passes/${suspended!.passId}/suspension`, { note: 'for a week' })
    await campus.call('POST', `/passes/${revoked!.passId}/revocation`, { note: 'for good' })
    await inOurs(tx =>
      tx.updateTable('students').set({ status: 'graduated' }).where('id', '=', leaving!.studentId).execute(),
    )
    const passIds = [good, early, suspended, revoked, leaving, over].map(pass => pass!.passId)
    const told = await preview({ passIds })
    expect([told.chosen, told.renewed]).toEqual([6, 2])
    expect(told.notRenewed).toMatchObject({ revoked: 1, suspended: 1, holderNotActive: 1, notYet: 1, noTerm: 0 })
    expect(new Map(told.passes.map(({ passId, reason }) => [passId, reason]))).toEqual(
      new Map([
        [early!.passId, 'notYet'],
        [suspended!.passId, 'suspended'],
        [revoked!.passId, 'revoked'],
        [leaving!.passId, 'holderNotActive'],
      ]),
    )
    // An end that is named is not held against the window.
    const named = await preview({ passIds, expires: iso(now() + 100 * DAY_MS) })
    expect(named.notRenewed).toMatchObject({ notYet: 0, endsNoLater: 1 })
    expect(named.renewed).toBe(2)
    // Nothing was done.
    expect(await entries(passIds)).toEqual([])
  })

  test('filters choose as they do in the list, and a revoked pass only by name', async () => {
    const [ours, theirs] = [await department('Glass'), await department('Wood')]
    const [mine, gone] = [await issue(5, ours), await issue(5, ours)]
    await issue(5, theirs)
    await campus.call('POST', `/passes/${gone.passId}/revocation`, { note: 'for good' })
    expect(await preview({ filter: { departmentId: ours } })).toMatchObject({ chosen: 1, renewed: 1 })
    expect(await preview({ filter: { departmentId: ours, class: 'staff' } })).toMatchObject({ chosen: 0 })
    expect(await preview({ filter: { departmentId: ours, levelId } })).toMatchObject({ chosen: 1 })
    expect(await preview({ filter: { departmentId: ours, levelId: 'none' } })).toMatchObject({ chosen: 0 })
    expect(await preview({ filter: { departmentId: ours, endsBefore: iso(now() + DAY_MS) } })).toMatchObject({
      chosen: 0,
    })
    expect(await preview({ filter: { search: `R-${number - 2}` } })).toMatchObject({ chosen: 1 })
    const serial = (await campus.call('GET', `/passes/${mine.passId}`)).body.data.serial
    expect(await preview({ filter: { search: String(serial), departmentId: ours } })).toMatchObject({ chosen: 1 })
    for (const bad of [{}, { passIds: [mine.passId], filter: {} }, { passIds: [] }]) {
      expect((await campus.call('POST', '/pass-renewals', bad)).status).toBe(422)
    }
    const nothing = await campus.call('POST', '/pass-renewals', { passIds: [gone.passId] })
    expect([nothing.status, nothing.body.error.code]).toEqual([422, 'nothing_to_renew'])
  })

  test('a job renews them, tells of each, and begun again renews nobody twice', { timeout: 60_000 }, async () => {
    const place = await department('Many')
    const many = await Promise.all(Array.from({ length: 12 }, () => issue(5, place)))
    const passIds = many.map(({ passId }) => passId)
    // A rule under which a renewed pass might be renewed again at once.
    const rule = { ends: 'days', lastDay: null, days: 20, renewalDays: 100, reminderDays: [] }
    expect((await campus.call('PUT', '/pass-validity/student', rule)).status).toBe(200)
    const asked = { wanted: { filter: { departmentId: place } }, orderedAtMs: now(), userId: null, by: { kind: 'job' } }
    const told: number[] = []
    const job = {
      id: crypto.randomUUID(),
      schoolId: campus.school.schoolId,
      signal: AbortSignal.timeout(60_000),
      progress: async (done: number) => void told.push(done),
    }
    const handler = renewMany({ db: database.db, nowMs: now })
    const first = await handler({ ...job, body: asked })
    expect(first).toMatchObject({ chosen: 12, renewed: 12 })
    expect(told.at(-1)).toBe(12)
    const ends = await Promise.all(passIds.map(endOf))
    for (const end of ends) expect(end).toBeGreaterThan(now() + 20 * DAY_MS)
    expect(await handler({ ...job, body: asked })).toMatchObject({ chosen: 0, renewed: 0 })
    // Also where it is begun again by a process whose clock is behind.
    const slow = renewMany({ db: database.db, nowMs: () => now() - 5000 })
    expect(await slow({ ...job, body: asked })).toMatchObject({ chosen: 0, renewed: 0 })
    expect(await Promise.all(passIds.map(endOf))).toEqual(ends)
    expect(await entries(passIds)).toHaveLength(12)
    expect(
      await inOurs(tx => tx.selectFrom('outbox').select('id').where('kind', '=', 'list.changed').execute()),
    ).not.toEqual([])
  })

  test('the order is a job of the school that the office may follow, and what is asked is in the log', async () => {
    const place = await department('Ordered')
    const { passId } = await issue(5, place)
    const before = await endOf(passId)
    await using bench = await jobBench(database, campus.school.schoolId)
    const staff = await campus.cloud.signIn(campus.school, 'staff')
    const guard = await campus.cloud.signIn(campus.school, 'security')
    const body = { filter: { departmentId: place } }
    const order = (token: string) => campus.cloud.call('POST', '/api/v1/pass-renewals', { token, body })
    expect((await order(guard)).status).toBe(403)
    const ordered = await order(staff)
    expect([ordered.status, ordered.body.data.preview.renewed]).toEqual([202, 1])
    await bench.work({ pass_renewals: renewMany({ db: database.db, nowMs: now }) })
    const done = await bench.until(ordered.body.data.jobId, ({ state }) => state === 'done')
    expect([done.title, done.result]).toMatchObject(['Renew 1 pass', { renewed: 1 }])
    expect(await endOf(passId)).toBeGreaterThan(before)
    const log = await campus.audited('job')
    expect(log.at(-1)).toMatchObject({
      action: 'pass.order_renewal',
      after: { renewed: 1, filter: { departmentId: place } },
    })
  })
})
