import { RETENTION } from '@gatehouse/shared/wire/api/retention.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { audit } from './audit.ts'
import { proveAudit } from './proof.ts'
import { forgetByRetention } from './retention.repo.ts'
import { sealAudit } from './sealer.ts'

const DAY_MS = 86_400_000
const GATE = '019aa000-0000-7000-8000-00000000000c'
const OWN = { events: 365, deadLetters: 90, visitors: 90, audit: 730, signIns: 365 }

onBothEngines('retention', engine => {
  let database: Database
  let cloud: TestCloud
  let ours: TestSchool
  let theirs: TestSchool
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    ours = await enterTestSchool(database, cloud.vault)
    theirs = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(ours, 'school_admin')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const put = (days: object, headers: Record<string, string> = {}) =>
    cloud.call('PUT', '/api/v1/settings/retention', { token, body: { ...OWN, ...days }, headers })

  /** An event of so many days ago. */
  const event = (tx: Tx, schoolId: string, sequence: number, daysAgo: number) =>
    sql`insert into access_events (school_id, gate_id, sequence, event_time, kind, list_version, previous_hash, hash, record)
      values (${schoolId}::uuid, ${GATE}::uuid, ${sequence}::bigint, ${new Date(cloud.clock.nowMs - daysAgo * DAY_MS)}::timestamptz,
        'boot', 1, '', '', '{}')`.execute(tx)
  const daysOf = (schoolId: string) =>
    inSchool(database.db, schoolId, async tx =>
      (await tx.selectFrom('access_events').select('sequence').orderBy('sequence').execute()).map(row =>
        Number(row.sequence),
      ),
    )

  test('a school has the service’s figures until it says its own, within bounds', async () => {
    const read = () => cloud.call('GET', '/api/v1/settings/retention', { token })
    expect((await read()).body.data).toEqual({ version: 0, days: OWN })
    expect((await put({ events: RETENTION.events.least - 1 })).status).toBe(422)
    expect((await put({ audit: RETENTION.audit.most + 1 })).status).toBe(422)
    expect((await put({ events: 30 }, { 'if-match': '"0"' })).body.data.version).toBe(1)
    expect((await put({ events: 31 }, { 'if-match': '"0"' })).body.error.code).toBe('changed_meanwhile')
    expect((await read()).body.data.days.events).toBe(30)
  })

  test('each school’s events go by its own figure, and it is told how many went', async () => {
    await put({ events: 30 })
    for (const [n, { schoolId }] of [ours, theirs].entries()) {
      await inSchool(database.db, schoolId, async tx => {
        for (const days of [10, 40, 400]) await event(tx, schoolId, n * 1000 + days, days)
      })
      await forgetByRetention(database.db, schoolId, cloud.clock.nowMs)
    }
    expect(await daysOf(ours.schoolId)).toEqual([10])
    expect(await daysOf(theirs.schoolId)).toEqual([1010, 1040])
    const told = await cloud.call('GET', '/api/v1/audit?action=retention.run', { token })
    expect(told.body.data[0]).toMatchObject({ by: { kind: 'job' }, after: { events: 2 } })
  })

  test('an old sign-in loses its name and address, an old row goes, and the chain holds', async () => {
    const { schoolId } = theirs
    const at = (daysAgo: number) => ({ schoolId, nowMs: cloud.clock.nowMs - daysAgo * DAY_MS })
    await inSchool(database.db, schoolId, async tx => {
      await audit(tx, at(800), { action: 'thing.do' })
      await audit(tx, at(400), { action: 'session.begin', note: 'from far away' })
      await audit(tx, at(400), { action: 'thing.do', note: 'stays' })
      await audit(tx, at(1), { action: 'session.begin', note: 'stays too' })
    })
    await sealAudit(database.db)
    await forgetByRetention(database.db, schoolId, cloud.clock.nowMs)
    const left = await inSchool(database.db, schoolId, tx =>
      tx
        .selectFrom('audit_log')
        .select(['action', 'note', 'by_name'])
        .where('action', 'in', ['thing.do', 'session.begin'])
        .orderBy('at')
        .orderBy('note')
        .execute(),
    )
    expect(left.map(({ note }) => note).toSorted()).toEqual([null, 'stays', 'stays too'].toSorted())
    expect(left.filter(({ by_name }) => by_name === null)).toHaveLength(1)
    expect(await inSchool(database.db, schoolId, tx => proveAudit(tx))).toMatchObject({ holds: true, erased: 1 })
  })
})
