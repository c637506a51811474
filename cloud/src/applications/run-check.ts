import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { CHECK_KINDS, type CheckKind } from '@gatehouse/shared/wire/api/applications.ts'
import { sql } from 'kysely'
import { type Actor, THE_SERVICE } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { OutboxHandlers } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { Hopeless, type JobHandler } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import { dayIn } from '../schools/time-zone.ts'
import { schoolRules } from '../students/student-fields.ts'
import { CHECKS, type Examined } from './checks.ts'
import { formOfVersion } from './forms.repo.ts'
import { openAnswers } from './kept-answers.ts'
import { type Application, lockApplication, moveApplication } from './move.repo.ts'
import { findQueued } from './queue.repo.ts'

const TITLES: { readonly [K in CheckKind]: string } = {
  roster: 'Compare an application with the roster',
  documents: 'Look at the documents of an application',
  eligibility: 'See who is eligible by the school’s rules',
  duplicates: 'Look for others like an applicant',
}

/** A check for each kind, waiting, and a job that does it: all there when the transaction commits, or none. Answers the jobs' ids. */
export async function askForChecks(
  tx: Tx,
  jobs: Pick<Jobs, 'add'>,
  actor: Actor,
  applicationId: string,
  kinds: readonly CheckKind[] = CHECK_KINDS,
): Promise<string[]> {
  const { schoolId, userId, nowMs } = actor
  const jobIds: string[] = []
  const asked = { asked_at: new Date(nowMs), done_at: null, state: 'waiting' as const }
  for (const kind of new Set(kinds)) {
    await tx
      .insertInto('application_checks')
      .values({ school_id: schoolId, application_id: applicationId, kind, ...asked })
      .onConflict(on => on.columns(['school_id', 'application_id', 'kind']).doUpdateSet(asked))
      .execute()
    const body = { applicationId, check: kind }
    const key = `${applicationId}/${kind}`
    const job = { kind: 'application_check', schoolId, body, title: TITLES[kind], madeBy: userId, key } as const
    jobIds.push(await jobs.add(tx, job))
  }
  return jobIds
}

/** Asks for checks once more. Answers the ids of their jobs. */
export async function recheck(
  tx: Tx,
  jobs: Pick<Jobs, 'add'>,
  actor: Actor,
  { id, checks }: { readonly id: string; readonly checks: readonly CheckKind[] },
): Promise<Result<string[], 'no_such_application' | 'not_now'>> {
  const row = await findQueued(tx, id)
  if (row === undefined) return fail('no_such_application')
  if (row.decided_at !== null || row.status === 'withdrawn') return fail('not_now')
  await audit(tx, actor, {
    action: 'application.recheck',
    subject: { kind: 'application', id },
    studentId: row.student_id,
    after: { checks },
  })
  return ok(await askForChecks(tx, jobs, actor, id, checks))
}

export type CheckNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

/** Does one check. Done twice it finds the same; of an application that is decided or withdrawn it finds nothing. */
export function applicationCheck({ db, vault, nowMs }: CheckNeeds): JobHandler<'application_check'> {
  return async ({ schoolId, body: { applicationId, check } }) => {
    if (schoolId === null) throw new Hopeless('an application belongs to a school')
    return inSchool(db, schoolId, tx =>
      runCheck(tx, vault, { schoolId, userId: null, nowMs: nowMs(), by: THE_SERVICE }, applicationId, check),
    )
  }
}

const EXAMINED: readonly Application['status'][] = ['submitted', 'under_review', 'requires_documents']

async function runCheck(tx: Tx, vault: Vault, actor: Actor, applicationId: string, kind: CheckKind) {
  const row = await lockApplication(tx, applicationId)
  if (row === undefined || !EXAMINED.includes(row.status)) return { skipped: true }
  const examined = await examine(tx, vault, actor, row)
  const { read, findings, pending = false } = await CHECKS[kind](tx, examined)
  const state = pending ? 'waiting' : findings.length > 0 ? 'attention' : 'clear'
  await tx
    .updateTable('application_checks')
    .set({
      state,
      read: JSON.stringify(read),
      findings: JSON.stringify(findings),
      done_at: pending ? null : new Date(actor.nowMs),
    })
    .where('application_id', '=', applicationId)
    .where('kind', '=', kind)
    .execute()
  await audit(tx, actor, {
    action: 'application.check',
    subject: { kind: 'application', id: applicationId },
    studentId: row.student_id,
    after: { check: kind, state, read, findings: findings.length },
  })
  // Only papers send it back; whatever else is found, a person looks at.
  if (kind === 'documents' && findings.length > 0) {
    const text = findings
      .map(({ message }) => message)
      .join('\n')
      .slice(0, 4_000)
    await moveApplication(tx, actor, row, { event: 'ask_documents', by: 'system', form: examined.form, text })
  }
  return { check: kind, state, findings: findings.length }
}

async function examine(tx: Tx, vault: Vault, { schoolId, nowMs }: Actor, row: Application): Promise<Examined> {
  const student = await tx
    .selectFrom('students')
    .leftJoin('departments', 'departments.id', 'students.department_id')
    .selectAll('students')
    .select('departments.name as department')
    .where('students.id', '=', row.student_id)
    .executeTakeFirstOrThrow()
  const { timeZone } = await schoolRules(tx, schoolId)
  return {
    row,
    form: await formOfVersion(tx, row.form_version),
    answers: await openAnswers(tx, vault, row),
    student,
    nowMs,
    today: dayIn(timeZone, nowMs),
  }
}

/** A file was looked at: the documents of the applications that wait for it are looked at again. */
export function onFileSettled({
  db,
  jobs,
  nowMs,
}: {
  readonly db: Db
  readonly jobs: Pick<Jobs, 'add'>
  readonly nowMs: () => number
}): NonNullable<OutboxHandlers['file.settled']> {
  return async rows => {
    for (const { schoolId, body } of rows) {
      if (schoolId === null) continue
      await inSchool(db, schoolId, async tx => {
        const waiting = await tx
          .selectFrom('application_files')
          .innerJoin('applications', 'applications.id', 'application_files.application_id')
          .where('application_files.file_id', '=', body.fileId)
          .where('applications.status', 'in', ['submitted', 'under_review'])
          .where(
            sql<boolean>`exists (select from application_checks as checks where checks.school_id = applications.school_id
              and checks.application_id = applications.id and checks.kind = 'documents')`,
          )
          .select('applications.id')
          .distinct()
          .execute()
        const actor = { schoolId, userId: null, nowMs: nowMs(), by: THE_SERVICE }
        for (const { id } of waiting) await askForChecks(tx, jobs, actor, id, ['documents'])
      })
    }
  }
}
