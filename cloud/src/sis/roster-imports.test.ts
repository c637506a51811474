import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import { csv, importFixture, NO_STOP } from '../testing/import-fixture.ts'
import { termsOf } from './session-terms.ts'
import { CLIENT, type RosterServer, rosterUser, startRosterServer } from './testing/roster-server.ts'
import { rosterZip } from './testing/roster-zip.ts'

/** Three imports and an undo on a machine with other things to do. A deadline and not a measurement. */
const STEPS_MS_MAX = 120_000
const ADA = { sourcedId: 'u-1', number: 'S-0001', given: 'Ada', family: 'Lovelace' }

const HEAD = 'sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear'
const sessions = (...rows: string[]) => ({ extra: { 'academicSessions.csv': [HEAD, ...rows].join('\r\n') } })

onBothEngines('imports of OneRoster', engine => {
  const it = importFixture(engine)
  let server: RosterServer | null = null
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]()
    server = null
  })

  const terms = async () =>
    (await it.stand.call('GET', '/terms')).body.data.map(
      ({ name, kind, firstDay, lastDay, imported }: Record<string, unknown>) => [
        name,
        kind,
        firstDay,
        lastDay,
        imported,
      ],
    )

  test('bring their terms: shown by the dry run, entered once, changed by the next, and left by undoing', {
    timeout: STEPS_MS_MAX,
  }, async () => {
    const zip = (autumn: string) =>
      rosterZip(
        '1.2',
        [ADA],
        sessions(
          's-1,,,2026/27,schoolYear,2026-09-01,2027-07-31,,2027',
          `s-2,,,${autumn},term,2026-09-01,2027-01-29,s-1,2027`,
          's-3,tobedeleted,,Gone,term,2027-02-01,2027-07-31,s-1,2027',
        ),
      )
    const planned = await it.stand.planned(zip('Autumn'))
    expect(planned.plan!.terms).toMatchObject([
      { externalId: 's-1', name: '2026/27', kind: 'school_year', action: 'make', problem: null },
      { externalId: 's-2', name: 'Autumn', kind: 'term', lastDay: '2027-01-29', action: 'make' },
    ])
    expect(await terms()).toEqual([])
    const done = await it.stand.step(planned.id, 'POST', '/application', {})
    expect(done).toMatchObject({ state: 'applied', outcome: { made: 1, terms: 2 } })
    const entered = [
      ['2026/27', 'school_year', '2026-09-01', '2027-07-31', true],
      ['Autumn', 'term', '2026-09-01', '2027-01-29', true],
    ]
    expect(await terms()).toEqual(entered)
    const again = await it.stand.applied(zip('Fall'))
    expect(again.plan!.terms.map(({ action }) => action)).toEqual(['none', 'change'])
    expect(again.outcome!.terms).toBe(1)
    await it.stand.step(again.id, 'POST', '/undo')
    expect((await terms()).map(([name]: string[]) => name)).toEqual(['2026/27', 'Fall'])
  })

  test('a term that cannot be is named with why, and the students come all the same', async () => {
    const byHand = { name: 'By hand', kind: 'term', firstDay: '2026-08-01', lastDay: '2026-12-24' }
    expect((await it.stand.call('POST', '/terms', byHand)).status).toBe(201)
    const done = await it.stand.applied(
      rosterZip('1.1', [ADA], sessions('s-2,,,Autumn,term,2026-09-01,2027-01-29,,2027')),
    )
    expect(done.plan!.terms).toMatchObject([{ action: 'refuse', problem: expect.stringContaining('“By hand”') }])
    expect(done.outcome).toMatchObject({ made: 1, terms: 0 })
    expect((await terms()).map(([name]: string[]) => name)).toEqual(['By hand'])
  })

  test('whoever began it is told when it is done, with its numbers', async () => {
    const { id } = await it.stand.planned(csv('S-001,Ada,King', 'S-002,,Nobody'))
    expect(await it.count(`notifications where kind = 'import_done'`)).toBe(0)
    await it.stand.step(id, 'POST', '/application', {})
    const told = await it.ask<{ email: string; facts: object; path: string }>(
      `select users.email, facts, path from notifications join users on users.id = notifications.user_id where kind = 'import_done'`,
    )
    const { email } = (await it.stand.call('GET', '/auth/me')).body.data
    const facts = { title: 'students.csv', added: '1', changed: '0', left: '0', refused: '1' }
    expect(told).toEqual([{ email, facts, path: `/imports/${id}` }])
  })

  const source = (changed: object = {}) =>
    it.stand.call('POST', '/import-sources', {
      name: 'Student system',
      oneroster: '1.1',
      baseUrl: server!.baseUrl,
      tokenUrl: server!.tokenUrl,
      ...CLIENT,
      dailyAt: '05:30',
      applyAlone: true,
      stop: NO_STOP,
      ...changed,
    })

  /** What the clock does at half past five: puts into the queue what the schedule says. */
  async function halfPastFive(sourceId: string): Promise<void> {
    const schedules = await it.database.asOwner(sql =>
      sql.rows<{ cron: string; timezone: string; data: object }>(
        'select cron, timezone, data from pgboss.schedule where key = $1',
        [sourceId],
      ),
    )
    expect(schedules).toMatchObject([{ cron: '30 5 * * *', timezone: 'Europe/Amsterdam' }])
    const queued = schedules[0]!.data as never
    await inSchool(it.database.db, it.school.schoolId, tx =>
      it.cloud.jobs.queue.put(tx, 'roster_sync', randomUUID(), { queued, delayMs: 0, key: null }),
    )
    // Reading begins a dry run, and the dry run the applying.
    for (let step = 0; step < 3; step++) await it.stand.work()
  }
  const newest = async () => (await it.stand.call('GET', '/imports?limit=1')).body.data[0]

  test('a service is read every day and applied by itself, with nobody named; who is gone there leaves here', async () => {
    server = await startRosterServer({ version: '1.1' })
    for (let at = 0; at < 20; at++) server.people.push(rosterUser('1.1', at))
    const { id } = (await source()).body.data
    await halfPastFive(id)
    expect(await newest()).toMatchObject({
      kind: 'oneroster_rest',
      sourceId: id,
      state: 'applied',
      madeBy: null,
      outcome: { made: 20, terms: 1 },
    })
    expect((await terms())[0]).toEqual(['2026/27', 'school_year', '2026-09-01', '2027-07-31', true])

    server.people.splice(0, 1)
    server.people[0] = rosterUser('1.1', 1, { givenName: 'Augusta' })
    await halfPastFive(id)
    expect(await newest()).toMatchObject({ state: 'applied', outcome: { made: 0, changed: 2 } })
    const now = await it.students()
    expect(now.get('S-0000')).toMatchObject({ status: 'inactive' })
    expect(now.get('S-0001')).toMatchObject({ firstName: 'Augusta' })
    const audited = await it.ask<{ by_kind: string; by_name: string }>(
      `select distinct by_kind, by_name from audit_log where action = 'student.update' and note like 'Import %'`,
    )
    expect(audited).toEqual([{ by_kind: 'job', by_name: 'Gatehouse' }])
    expect(await it.count(`notifications where kind = 'import_done'`)).toBe(0)
  })

  test('one that would hurt too many waits for a person; one that does not answer says so; a deleted one has no clock', async () => {
    server = await startRosterServer({ version: '1.1' })
    for (let at = 0; at < 20; at++) server.people.push(rosterUser('1.1', at))
    const { id } = (await source({ stop: { percent: 5, students: 100 } })).body.data
    await halfPastFive(id)
    server.people.splice(0, 15)
    await halfPastFive(id)
    expect(await newest()).toMatchObject({ state: 'planned', held: true, plan: { hurt: 15 } })
    expect((await it.students()).get('S-0000')).toMatchObject({ status: 'active' })

    server.trouble.push({ status: 404 })
    await halfPastFive(id)
    expect(await newest()).toMatchObject({ state: 'failed', problem: expect.stringContaining('404') })
    await it.stand.call('DELETE', `/import-sources/${id}`)
    expect(await it.database.asOwner(sql => sql.rows('select key from pgboss.schedule where key = $1', [id]))).toEqual(
      [],
    )
  })
})

test('sessions as terms: years, terms or semesters, the last day as it is meant', () => {
  const session = (type: string, from: string, to: string, sourcedId = `${type} ${from}`) => ({
    sourcedId,
    title: sourcedId,
    type,
    from,
    to,
  })
  const days = (...given: ReturnType<typeof session>[]) =>
    termsOf(given).map(({ kind, firstDay, lastDay }) => `${kind} ${firstDay} ${lastDay}`)
  const year = session('schoolYear', '2026-09-01', '2027-07-31')
  const [first, second] = [
    session('semester', '2026-09-01', '2027-01-31'),
    session('semester', '2027-02-01', '2027-07-31'),
  ]
  expect(days(year, first, second)).toEqual([
    'school_year 2026-09-01 2027-07-31',
    'term 2026-09-01 2027-01-31',
    'term 2027-02-01 2027-07-31',
  ])
  // Terms lie in semesters, and two of ours do not share days.
  expect(days(first, session('term', '2026-09-01', '2026-11-30'))).toEqual(['term 2026-09-01 2026-11-30'])
  // As the standard has it: the end is the day on which the next begins.
  expect(days(session('term', '2026-09-01', '2027-02-01'), session('term', '2027-02-01', '2027-07-31'))).toEqual([
    'term 2026-09-01 2027-01-31',
    'term 2027-02-01 2027-07-31',
  ])
  expect(days(session('gradingPeriod', '2026-09-01', '2026-10-01'), session('term', '', '2026-10-01'))).toEqual([])
})
