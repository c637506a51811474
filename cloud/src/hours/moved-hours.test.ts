import { DEFAULT_GATE_RULES, GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { migrate, migrations } from '../db/migrate.ts'
import { asOwnerOf, openPostgres } from '../db/postgres.ts'
import { inSchool } from '../db/school.ts'
import { readGateRules } from '../lists/gate-rules.repo.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'

const SCHOOL = '01990000-0000-7000-8000-000000000001'
const RULES: GateRulesContent = {
  ...DEFAULT_GATE_RULES,
  profiles: {
    7: { name: 'Évenings, it’s late', windows: [{ day: 5, fromMinute: 1080, untilMinute: 1440 }], onHolidays: [] },
    30: { name: 'Never', windows: [], onHolidays: [{ fromMinute: 0, untilMinute: 1440 }] },
  },
  holidays: {
    '2026-12-26': { name: 'Boxing day', hours: null },
    '2026-12-24': { name: 'Eve', hours: [{ fromMinute: 480, untilMinute: 720 }] },
    '2026-12-25': { name: 'Christmas', hours: [] },
  },
  groupSets: { 3: 5 },
  guard: { percent: 9, rows: 9 },
}

needs('postgres')('rules of an earlier version', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  test('say the same after their hours and days moved to rows', async () => {
    const urls = await createDatabase(server, { migrated: false })
    const known = migrations()
    const before = known.slice(
      0,
      known.findIndex(({ name }) => name.endsWith('_access_levels.sql')),
    )
    await asOwnerOf(urls.ownerUrl, async sql => {
      await migrate(sql, before)
      await sql.run(
        'alter table schools no force row level security; alter table gate_rules no force row level security',
      )
      await sql.rows("insert into schools (id, name, tenant, time_zone) values ($1, 'Old', 'old-school', 'UTC')", [
        SCHOOL,
      ])
      await sql.rows('insert into gate_rules (school_id, version, rules, changed_at) values ($1, 4, $2, now())', [
        SCHOOL,
        JSON.stringify(RULES),
      ])
      await sql.run('alter table schools force row level security; alter table gate_rules force row level security')
    })
    await using database = await openPostgres(urls)
    const kept = await inSchool(database.db, SCHOOL, tx => readGateRules(tx, SCHOOL))
    expect(kept).toMatchObject({ version: 4, rules: GateRulesContent.parse(RULES) })
    expect(Object.keys(kept.rules.holidays)).toEqual(['2026-12-24', '2026-12-25', '2026-12-26'])
    const forced = await database.asOwner(sql =>
      sql.rows(
        `select relname from pg_class where relname in ('schools', 'gate_rules', 'profiles') and relforcerowsecurity order by 1`,
      ),
    )
    expect(forced).toEqual([{ relname: 'gate_rules' }, { relname: 'profiles' }, { relname: 'schools' }])
  })
})
