import { randomUUIDv7 } from 'node:crypto'
import { type Answer, type Answers, draftMistakes, submissionMistakes } from '@gatehouse/shared/applications/answers.ts'
import { type FormContent, isFile, type Mistake } from '@gatehouse/shared/applications/form.ts'
import { isOpenToApplicant, OPEN_STATUSES } from '@gatehouse/shared/applications/machine.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { nameOf } from '../students/name.ts'
import { personIndex } from '../students/personal.ts'
import { schoolRules } from '../students/student-fields.ts'
import { enterNewestForm, formOfVersion } from './forms.repo.ts'
import { answerColumns, filesIn, openAnswers } from './kept-answers.ts'
import { type Application, lockApplication, moveApplication } from './move.repo.ts'
import { askForChecks } from './run-check.ts'

/** So many have been begun by one person; nobody needs more, and a program that begins them for ever is stopped. */
const OF_ONE_MAX = 100

export type Applicant = Pick<Row<'students'>, 'id' | 'first_name' | 'last_name'>
type Mistaken = { readonly mistakes: readonly Mistake[] }
type NotThere = 'no_such_application' | 'changed_meanwhile'

/** The living student of an account. */
export function applicantOf(tx: Tx, userId: string): Promise<Applicant | undefined> {
  return tx
    .selectFrom('students')
    .select(['id', 'first_name', 'last_name'])
    .where('user_id', '=', userId)
    .where('archived_at', 'is', null)
    .executeTakeFirst()
}

export async function beginApplication(
  tx: Tx,
  actor: Actor,
  { id: studentId }: Applicant,
): Promise<Result<Application, 'one_is_open' | 'too_many'>> {
  const { count } = await tx
    .selectFrom('applications')
    .where('student_id', '=', studentId)
    .select(eb => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= OF_ONE_MAX) return fail('too_many')
  const form = await enterNewestForm(tx, actor)
  const now = new Date(actor.nowMs)
  const row = await tx
    .insertInto('applications')
    .values({
      id: randomUUIDv7(),
      school_id: actor.schoolId,
      student_id: studentId,
      form_version: form.version,
      begun_at: now,
      updated_at: now,
    })
    .onConflict(conflict => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) return fail('one_is_open')
  const subject = { kind: 'application', id: row.id }
  await audit(tx, actor, { action: 'application.begin', subject, studentId, after: { form: form.version } })
  return ok(row)
}

/** Changes the answers that are named, null takes one away. A draft may be wrong in what it says, not in its kind. */
export async function saveAnswers(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  applicant: Applicant,
  asked: {
    readonly id: string
    readonly change: Readonly<Record<string, Answer | null>>
    readonly ifVersion: number | null
  },
): Promise<Result<Application, NotThere | 'not_open'> | Mistaken> {
  const found = await lockOwn(tx, applicant, asked.id, asked.ifVersion)
  if (!found.ok) return found
  const row = found.value
  if (!isOpenToApplicant(row.status)) return fail('not_open')
  const form = await formOfVersion(tx, row.form_version)
  const before = await openAnswers(tx, vault, row)
  const merged = { ...before, ...asked.change }
  const answers = Object.fromEntries(Object.entries(merged).filter(([, answer]) => answer !== null)) as Answers
  const mistakes = [
    ...lateMistakes(row, form, asked.change),
    ...draftMistakes(form, answers),
    ...(await fileMistakes(tx, applicant, form, answers)),
  ]
  if (mistakes.length > 0) return { mistakes }
  const changed = await tx
    .updateTable('applications')
    .set({
      ...(await answerColumns(tx, vault, { id: row.id, schoolId: actor.schoolId }, form, answers)),
      version: row.version + 1,
      updated_at: new Date(actor.nowMs),
    })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await keepFiles(tx, row, form, answers)
  await audit(tx, actor, {
    action: 'application.save',
    subject: { kind: 'application', id: row.id },
    studentId: row.student_id,
    after: { fields: Object.keys(asked.change) },
  })
  return ok(changed)
}

/** Submits a draft, or hands in what was asked for. The checks' jobs are there with the new status, or neither is. */
export async function submit(
  tx: Tx,
  { vault, jobs }: { readonly vault: Vault; readonly jobs: Pick<Jobs, 'add'> },
  actor: Actor,
  applicant: Applicant,
  asked: { readonly id: string; readonly ifVersion: number | null },
): Promise<Result<Application, NotThere | 'not_now' | 'not_theirs'> | Mistaken> {
  const found = await lockOwn(tx, applicant, asked.id, asked.ifVersion)
  if (!found.ok) return found
  const row = found.value
  const form = await formOfVersion(tx, row.form_version)
  const handsIn = row.status === 'requires_documents'
  if (!isOpenToApplicant(row.status)) return fail('not_now')
  const answers = await openAnswers(tx, vault, row)
  const mistakes = [
    ...submissionMistakes(form, answers),
    ...(await meaningMistakes(tx, actor, form, answers)),
    ...(await fileMistakes(tx, applicant, form, answers)),
  ]
  if (mistakes.length > 0) return { mistakes }
  const moved = await moveApplication(tx, actor, row, {
    event: handsIn ? 'hand_in' : 'submit',
    by: 'applicant',
    form,
    set: {
      submitted_at: row.submitted_at ?? new Date(actor.nowMs),
      person_index: await personIndexOf(tx, vault, actor, applicant, form, answers),
    },
  })
  if (moved.ok) await askForChecks(tx, jobs, actor, row.id)
  return moved
}

/** Withdraws, or goes on with what was withdrawn. */
export async function turnOwn(
  tx: Tx,
  actor: Actor,
  applicant: Applicant,
  {
    id,
    event,
    ifVersion,
  }: { readonly id: string; readonly event: 'withdraw' | 'reopen'; readonly ifVersion: number | null },
): Promise<Result<Application, NotThere | 'not_now' | 'not_theirs' | 'one_is_open'>> {
  const found = await lockOwn(tx, applicant, id, ifVersion)
  if (!found.ok) return found
  if (event === 'reopen') {
    const open = await tx
      .selectFrom('applications')
      .select('id')
      .where('student_id', '=', applicant.id)
      .where('status', 'in', OPEN_STATUSES)
      .where('id', '!=', id)
      .executeTakeFirst()
    if (open !== undefined) return fail('one_is_open')
  }
  const form = await formOfVersion(tx, found.value.form_version)
  return moveApplication(tx, actor, found.value, { event, by: 'applicant', form })
}

async function lockOwn(
  tx: Tx,
  applicant: Applicant,
  id: string,
  ifVersion: number | null,
): Promise<Result<Application, NotThere>> {
  // Whoever begins or reopens one of this student waits here.
  await tx.selectFrom('students').select('id').where('id', '=', applicant.id).forUpdate().execute()
  const row = await lockApplication(tx, id)
  if (row === undefined || row.student_id !== applicant.id) return fail('no_such_application')
  return ifVersion !== null && ifVersion !== row.version ? fail('changed_meanwhile') : ok(row)
}

/** After submission only papers are exchanged. */
function lateMistakes(row: Application, { fields }: FormContent, change: object): Mistake[] {
  if (row.status === 'draft') return []
  return Object.keys(change)
    .filter(id => fields.some(field => field.id === id && !isFile(field)))
    .map(id => ({ path: `answers.${id}`, message: 'can no longer be changed: only documents are asked for' }))
}

/** Files that are not the applicant’s own, of another school for example, are not there. */
async function fileMistakes(tx: Tx, applicant: Applicant, form: FormContent, answers: Answers): Promise<Mistake[]> {
  const given = filesIn(form, answers)
  if (given.length === 0) return []
  const files = await tx
    .selectFrom('files')
    .select(['id', 'category'])
    .where(
      'id',
      'in',
      given.map(({ file }) => file.fileId),
    )
    .where('owner_student_id', '=', applicant.id)
    .where('removed_at', 'is', null)
    .execute()
  return given.flatMap(({ field, file }) => {
    const path = `answers.${field}`
    const found = files.find(({ id }) => id === file.fileId)
    if (found === undefined) return [{ path, message: 'is no file of yours. Upload it again.' }]
    const kind = form.fields.find(({ id }) => id === field)!.kind
    return found.category === kind ? [] : [{ path, message: `must be uploaded as a ${kind}` }]
  })
}

/** What only the school can say of an answer: what its numbers look like, and that nobody is born tomorrow. */
async function meaningMistakes(
  tx: Tx,
  { schoolId, nowMs }: Actor,
  { fields }: FormContent,
  answers: Answers,
): Promise<Mistake[]> {
  const { numberPattern } = await schoolRules(tx, schoolId)
  return fields.flatMap(({ id, label, means }) => {
    const answer = answers[id]
    if (typeof answer !== 'string' || answer.trim() === '') return []
    const path = `answers.${id}`
    if (means === 'student_number' && !numberPattern.test(answer.trim())) {
      return [{ path, message: `${label}: does not look like a student number of this school` }]
    }
    // A day ahead: it is tomorrow already somewhere.
    const isAhead = means === 'birth_date' && Date.parse(answer) > nowMs + 86_400_000
    return isAhead ? [{ path, message: `${label}: lies in the future` }] : []
  })
}

async function keepFiles(tx: Tx, row: Application, form: FormContent, answers: Answers): Promise<void> {
  await tx.deleteFrom('application_files').where('application_id', '=', row.id).execute()
  const files = filesIn(form, answers).map(({ field, file }) => ({
    school_id: row.school_id,
    application_id: row.id,
    field,
    file_id: file.fileId,
  }))
  if (files.length > 0) await tx.insertInto('application_files').values(files).execute()
}

async function personIndexOf(
  tx: Tx,
  vault: Vault,
  { schoolId }: Actor,
  applicant: Applicant,
  { fields }: FormContent,
  answers: Answers,
): Promise<string | null> {
  const field = fields.find(({ means }) => means === 'birth_date')
  const birthDate = field && answers[field.id]
  if (typeof birthDate !== 'string') return null
  return personIndex(await sealingOf(tx, vault, schoolId), nameOf(applicant), birthDate)
}
