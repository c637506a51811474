import type { Answer } from '@gatehouse/shared/applications/answers.ts'
import { type FormField, isFile } from '@gatehouse/shared/applications/form.ts'
import type { ApplicationForm } from '@gatehouse/shared/wire/api/applications.ts'
import type { Told } from '../applications/told.ts'

export type FileShown = Told['files'][number]

/** A field of the form, and what was answered as text: what kind of answer it is differs by school. */
export type AnswerShown = Pick<FormField, 'label' | 'kind' | 'required' | 'choices'> & {
  readonly field: string
  /** Something of the answer is left out. */
  readonly masked: boolean
  readonly value: string | null
  /** Of `many`. */
  readonly values: readonly string[] | null
  readonly file: FileShown | null
}

/** Every field in the order of the form, answered or not. */
export function answersShown({ form, answers, masked, files }: Told): AnswerShown[] {
  return form.fields.map(({ id, label, kind, required, choices }) => {
    const answer = answers[id]
    const isText = typeof answer === 'string' || typeof answer === 'number' || typeof answer === 'boolean'
    return {
      field: id,
      label,
      kind,
      required,
      choices,
      masked: masked.includes(id),
      value: isText ? String(answer) : null,
      values: Array.isArray(answer) ? answer : null,
      file: files.find(({ field }) => field === id) ?? null,
    }
  })
}

export type AnswerGiven = {
  readonly field: string
  readonly value?: string | null | undefined
  readonly values?: readonly string[] | null | undefined
  readonly fileId?: string | null | undefined
  readonly expiresOn?: string | null | undefined
}

/** As REST takes them; nothing given takes an answer away. What does not fit its field is left as it was written, and refused as there. */
export function answersGiven(
  { fields }: Pick<ApplicationForm, 'fields'>,
  given: readonly AnswerGiven[],
): Record<string, Answer | null> {
  return Object.fromEntries(
    given.map(one => [
      one.field,
      answerOf(
        fields.find(({ id }) => id === one.field),
        one,
      ),
    ]),
  )
}

function answerOf(
  field: FormField | undefined,
  { value = null, values = null, fileId = null, expiresOn = null }: AnswerGiven,
): Answer | null {
  if (field !== undefined && isFile(field) && fileId !== null) return { fileId, expiresOn }
  if (values !== null) return [...values]
  if (value === null || field === undefined) return value ?? fileId
  if (field.kind === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (field.kind === 'yes_no' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}
