import type { Answers } from '@gatehouse/shared/applications/answers.ts'
import { eligibilityOf } from '@gatehouse/shared/applications/answers.ts'
import { type FormContent, isFile } from '@gatehouse/shared/applications/form.ts'
import type { CheckKind, Finding } from '@gatehouse/shared/wire/api/applications.ts'
import type { Row, Tx } from '../db/tables.ts'
import { nameOf } from '../students/name.ts'
import { filesIn } from './kept-answers.ts'
import type { Application } from './move.repo.ts'

export type Examined = {
  readonly row: Application
  readonly form: FormContent
  readonly answers: Answers
  readonly student: Row<'students'> & { readonly department: string | null }
  readonly nowMs: number
  /** In the school's zone. */
  readonly today: string
}

export type Outcome = {
  /** Names of the facts that were read. */
  readonly read: readonly string[]
  readonly findings: readonly Finding[]
  /** There is no answer yet: something is still being looked at. */
  readonly pending?: boolean
}

type Check = (tx: Tx, examined: Examined) => Promise<Outcome>

const finding = (message: string, more: Partial<Omit<Finding, 'message'>> = {}): Finding => ({
  message,
  field: null,
  link: null,
  ...more,
})

/** What each check reads and finds. None of them changes anything. */
export const CHECKS: { readonly [K in CheckKind]: Check } = {
  roster: checkRoster,
  documents: checkDocuments,
  eligibility: async (_tx, { form, answers, student }) => {
    const { reasons, read } = eligibilityOf(form, answers, {
      'student.status': student.status,
      'student.department': student.department ?? undefined,
      'student.enrolledOn': student.enrolled_on ?? undefined,
    })
    return { read, findings: reasons.map(reason => finding(reason)) }
  },
  duplicates: checkDuplicates,
}

async function checkRoster(tx: Tx, { row, form, answers, student }: Examined): Promise<Outcome> {
  const findings: Finding[] = []
  const numberField = form.fields.find(({ means }) => means === 'student_number')
  const typed = numberField && answers[numberField.id]
  if (student.archived_at !== null) findings.push(finding('The student is no longer in the school’s records.'))
  else if (student.status !== 'active')
    findings.push(finding(`The student is ${student.status} in the school’s records.`))
  if (typeof typed === 'string' && typed.trim() !== student.student_number) {
    const other = await tx
      .selectFrom('students')
      .select('id')
      .where('student_number', '=', typed.trim())
      .where('archived_at', 'is', null)
      .executeTakeFirst()
    const message =
      other === undefined
        ? 'The student number that was typed is nobody’s in the school’s records.'
        : 'The student number that was typed is another student’s.'
    const link = other === undefined ? null : ({ kind: 'student', id: other.id } as const)
    findings.push(finding(message, { field: numberField!.id, link }))
  }
  const birthField = form.fields.find(({ means }) => means === 'birth_date')
  if (row.person_index !== null && student.person_index !== null && row.person_index !== student.person_index) {
    const message = 'Name and date of birth are not those of the school’s records.'
    findings.push(finding(message, { field: birthField?.id ?? null }))
  }
  const read = ['student.number', 'student.status', 'student.archived', 'student.nameAndBirthDate']
  return { read: [...read, ...[numberField, birthField].flatMap(field => (field ? [field.id] : []))], findings }
}

const REFUSED = {
  unreadable: 'cannot be read. Hand in another file.',
  encrypted: 'asks for a password. Hand it in without one.',
  infected: 'carries a virus. Hand in another file.',
} as const

async function checkDocuments(tx: Tx, { form, answers, row, today }: Examined): Promise<Outcome> {
  const given = new Map(filesIn(form, answers).map(({ field, file }) => [field, file]))
  const files = await tx
    .selectFrom('application_files')
    .innerJoin('files', join =>
      join
        .onRef('files.school_id', '=', 'application_files.school_id')
        .onRef('files.id', '=', 'application_files.file_id'),
    )
    .where('application_files.application_id', '=', row.id)
    .select(['application_files.field', 'files.state', 'files.refusal', 'files.removed_at'])
    .execute()
  const findings: Finding[] = []
  let pending = false
  for (const field of form.fields.filter(isFile)) {
    const file = files.find(one => one.field === field.id)
    const say = (words: string) => findings.push(finding(`${field.label}: ${words}`, { field: field.id }))
    if (file === undefined || file.removed_at !== null) {
      if (field.required) say('is missing.')
      continue
    }
    const expiresOn = given.get(field.id)?.expiresOn ?? null
    if (file.state === 'waiting') pending = true
    else if (file.state === 'refused') say(REFUSED[file.refusal!])
    if (expiresOn !== null && expiresOn < today) say(`expired on ${expiresOn}.`)
  }
  const read = form.fields.filter(isFile).map(({ id }) => id)
  return { read, findings, pending: pending && findings.length === 0 }
}

async function checkDuplicates(tx: Tx, { row, student, nowMs }: Examined): Promise<Outcome> {
  const findings: Finding[] = []
  const passes = await tx
    .selectFrom('passes')
    .select(['pass_id', 'serial'])
    .where('student_id', '=', student.id)
    .where('status', 'in', ['active', 'suspended'])
    .where('expires', '>', new Date(nowMs))
    .orderBy('serial', 'desc')
    .limit(10)
    .execute()
  for (const { pass_id: id, serial } of passes) {
    findings.push(finding(`The student has a valid pass, ${serial}.`, { link: { kind: 'pass', id } }))
  }
  if (row.person_index !== null) {
    const twins = await tx
      .selectFrom('students')
      .select(['id', 'first_name', 'last_name', 'student_number'])
      .where('person_index', '=', row.person_index)
      .where('id', '!=', student.id)
      .where('archived_at', 'is', null)
      .limit(10)
      .execute()
    for (const twin of twins) {
      const message = `${nameOf(twin)}, ${twin.student_number}, has the same name and date of birth.`
      findings.push(finding(message, { link: { kind: 'student', id: twin.id } }))
    }
    const others = await tx
      .selectFrom('applications')
      .select('id')
      .where('person_index', '=', row.person_index)
      .where('student_id', '!=', student.id)
      .where('status', 'in', ['submitted', 'under_review', 'requires_documents', 'approved'])
      .limit(10)
      .execute()
    for (const { id } of others) {
      const message = 'Another application has the same name and date of birth.'
      findings.push(finding(message, { link: { kind: 'application', id } }))
    }
  }
  return { read: ['student.nameAndBirthDate', 'students', 'applications', 'passes'], findings }
}
