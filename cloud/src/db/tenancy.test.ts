import { randomUUIDv7 } from 'node:crypto'
import { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { ONEROSTER_MAPPING } from '@gatehouse/shared/wire/api/import-sources.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLevel } from '../access-levels/access-levels.repo.ts'
import { createDefault } from '../access-levels/defaults.repo.ts'
import { audit } from '../audit/audit.ts'
import { makeRecoveryCodes, startTotp } from '../auth/factors.repo.ts'
import { makeOneTime } from '../auth/one-time.repo.ts'
import { enterSignInRules } from '../auth/sign-in-rules.repo.ts'
import { enrolmentKeyOf } from '../cards/enrolment-keys.repo.ts'
import { createDepartment } from '../departments/departments.repo.ts'
import { createEnrolmentCode } from '../gates/enrolment.repo.ts'
import { sendConfiguration } from '../gates/gate-configuration.repo.ts'
import { createGate } from '../gates/gates.repo.ts'
import { putHoliday } from '../hours/holidays.repo.ts'
import { createProfile } from '../hours/profiles.repo.ts'
import { openVault } from '../keys/vault.ts'
import { addCredential, cardOf } from '../passes/credentials.repo.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { issuePass } from '../passes/issue-pass.ts'
import { enterCheck } from '../passes/pass-checks.repo.ts'
import { beginImport } from '../sis/imports.repo.ts'
import { stageRows } from '../sis/rows.repo.ts'
import { createSource } from '../sis/sources.repo.ts'
import { createStudent } from '../students/students.repo.ts'
import { createTerm } from '../terms/terms.repo.ts'
import { putValidity } from '../terms/validity.repo.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { allPolicies } from '../testing/layers.ts'
import type { Database } from './connect.ts'
import { findGate, findLogins, findSchools } from './definer.ts'
import { leave } from './outbox.ts'
import { inSchool } from './school.ts'
import type { Tables, Tx } from './tables.ts'

const vault = openVault(Buffer.alloc(32, 1))

/** A row in every table of a school's data. */
async function furnish(database: Database, { schoolId, tenant }: TestSchool) {
  const actor = { schoolId, userId: null, nowMs: Date.now() }
  return inSchool(database.db, schoolId, async tx => {
    await enterGroups(tx, schoolId, new Map([[3, 'Labs']]))
    const gate = await createGate(tx, actor, {
      name: 'Gate',
      shortName: 'gate',
      accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [3] }],
    })
    const department = await createDepartment(tx, actor, 'Physics')
    if (!department.ok) throw new Error('not made')
    const student = await createStudent(tx, vault, actor, {
      studentNumber: 'S-1',
      firstName: 'Ada',
      lastName: 'Lovelace',
      departmentId: department.value.id,
      birthDate: '2005-05-17',
    })
    if (!gate.ok || !student.ok) throw new Error('not made')
    const pass = await issuePass(tx, actor, {
      studentId: student.value.id,
      class: 'student',
      notBeforeMs: actor.nowMs,
      expiresMs: actor.nowMs + 1000,
      groups: [3],
      profile: 0,
    })
    const card = cardOf({ technology: 'em4100', bits: '01000734E0' })
    if (!pass.ok || !card.ok) throw new Error('not made')
    await addCredential(tx, vault, { ...actor, tenant }, { passId: pass.value.pass_id, card: card.value })
    await createEnrolmentCode(tx, actor, gate.value)
    await enrolmentKeyOf(tx, vault, { schoolId, tenant })
    const arming = { school_id: schoolId, id: randomUUIDv7(), gate_id: gate.value, lane: 'in', reader: 'card' }
    const at = new Date(actor.nowMs)
    await tx
      .insertInto('card_offers')
      .values({ ...arming, armed_by: randomUUIDv7(), armed_at: at, expires_at: at })
      .execute()
    const described = { gateId: gate.value, basedOn: 0, hardware: { boards: [], lanes: [] } }
    await sendConfiguration(tx, actor, described)
    const hours = await createProfile(tx, actor, { name: 'Days', windows: [], onHolidays: [] })
    if (!hours.ok) throw new Error('not made')
    await putHoliday(tx, actor, { day: '2026-12-25', fields: { name: 'Christmas', hours: null }, ifMatch: null })
    const level = await createLevel(tx, actor, {
      name: 'Labs',
      class: 'student',
      groups: [3],
      profile: hours.value.number,
    })
    if (!level.ok) throw new Error('not made')
    await createDefault(tx, actor, { class: 'student', departmentId: null, levelId: level.value.id })
    await createTerm(tx, actor, { name: 'Autumn', kind: 'term', firstDay: '2026-09-01', lastDay: '2026-12-31' })
    const fields = { ends: 'term', lastDay: null, days: null, renewalDays: 30, reminderDays: [7] } as const
    await putValidity(tx, actor, {
      kind: 'student',
      fields: { ...fields, reminderDays: [...fields.reminderDays] },
      ifMatch: null,
    })
    await tx
      .insertInto('jobs')
      .values({
        id: randomUUIDv7(),
        school_id: schoolId,
        kind: 'mail',
        title: 'A job',
        body: '{}',
        state: 'waiting',
        made_at: at,
        run_after: at,
      })
      .execute()
    await tx
      .insertInto('invitations')
      .values({
        id: randomUUIDv7(),
        school_id: schoolId,
        student_id: student.value.id,
        batch_id: randomUUIDv7(),
        way: 'print',
        code_hash: randomUUIDv7().replaceAll('-', '').repeat(2),
        sealed_code: null,
        to_address: null,
        made_by: null,
        made_at: at,
        expires_at: at,
      })
      .execute()
    await tx
      .insertInto('mails')
      .values({
        id: randomUUIDv7(),
        school_id: schoolId,
        template: 'job_dead',
        language: 'en',
        to_address: 'ada@school.example',
        to_name: null,
        subject: 'A mail',
        body: null,
        state: 'waiting',
        made_at: at,
      })
      .execute()
    const source = {
      name: 'SIS',
      oneroster: '1.1',
      baseUrl: 'https://sis.example/ims/oneroster/v1p1',
      tokenUrl: 'https://sis.example/token',
      clientId: 'gatehouse',
      clientSecret: 'secret',
      mapping: ONEROSTER_MAPPING,
      stop: { percent: 5, students: 100 },
      dailyAt: null,
      applyAlone: false,
    } as const
    if (!(await createSource(tx, actor, { vault, tenant }, source)).ok) throw new Error('not made')
    const begun = await beginImport(tx, actor, { kind: 'csv', name: 'students.csv', sourceId: null })
    if (!begun.ok) throw new Error('not made')
    await tx
      .insertInto('import_chunks')
      .values({ school_id: schoolId, import_id: begun.value, number: 0, sealed: 'x' })
      .execute()
    const read = { number: 2, studentNumber: 'S-1', entry: {}, faults: [], unknownStatus: null }
    await stageRows(tx, { vault, schoolId, tenant, importId: begun.value }, [read])
    const staff = await tx.selectFrom('users').select('id').where('role', '=', 'staff').executeTakeFirstOrThrow()
    await tx.insertInto('scim_links').values({ school_id: schoolId, user_id: staff.id, updated_at: at }).execute()
    await sql`select audit_seal(100)`.execute(tx)
    await sql`select audit_forget('infinity', 1)`.execute(tx)
    await audit(tx, actor, { action: 'gate.create', subject: { kind: 'gate', id: gate.value } })
    await tx.insertInto('retention').values({ school_id: schoolId, days: '{}', changed_at: at }).execute()
    const numberIndex = 'a'.repeat(64)
    const erased = { school_id: schoolId, number_index: numberIndex, student_id: student.value.id, erased_at: at }
    await tx.insertInto('erased_numbers').values(erased).execute()
    const kept = { school_id: schoolId, user_id: randomUUIDv7(), key: 'k', request_hash: numberIndex, begun_at: at }
    await tx
      .insertInto('answers_given')
      .values({ ...kept, status: null, body: null })
      .execute()
    await enterCheck(tx, actor, {
      gateId: gate.value,
      lane: 'in',
      passId: pass.value.pass_id,
      codeTimeS: null,
      proven: true,
      refusal: null,
    })
    await furnishSignIn(tx, schoolId)
    return { gateId: gate.value, studentId: student.value.id, passId: pass.value.pass_id }
  })
}

/** Every table with a school's rows. */
async function schoolTables(database: Database): Promise<string[]> {
  const tables = await database.asOwner(owner =>
    owner.rows<{ name: string }>(`select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'school_id' and table_name not like 'access_events_%' order by 1`),
  )
  return tables.map(({ name }) => name)
}

async function furnishSignIn(tx: Tx, schoolId: string) {
  const { id: userId } = await tx.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow()
  const owner = { schoolId, userId }
  const nowMs = Date.now()
  await makeOneTime(tx, { ...owner, purpose: 'password_reset', lifeMs: 1000, nowMs })
  await startTotp(tx, vault, { ...owner, account: 'a@b.example', nowMs })
  await makeRecoveryCodes(tx, vault, owner)
  const signOn = SignOn.parse({ issuer: 'https://id.example', clientId: 'x', allowedDomains: ['b.example'] })
  const rules = { secondFactorFor: [], signOn, clientSecret: 'y', ifMatch: null }
  await enterSignInRules(tx, vault, { schoolId, userId: null, nowMs }, rules)
  const at = new Date(nowMs)
  const subject = { school_id: schoolId, issuer: signOn.issuer, subject: 's', user_id: userId, created_at: at }
  await tx.insertInto('sign_on_subjects').values(subject).execute()
  const key = { id: randomUUIDv7(), school_id: schoolId, user_id: userId, name: 'k', public_key: Buffer.from('k') }
  await tx
    .insertInto('passkeys')
    .values({
      ...key,
      credential_id: key.id,
      counter: 0,
      transports: [],
      backed_up: false,
      created_at: at,
      last_used_at: null,
    })
    .execute()
}

onBothEngines('tenancy', engine => {
  let database: Database
  let ours: TestSchool
  let theirs: TestSchool
  let their: Awaited<ReturnType<typeof furnish>>
  beforeAll(async () => {
    database = await engine.fresh()
    ours = await enterTestSchool(database, vault)
    theirs = await enterTestSchool(database, vault)
    await furnish(database, ours)
    their = await furnish(database, theirs)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  /** As the program would ask if somebody forgot every `where`. */
  const everything = (table: string, schoolId: string | null) =>
    inSchool(
      database.db,
      schoolId,
      async tx => (await sql<{ school_id: string }>`select * from ${sql.table(table)}`.execute(tx)).rows,
    )

  test('with every filter off, no table shows a row of another school', async () => {
    const tables = await schoolTables(database)
    expect(tables.length).toBeGreaterThan(15)
    for (const name of tables) {
      const seen = new Set((await everything(name, ours.schoolId)).map(row => row.school_id))
      seen.delete(ours.schoolId)
      expect([name, ...seen]).toEqual([name])
    }
    expect((await everything('passes', ours.schoolId)).length).toBe(1)
    expect((await everything('card_offers', ours.schoolId)).length).toBe(1)
    expect(await inSchool(database.db, ours.schoolId, tx => tx.selectFrom('schools').select('id').execute())).toEqual([
      { id: ours.schoolId },
    ])
  })

  test('with every policy off, the filter alone shows and changes nothing of another school', async () => {
    const tables = (await schoolTables(database)).filter(name => name !== 'schools')
    await allPolicies(database, 'disable')
    try {
      const changed = await inSchool(database.db, ours.schoolId, async tx => {
        const unfiltered = (await sql<{ n: string }>`select count(*) as n from students`.execute(tx)).rows[0]!.n
        expect(Number(unfiltered)).toBeGreaterThan(1)
        for (const name of tables as (keyof Tables & 'students')[]) {
          const rows = await tx.selectFrom(name).select('school_id').execute()
          expect([name, ...new Set(rows.map(row => row.school_id))]).toEqual(
            rows.length > 0 ? [name, ours.schoolId] : [name],
          )
        }
        return tx.updateTable('students').set({ first_name: 'Eve' }).returning('school_id').execute()
      })
      expect(changed).toEqual([{ school_id: ours.schoolId }])
    } finally {
      await allPolicies(database, 'enable')
    }
    expect(await everything('students', null)).toEqual([])
  })

  test('where no school was entered, nothing of any school is there', async () => {
    for (const name of ['students', 'passes', 'gates', 'schools', 'signing_keys', 'access_events']) {
      expect([name, await everything(name, null)]).toEqual([name, []])
    }
    expect(await database.db.selectFrom('students').selectAll().execute()).toEqual([])
  })

  test('what was entered ends with its transaction', async () => {
    await inSchool(database.db, ours.schoolId, tx => tx.selectFrom('students').select('id').execute())
    expect(await database.db.selectFrom('students').select('id').execute()).toEqual([])
  })

  test('a row cannot be written into another school, nor moved there', async () => {
    const group = { school_id: theirs.schoolId, number: 9, name: 'x' }
    for (const [layer, refusal] of [
      ['filter', 'this transaction is of'],
      ['policies', 'row-level security'],
    ] as const) {
      const only = (tx: Tx) => (layer === 'policies' ? tx.withoutPlugins() : tx)
      await expect(
        inSchool(database.db, ours.schoolId, tx => only(tx).insertInto('groups').values(group).execute()),
      ).rejects.toThrow(refusal)
      await expect(
        inSchool(database.db, ours.schoolId, tx =>
          only(tx).updateTable('groups').set({ school_id: theirs.schoolId }).execute(),
        ),
      ).rejects.toThrow(refusal)
    }
  })

  test('another school’s rows are neither changed nor deleted', async () => {
    await inSchool(database.db, ours.schoolId, async filtered => {
      for (const tx of [filtered, filtered.withoutPlugins()]) {
        await tx.updateTable('students').set({ first_name: 'Eve' }).where('id', '=', their.studentId).execute()
        await tx.deleteFrom('credentials').where('pass_id', '=', their.passId).execute()
      }
    })
    const student = await inSchool(database.db, theirs.schoolId, tx =>
      tx.selectFrom('students').select('first_name').executeTakeFirst(),
    )
    expect(student).toEqual({ first_name: 'Ada' })
    expect(await everything('credentials', theirs.schoolId)).toHaveLength(1)
  })

  test('a foreign key refuses another school’s row', async () => {
    const pass: Parameters<ReturnType<typeof database.db.insertInto<'passes'>>['values']>[0] = {
      pass_id: 'aaaaaaaaaaaaaaaa',
      school_id: ours.schoolId,
      student_id: their.studentId,
      serial: 99,
      status: 'active',
      class: 'student',
      not_before: new Date(0),
      expires: new Date(1),
      groups: 1,
      revoked_at: null,
      revoked_by: null,
      note: null,
      created_at: new Date(),
    }
    await expect(
      inSchool(database.db, ours.schoolId, tx => tx.insertInto('passes').values(pass).execute()),
    ).rejects.toThrow('passes_school_id_student_id_fkey')
    await expect(
      inSchool(database.db, ours.schoolId, tx =>
        tx
          .insertInto('gate_chains')
          .values({ gate_id: their.gateId, school_id: ours.schoolId })
          .onConflict(c => c.doNothing())
          .execute(),
      ),
    ).resolves.toBeDefined()
    const point = {
      id: randomUUIDv7(),
      school_id: ours.schoolId,
      gate_id: their.gateId,
      lane: 'x',
      name: 'x',
      direction: 'in',
      position: 0,
    } as const
    await expect(
      inSchool(database.db, ours.schoolId, tx => tx.insertInto('access_points').values(point).execute()),
    ).rejects.toThrow('access_points_school_id_gate_id_fkey')
  })

  test('search looks in its own school only', async () => {
    const found = (schoolId: string) =>
      inSchool(
        database.db,
        schoolId,
        async tx => (await sql<{ id: string }>`select id from search_students(array['lovelace'])`.execute(tx)).rows,
      )
    expect(await found(theirs.schoolId)).toEqual([{ id: their.studentId }])
    expect((await found(ours.schoolId)).map(({ id }) => id)).not.toContain(their.studentId)
    expect((await sql`select id from search_students(array['lovelace'])`.execute(database.db)).rows).toEqual([])
  })

  test('the listed functions find across schools, each its one thing', async () => {
    expect((await findGate(database.db, their.gateId))?.tenant).toBe(theirs.tenant)
    expect(await findGate(database.db, "x' or true")).toBe(undefined)
    expect(await findLogins(database.db, theirs.users.get('staff')!)).toHaveLength(1)
    expect((await findSchools(database.db)).map(({ tenant }) => tenant)).toEqual([ours.tenant, theirs.tenant])
  })

  test('events are added and never changed', async () => {
    for (const work of [
      'update access_events set kind = kind',
      'delete from access_events',
      'truncate access_events',
    ]) {
      await expect(inSchool(database.db, ours.schoolId, tx => sql.raw(work).execute(tx))).rejects.toThrow(
        'permission denied',
      )
    }
  })

  test('the runtime role cannot make tables, nor turn a policy off', async () => {
    for (const work of [
      'create table x ()',
      'alter table students disable row level security',
      'drop policy own_school on students',
    ]) {
      await expect(sql.raw(work).execute(database.db)).rejects.toThrow(/permission denied|must be owner/)
    }
  })

  test('a row of the outbox is seen by its own school', async () => {
    await inSchool(database.db, theirs.schoolId, tx => leave(tx, theirs.schoolId, 'gates.changed', {}))
    const rows = await everything('outbox' satisfies keyof Tables, ours.schoolId)
    expect(rows.every(row => row.school_id === ours.schoolId)).toBe(true)
  })
})
