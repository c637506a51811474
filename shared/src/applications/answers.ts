import { z } from 'zod'
import { STUDENT_STATUSES } from '../wire/api/students.ts'
import { graphemeCount } from '../wire/api/text.ts'
import { expressionMistakes, holds, type Known, type Nameable, namesIn, type StudentFact } from './expression.ts'
import {
  type FormContent,
  type FormField,
  formMistakes,
  isFile,
  LONG_TEXT_MAX,
  type Mistake,
  TEXT_MAX,
} from './form.ts'

export const FileAnswer = z.strictObject({
  fileId: z.uuid('must be the id of a file'),
  /** Until when the document is valid, as the applicant says. */
  expiresOn: z.iso.date('must be a date such as 2027-08-31').nullable().default(null),
})
export type FileAnswer = z.infer<typeof FileAnswer>

export const Answer = z.union([
  z.string().max(LONG_TEXT_MAX * 2),
  z.number(),
  z.boolean(),
  z.array(z.string().max(200)).max(100),
  FileAnswer,
])
export type Answer = z.infer<typeof Answer>
export type Answers = { readonly [field: string]: Answer }

const isFileAnswer = (answer: Answer): answer is FileAnswer => typeof answer === 'object' && !Array.isArray(answer)
const isDay = (text: string) => z.iso.date().safeParse(text).success

/** What a draft may not hold, whatever its form asks: answers to nothing, and answers of another kind. */
export function draftMistakes({ fields }: Pick<FormContent, 'fields'>, answers: Answers): Mistake[] {
  return Object.entries(answers).flatMap(([id, answer]) => {
    const field = fields.find(one => one.id === id)
    const message = field === undefined ? 'is no field of this form' : wrongKind(field, answer)
    return message === null ? [] : [{ path: `answers.${id}`, message }]
  })
}

/** Every mistake of an application that is submitted. Documents that are missing are none: they are asked for. `today`: in the school's zone. */
export function submissionMistakes(form: Pick<FormContent, 'fields'>, answers: Answers): Mistake[] {
  const mistakes = draftMistakes(form, answers)
  for (const field of form.fields) {
    const answer = answers[field.id]
    const path = `answers.${field.id}`
    if (mistakes.some(one => one.path === path)) continue
    if (isEmpty(answer)) {
      if (field.required && !isFile(field)) mistakes.push({ path, message: `${field.label}: is needed` })
      continue
    }
    const message = outOfLimits(field, answer!)
    if (message !== null) mistakes.push({ path, message: `${field.label}: ${message}` })
  }
  return mistakes
}

const isEmpty = (answer: Answer | undefined) =>
  answer === undefined ||
  (typeof answer === 'string' && answer.trim() === '') ||
  (Array.isArray(answer) && answer.length === 0)

function wrongKind({ kind }: FormField, answer: Answer): string | null {
  switch (kind) {
    case 'text':
    case 'long_text':
    case 'choice':
    case 'date':
      return typeof answer === 'string' ? null : 'must be a text'
    case 'number':
      return typeof answer === 'number' ? null : 'must be a number'
    case 'yes_no':
      return typeof answer === 'boolean' ? null : 'must be yes or no'
    case 'many':
      return Array.isArray(answer) ? null : 'must be a list of choices'
    default:
      return isFileAnswer(answer) ? null : 'must be a file that was handed in'
  }
}

function outOfLimits(field: FormField, answer: Answer): string | null {
  const { kind, choices, least, most, earliest, latest } = field
  if (kind === 'text' || kind === 'long_text') {
    const characters = graphemeCount((answer as string).trim())
    const limit = Math.min(most ?? Number.POSITIVE_INFINITY, kind === 'text' ? TEXT_MAX : LONG_TEXT_MAX)
    if (least !== null && characters < least) return `at least ${least} characters`
    return characters > limit ? `at most ${limit} characters` : null
  }
  if (kind === 'choice') return choices.includes(answer as string) ? null : 'choose one of the list'
  if (kind === 'many') {
    const chosen = answer as readonly string[]
    if (chosen.some(one => !choices.includes(one)) || new Set(chosen).size < chosen.length) return 'choose of the list'
    if (least !== null && chosen.length < least) return `choose at least ${least}`
    return most !== null && chosen.length > most ? `choose at most ${most}` : null
  }
  if (kind === 'date') {
    const day = answer as string
    if (!isDay(day)) return 'must be a date such as 2026-09-01'
    if (earliest !== null && day < earliest) return `not before ${earliest}`
    return latest !== null && day > latest ? `not after ${latest}` : null
  }
  if (kind === 'number') {
    if (least !== null && (answer as number) < least) return `at least ${least}`
    return most !== null && (answer as number) > most ? `at most ${most}` : null
  }
  if (field.asksExpiry && (answer as FileAnswer).expiresOn === null) return 'say until when it is valid'
  return null
}

/** Every mistake of a form with its rules. */
export function contentMistakes(content: FormContent): Mistake[] {
  const names = nameable(content.fields)
  return [
    ...formMistakes(content),
    ...content.eligibility.flatMap(({ when }, at) => expressionMistakes(when, names, `eligibility.${at}.when`)),
  ]
}

/** What a rule can ask of: facts of the student, and the answers to these fields. */
export function nameable(fields: readonly FormField[]): Map<string, Nameable> {
  const names = new Map<string, Nameable>([
    ['student.status', { kind: 'text', words: STUDENT_STATUSES }],
    ['student.department', { kind: 'text' }],
    ['student.enrolledOn', { kind: 'date' }],
  ])
  for (const field of fields) {
    if (isFile(field)) continue
    const kind = field.kind === 'date' || field.kind === 'number' || field.kind === 'yes_no' ? field.kind : 'text'
    names.set(field.id, { kind, ...(field.choices.length > 0 && { words: field.choices }) })
  }
  return names
}

export type Eligibility = { readonly reasons: readonly string[]; readonly read: readonly string[] }

/** Which rules do not hold, in the school's words, and the names of what was read. */
export function eligibilityOf(
  { fields, eligibility }: Pick<FormContent, 'fields' | 'eligibility'>,
  answers: Answers,
  facts: Readonly<Record<StudentFact, string | undefined>>,
): Eligibility {
  const known = (name: string): Known => {
    if (name in facts) return facts[name as StudentFact]
    const answer = fields.some(({ id }) => id === name) ? answers[name] : undefined
    return isEmpty(answer) || isFileAnswer(answer!) ? undefined : answer
  }
  return {
    reasons: eligibility.filter(({ when }) => !holds(when, known)).map(({ reason }) => reason),
    read: [...new Set(eligibility.flatMap(({ when }) => namesIn(when)))],
  }
}
