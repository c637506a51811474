import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSystemMetrics } from '../analytics/system-metrics.repo.ts'
import { openCache } from '../cache/cache.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { enterEvent, enterGate } from '../testing/events-entered.ts'
import { ask, codesOf, enterPupils } from '../testing/graphql-stand.ts'

const FIGURES = `query ($filters: AnalyticsFilters, $dateRange: DateRangeInput) {
  analytics(filters: $filters, dateRange: $dateRange) {
    totalApplications activeStudents passDistribution { status count } accessEvents { total granted refused }
    trends { day applications granted refused } generatedAt } }`

const DAY_MS = 86_400_000
/** 23:30 UTC is the next day in Amsterdam. */
const LATE = Date.parse('2026-06-10T23:30:00Z')

onBothEngines('figures', engine => {
  let database: Database
  let cloud: TestCloud
  let nowMs = Date.parse('2026-06-15T12:00:00Z')
  beforeAll(async () => {
    database = await engine.fresh()
    const cache = await openCache({ redis: null, version: '0', nowMs: () => nowMs })
    cloud = await startCloud(database, { cache })
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  /** A school with two students, an event of each kind, and its staff signed in at the real time. */
  async function schoolOf() {
    const school = await enterTestSchool(database, cloud.vault)
    const token = await cloud.signIn(school, 'staff')
    const [first, second] = (await enterPupils(database, cloud, school, 2)) as [string, string]
    const [north, south] = [
      await enterGate(database, school.schoolId, 'north'),
      await enterGate(database, school.schoolId, 'south'),
    ]
    return { school, token, first, second, north, south }
  }
  const range = { from: '2026-06-01T00:00:00Z', to: '2026-07-01T00:00:00Z' }

  test('count what there is, by day in the school’s zone, and by filters', async () => {
    const { school, token, first, north, south } = await schoolOf()
    const other = await schoolOf()
    await enterEvent(database, other.school.schoolId, { gateId: other.north, kind: 'granted', atMs: LATE })
    const event = (told: Parameters<typeof enterEvent>[2]) => enterEvent(database, school.schoolId, told)
    await event({ gateId: north, kind: 'granted', atMs: LATE, studentId: first })
    await event({ gateId: north, kind: 'refused', atMs: LATE - DAY_MS })
    await event({ gateId: south, kind: 'granted', atMs: LATE })
    await event({ gateId: south, kind: 'granted', atMs: Date.parse('2026-07-01T00:00:00Z') })
    await inSchool(database.db, school.schoolId, tx =>
      tx
        .updateTable('applications')
        .set({ submitted_at: new Date(LATE) })
        .where('student_id', '=', first)
        .execute(),
    )
    const all = (await ask(cloud, token, FIGURES, { dateRange: range })).data.analytics
    expect(all).toMatchObject({
      totalApplications: 1,
      activeStudents: 2,
      passDistribution: [{ status: 'active', count: 2 }],
      accessEvents: { total: 3, granted: 2, refused: 1 },
      trends: [
        { day: '2026-06-10', applications: 0, granted: 0, refused: 1 },
        { day: '2026-06-11', applications: 1, granted: 2, refused: 0 },
      ],
    })
    const atNorth = await ask(cloud, token, FIGURES, { dateRange: range, filters: { gateId: north } })
    expect(atNorth.data.analytics.accessEvents).toEqual({ total: 2, granted: 1, refused: 1 })
    const { department_id: departmentId } = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('students').select('department_id').where('id', '=', first).executeTakeFirstOrThrow(),
    )
    const ofDepartment = await ask(cloud, token, FIGURES, { dateRange: range, filters: { departmentId } })
    expect(ofDepartment.data.analytics).toMatchObject({ activeStudents: 2, accessEvents: { total: 1 } })
    const theirs = await ask(cloud, other.token, FIGURES, {
      dateRange: range,
      filters: { departmentId, gateId: north },
    })
    expect(theirs.data.analytics).toMatchObject({ activeStudents: 0, totalApplications: 0, accessEvents: { total: 0 } })
  })

  test('are kept for as long as a process alone may, for each school and each question apart', async () => {
    const { school, token, north } = await schoolOf()
    const other = await schoolOf()
    const total = async (who: string, filters = {}) =>
      (await ask(cloud, who, FIGURES, { dateRange: range, filters })).data.analytics.accessEvents.total
    expect(await total(token)).toBe(0)
    await enterEvent(database, school.schoolId, { gateId: north, kind: 'granted', atMs: LATE })
    await enterEvent(database, other.school.schoolId, { gateId: other.north, kind: 'granted', atMs: LATE })
    nowMs += 4_999
    expect([await total(token), await total(token, { gateId: north }), await total(other.token)]).toEqual([0, 1, 1])
    nowMs += 1
    expect(await total(token)).toBe(1)
  })

  test.each([
    [{ dateRange: { from: range.to, to: range.from } }, 'dateRange'],
    [{ dateRange: { from: '2020-01-01T00:00:00Z', to: range.to } }, 'dateRange'],
    [{ dateRange: { from: 'yesterday' } }, 'from'],
    [{ filters: { gateId: 'none' } }, 'gateId'],
  ])('a question that is none is refused: %j', async (variables, path) => {
    const { token } = await schoolOf()
    const said = await ask(cloud, token, FIGURES, variables)
    expect(codesOf(said)).toEqual(['validation_failed'])
    expect(said.errors![0].extensions.details).toMatchObject([{ path }])
  })

  test('how gates, jobs and sessions are, of one school alone', async () => {
    const { school, north }: { school: TestSchool; north: string } = await schoolOf()
    const other = await schoolOf()
    const at = Date.now()
    for (const [of, gateId] of [
      [school, north],
      [other.school, other.north],
    ] as const) {
      await enterEvent(database, of.schoolId, { gateId, kind: 'granted', atMs: at - 1_000, lagMs: 400 })
      await enterEvent(database, of.schoolId, { gateId, kind: 'granted', atMs: at - 120_000, lagMs: 600 })
    }
    await inSchool(database.db, school.schoolId, async tx => {
      const gate = tx.updateTable('gates').set({ enrolled_at: new Date() }).where('id', '=', north)
      await gate.execute()
      const state = JSON.stringify({ online: true, listIssuedAtS: Math.floor(at / 1000) - 60 })
      await tx.updateTable('gate_states').set({ online: true, state }).where('gate_id', '=', north).execute()
    })
    const read = (of: TestSchool) => inSchool(database.db, of.schoolId, tx => readSystemMetrics(tx, of.schoolId, at))
    expect(await read(school)).toEqual({
      gatesOnline: 1,
      gatesTotal: 1,
      eventsPerSecond: 1 / 60,
      ingestLagMs: 500,
      oldestListAgeS: expect.toSatisfy((age: number) => age === 60 || age === 61),
      jobsWaiting: 0,
      jobsDead: 0,
      sessions: 1,
      at: new Date(at).toISOString(),
    })
    expect(await read(other.school)).toMatchObject({
      gatesOnline: 0,
      gatesTotal: 0,
      eventsPerSecond: 1 / 60,
      oldestListAgeS: null,
    })
  })
})
