import { randomUUIDv7 } from 'node:crypto'
import { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { ONEROSTER_MAPPING } from '@gatehouse/shared/wire/api/import-sources.ts'
import { sql } from 'kysely'
import { createLevel } from '../access-levels/access-levels.repo.ts'
import { createDefault } from '../access-levels/defaults.repo.ts'
import { enterEntry } from '../applications/move.repo.ts'
import { beginApplication } from '../applications/my-applications.repo.ts'
import { audit } from '../audit/audit.ts'
import { makeRecoveryCodes, startTotp } from '../auth/factors.repo.ts'
import { makeOneTime } from '../auth/one-time.repo.ts'
import { enterSignInRules } from '../auth/sign-in-rules.repo.ts'
import { enrolmentKeyOf } from '../cards/enrolment-keys.repo.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { createDepartment } from '../departments/departments.repo.ts'
import { createEnrolmentCode } from '../gates/enrolment.repo.ts'
import { sendConfiguration } from '../gates/gate-configuration.repo.ts'
import { createGate } from '../gates/gates.repo.ts'
import { putHoliday } from '../hours/holidays.repo.ts'
import { createProfile } from '../hours/profiles.repo.ts'
import { sealingOf } from '../keys/data-keys.ts'
import { openVault } from '../keys/vault.ts'
import { notify } from '../notifications/notify.ts'
import { createWebhook } from '../notifications/webhooks.repo.ts'
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
import { receiveVisitor } from '../visitors/visits.repo.ts'
import type { TestSchool } from './cloud.ts'

const vault = openVault(Buffer.alloc(32, 1))

/** A row in every table of a school's data. */
export async function furnish(database: Database, { schoolId, tenant }: TestSchool) {
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
    await furnishFiles(tx, schoolId, student.value.id)
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
    await furnishNotifications(tx, { schoolId, tenant }, student.value.id)
    await furnishApplication(tx, schoolId, student.value.id)
    await furnishVisitor(tx, { schoolId, levelGroup: 3, gateId: gate.value })
    return { gateId: gate.value, studentId: student.value.id, passId: pass.value.pass_id }
  })
}

async function furnishVisitor(
  tx: Tx,
  { schoolId, levelGroup, gateId }: { schoolId: string; levelGroup: number; gateId: string },
) {
  const actor = { schoolId, userId: null, nowMs: Date.now() }
  const { id: hostUserId } = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'staff')
    .executeTakeFirstOrThrow()
  const level = await createLevel(tx, actor, { name: 'Visitors', class: 'visitor', groups: [levelGroup], profile: 0 })
  if (!level.ok) throw new Error('not made')
  const person = {
    firstName: 'Vera',
    lastName: 'Rubin',
    organisation: 'Carnegie',
    phone: null,
    email: 'vera@carnegie.example',
  }
  const made = await receiveVisitor(tx, vault, actor, {
    person: { ...person, hostUserId, purpose: 'Galaxies' },
    visit: { levelId: level.value.id, escort: true },
  })
  if (!made.ok) throw new Error('not made')
  const { pass_id: passId } = await tx
    .selectFrom('passes')
    .select('pass_id')
    .where('visitor_id', '=', made.value)
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('visitor_arrivals')
    .values({
      school_id: schoolId,
      pass_id: passId,
      day: '2026-09-01',
      visitor_id: made.value,
      gate_id: gateId,
      arrived_at: new Date(actor.nowMs),
    })
    .execute()
}

async function furnishApplication(tx: Tx, schoolId: string, studentId: string) {
  const actor = { schoolId, userId: null, nowMs: Date.now() }
  const begun = await beginApplication(tx, actor, { id: studentId, first_name: 'Ada', last_name: 'Lovelace' })
  if (!begun.ok) throw new Error('not made')
  const { id } = begun.value
  await enterEntry(tx, actor, id, { side: 'reviewer', text: 'A comment' })
  const at = new Date(actor.nowMs)
  await tx
    .insertInto('application_checks')
    .values({ school_id: schoolId, application_id: id, kind: 'roster', asked_at: at })
    .execute()
  const file = await tx.selectFrom('files').select('id').limit(1).executeTakeFirstOrThrow()
  await tx
    .insertInto('application_files')
    .values({ school_id: schoolId, application_id: id, field: 'photo', file_id: file.id })
    .execute()
}

async function furnishFiles(tx: Tx, schoolId: string, studentId: string) {
  const at = new Date()
  const id = randomUUIDv7()
  await tx
    .insertInto('files')
    .values({
      id,
      school_id: schoolId,
      category: 'photo',
      name: 'ada.jpg',
      media_type: 'image/jpeg',
      bytes: 1,
      sha256: 'a'.repeat(64),
      storage_name: id.replaceAll('-', ''),
      sealed_key: (await sealingOf(tx, vault, schoolId)).seal(
        { table: 'files', column: 'sealed_key', row: id },
        Buffer.alloc(32),
      ),
      owner_student_id: studentId,
      owner_user_id: null,
      uploaded_by: null,
      uploaded_at: at,
    })
    .execute()
  await tx
    .insertInto('file_limits')
    .values({ school_id: schoolId, school_bytes_max: 1, owner_bytes_max: 1, changed_at: at })
    .execute()
  await tx
    .insertInto('student_photos')
    .values({ school_id: schoolId, student_id: studentId, file_id: id, since: at })
    .execute()
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

async function furnishNotifications(tx: Tx, { schoolId, tenant }: { schoolId: string; tenant: string }, about: string) {
  const { id: userId } = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'school_admin')
    .executeTakeFirstOrThrow()
  const actor = { schoolId, userId: null, nowMs: Date.now() }
  const at = new Date(actor.nowMs)
  const session = { id: randomUUIDv7(), school_id: schoolId, user_id: userId, remember: false }
  await tx
    .insertInto('sessions')
    .values({ ...session, created_at: at, used_at: at, expires_at: at })
    .execute()
  const subscription = { id: randomUUIDv7(), school_id: schoolId, user_id: userId, session_id: session.id, made_at: at }
  await tx
    .insertInto('push_subscriptions')
    .values({ ...subscription, sealed_subscription: 'x' })
    .execute()
  const kind = 'pass_issued' as const
  const owner = { school_id: schoolId, user_id: userId }
  await tx
    .insertInto('notification_wishes')
    .values({ ...owner, kind, channel: 'email', wish: 'daily' })
    .execute()
  await tx
    .insertInto('notification_settings')
    .values({ ...owner, quiet_from: '22:00', quiet_to: '07:00', sealed_sms_number: null, sms_ending: null })
    .execute()
  const hook = { url: 'https://hooks.example/gatehouse', kinds: [kind] }
  if (!(await createWebhook(tx, actor, { vault, tenant }, hook)).ok) throw new Error('not made')
  const facts = { holder: 'Ada', number: '1', until: at.toISOString() }
  await notify(tx, schoolId, { kind, to: { userId }, facts, path: '/passes', aboutStudentId: about })
}
