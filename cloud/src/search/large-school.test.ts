import { QueryNode, SelectQueryNode, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { listEvents } from '../access/access-events.repo.ts'
import { listAudit } from '../audit/audit.repo.ts'
import { openPostgres } from '../db/postgres.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { invitationsAfter } from '../invitations/invitations.repo.ts'
import { openVault } from '../keys/vault.ts'
import { listPasses } from '../passes/passes.repo.ts'
import { visitorSubject } from '../persons/data-subject.ts'
import { countHeld } from '../persons/held.repo.ts'
import { listStudents, studentsAfter } from '../students/students-found.repo.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'
import { listUsers } from '../users/users.repo.ts'

/** Students, each with an account and a pass; to a search of 1,250 of them a plan for a small school takes seconds. */
const STUDENTS = 20_000
const EVENTS = 60_000
const VISITORS = 1_000
/** Everybody twice is a moment; everybody once for each who is found is seconds, and all events are, a year later. */
const HANDLED_MAX = 45_000

needs('postgres')('in a school of twenty thousand', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  test('what is searched is found first, whatever its order', { timeout: 120_000 }, async () => {
    await using database = await openPostgres(await createDatabase(server))
    const { schoolId } = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
    await inSchool(database.db, schoolId, tx => enterLargeSchool(tx, schoolId))
    await database.asOwner(sql => sql.run('analyze'))
    const visitorId = await inSchool(database.db, schoolId, async tx => {
      const { id } = await tx.selectFrom('visitors').select('id').limit(1).executeTakeFirstOrThrow()
      return id
    })

    const nowMs = Date.now()
    const page = { page: 1, limit: 25 } as const
    const newest = { after: null, limit: 50 } as const
    const asked: readonly Asked[] = [
      ...(['name', '-createdAt', 'studentNumber', '-enrolledOn'] as const).map(
        (sort): Asked => [
          `students by ${sort}`,
          tx => listStudents(tx, schoolId, { ...page, nowMs, sort, search: 'lovel' }),
        ],
      ),
      [
        'active students',
        tx => listStudents(tx, schoolId, { ...page, nowMs, sort: 'name', search: 'lovel', status: 'active' }),
      ],
      ['a file of students', tx => studentsAfter(tx, { search: 'lovel', nowMs }, newest)],
      ...(['name', 'email', '-createdAt'] as const).map(
        (sort): Asked => [`users by ${sort}`, tx => listUsers(tx, { ...page, sort, search: 'lovel' })],
      ),
      ['passes', tx => listPasses(tx, { ...page, nowMs, search: 'lovel' })],
      ['a file of invitations', tx => invitationsAfter(tx, { ...newest, nowMs, search: 'lovel' })],
      ['events of one', tx => listEvents(tx, { ...newest, search: 'n-1234' })],
      // Theirs are read from the newest on, not all put in order.
      ['events of many', tx => listEvents(tx, { ...newest, search: 'lovel' }), 3_000],
      ['events of nobody', tx => listEvents(tx, { ...newest, search: 'zzzz' })],
      ['notes of the audit log', tx => listAudit(tx, { ...newest, search: 'zzzz' })],
      ['an id in the audit log', tx => listAudit(tx, { ...newest, subjectId: visitorId })],
      [
        'what is held of a visitor',
        async (tx, plain) => {
          const subject = await visitorSubject(plain, visitorId)
          if (subject.ok) await countHeld(tx, subject.value)
        },
      ],
    ]
    for (const [what, ask, handledMax = HANDLED_MAX] of asked) {
      const handled = await inSchool(database.db, schoolId, tx => mostHandled(tx, ask))
      expect([what, handled, handled < handledMax]).toEqual([what, handled, true])
    }
  })
})

async function enterLargeSchool(tx: Tx, schoolId: string): Promise<void> {
  const statements = [
    sql`insert into users (id, school_id, email, display_name, role, password_hash)
      select gen_random_uuid(), ${schoolId}, 'n' || n || '@campus.example', first || ' ' || last || n, 'student', 'x' from named`,
    sql`insert into students (id, school_id, student_number, first_name, last_name, status, search_text, created_at, updated_at, enrolled_on)
      select gen_random_uuid(), ${schoolId}, 'N-' || n, first, last || n, 'active',
        ' ' || lower(last || n || ' ' || first || ' n-' || n), now() + n * interval '1 second', now(), date '2020-01-01' + n % 2000
      from named`,
    sql`insert into passes (pass_id, school_id, student_id, serial, status, class, not_before, expires, groups, created_at)
      select lpad(to_hex(row_number() over ()), 16, '0'), school_id, id, row_number() over (), 'active', 'student',
        now(), now() + interval '1 year', 1, now() from students`,
    sql`insert into invitations (id, school_id, student_id, batch_id, way, code_hash, made_at, expires_at)
      select gen_random_uuid(), school_id, id, gen_random_uuid(), 'print', encode(sha256(id::text::bytea), 'hex'), now(), now() from students`,
    sql`insert into visitors (id, school_id, first_name, last_name, host_user_id, search_text, created_at, updated_at)
      select gen_random_uuid(), school_id, 'Ravi', display_name, id, ' ' || search_text, now(), now() from users
      where role = 'student' limit ${VISITORS}`,
    sql`insert into notifications (id, school_id, kind, user_id, facts, path, in_inbox, made_at)
      select gen_random_uuid(), school_id, 'visitor_arrived', host_user_id, '{}', '/visitors/' || id, true, now() from visitors`,
    sql`insert into deliveries (id, school_id, channel, kind, notification_id, user_id, state, tries, made_at)
      select gen_random_uuid(), school_id, 'email', kind, id, user_id, 'waiting', 0, made_at from notifications`,
    sql`insert into access_events (school_id, gate_id, sequence, event_time, received_at, kind, lane, pass_id, student_id, list_version,
        previous_hash, hash, record)
      select school_id, ${schoolId}, place, now() - place * interval '20 seconds', now(), 'access_granted', 'main', pass_id, student_id, 1, 'x', 'y', '{}'
      from (select passes.*, row_number() over () as place from passes, generate_series(1, ${EVENTS / STUDENTS}::int)) as often`,
    sql`insert into audit_log (id, school_id, at, by_kind, action, subject_kind, subject_id, content_hash)
      select gen_random_uuid(), school_id, event_time, 'job', 'pass.issue', 'pass', pass_id, repeat('0', 64) from access_events`,
  ]
  await sql`create temporary table named on commit drop as
    select n, (array['Ada', 'Ernő', 'Mary', 'Zoë'])[n % 4 + 1] as first,
      (array['Lovelace', 'Rubik', 'Seacole', 'Achebe', 'Kahlo', 'Franklin', 'Weiss', 'Garcia',
        'Johnson', 'Vries', 'Nguyen', 'Okafor', 'Silva', 'Tanaka', 'Berg', 'Dahl'])[n / 4 % 16 + 1] as last
    from generate_series(1, ${STUDENTS}::int) as n`.execute(tx)
  for (const statement of statements) await statement.execute(tx)
}

type Step = {
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Join Filter'?: number
  Plans?: Step[]
}
/** `tx` plans what it is asked, does it, and answers nothing; `plain` answers. */
type Ask = (tx: Tx, plain: Tx) => Promise<unknown>
type Asked = readonly [what: string, ask: Ask, handledMax?: number]

/** How many rows the busiest step of what is asked handles, as the database tells of it. */
async function mostHandled(plain: Tx, ask: Ask): Promise<number> {
  const told: number[] = []
  const most = (step: Step): number => {
    const passedOver = (step['Rows Removed by Filter'] ?? 0) + (step['Rows Removed by Join Filter'] ?? 0)
    return Math.max((step['Actual Rows'] + passedOver) * step['Actual Loops'], ...(step.Plans ?? []).map(most))
  }
  const planning = plain.withPlugin({
    transformQuery: ({ node }) =>
      SelectQueryNode.is(node) ? QueryNode.cloneWithExplain(node, 'json', sql`analyze`) : node,
    transformResult: async ({ result }) => {
      const plans = result.rows.flatMap(row => ('QUERY PLAN' in row ? (row['QUERY PLAN'] as [{ Plan: Step }]) : []))
      told.push(...plans.map(({ Plan }) => most(Plan)))
      return plans.length === 0 ? result : { ...result, rows: [{}] }
    },
  })
  await ask(planning, plain)
  return Math.max(0, ...told)
}
