import { z } from 'zod'
import { Expression } from './expression.ts'

/** `document` and `photo` take a file that was handed in. */
export const FIELD_KINDS = [
  'text',
  'long_text',
  'choice',
  'many',
  'date',
  'number',
  'yes_no',
  'document',
  'photo',
] as const
export type FieldKind = (typeof FIELD_KINDS)[number]

/** What the checks understand a field to be. */
export const FIELD_MEANINGS = ['student_number', 'birth_date'] as const

export const FIELDS_MAX = 100
export const TEXT_MAX = 500
export const LONG_TEXT_MAX = 5_000

const words = (most: number) => z.string().trim().min(1, 'say it in a few words').max(most)
const day = z.iso.date('must be a date such as 2026-09-01')

export const FormField = z.strictObject({
  id: z.string().regex(/^[a-z][a-zA-Z0-9_]{0,39}$/, 'must be a short word such as birthDate'),
  label: words(200),
  help: z.string().trim().max(1_000).nullable().default(null),
  kind: z.enum(FIELD_KINDS),
  /** A document that is missing is asked for after submission; every other required field before it. */
  required: z.boolean().default(false),
  /** Sealed where it is kept, and shown in full only to who may read personal data. */
  personal: z.boolean().default(false),
  /** A number of a passport or identity card: always personal, and shown by its last two characters. */
  identity: z.boolean().default(false),
  means: z.enum(FIELD_MEANINGS).nullable().default(null),
  /** Of `choice` and `many`. */
  choices: z.array(words(200)).max(100, 'at most 100 choices').default([]),
  /** Of texts: characters. Of numbers: the number. Of `many`: how many. */
  least: z.number().nullable().default(null),
  most: z.number().nullable().default(null),
  /** Of dates. */
  earliest: day.nullable().default(null),
  latest: day.nullable().default(null),
  /** Of documents: the applicant says until when it is valid. */
  asksExpiry: z.boolean().default(false),
})
export type FormField = z.infer<typeof FormField>

export const EligibilityRule = z.strictObject({
  /** Told to the reviewer where `when` does not hold: `Only students of Physics`. */
  reason: words(300),
  when: Expression,
})

export const FormContent = z.strictObject({
  title: words(200),
  introduction: z.string().trim().max(5_000).default(''),
  fields: z.array(FormField).min(1, 'ask something').max(FIELDS_MAX, `at most ${FIELDS_MAX} fields`),
  eligibility: z.array(EligibilityRule).max(50, 'at most 50 rules').default([]),
  /** Within so many days of submission a reviewer decides. */
  decideWithinDays: z.int().min(1).max(365).default(14),
  /** Within so many days documents that were asked for are handed in; then a reviewer sees to it. */
  handInWithinDays: z.int().min(1).max(365).default(14),
  /** So many days before either deadline who has to act is reminded, once. */
  remindDaysBefore: z.int().min(0).max(60).default(3),
})
export type FormContent = z.infer<typeof FormContent>

export type Mistake = { readonly path: string; readonly message: string }

/** What Zod cannot see in one field: names that are there twice, and limits that contradict each other. */
export function formMistakes({ fields }: Pick<FormContent, 'fields'>): Mistake[] {
  const mistakes: Mistake[] = []
  const say = (at: number, name: string, message: string) => mistakes.push({ path: `fields.${at}.${name}`, message })
  for (const [at, field] of fields.entries()) {
    if (fields.findIndex(({ id }) => id === field.id) < at) say(at, 'id', 'is another field’s')
    const chooses = field.kind === 'choice' || field.kind === 'many'
    if (chooses && field.choices.length === 0) say(at, 'choices', 'name at least one')
    if (!chooses && field.choices.length > 0) say(at, 'choices', `a field of the kind ${field.kind} has none`)
    if (new Set(field.choices).size < field.choices.length) say(at, 'choices', 'has one twice')
    if (field.least !== null && field.most !== null && field.least > field.most) say(at, 'most', 'is less than least')
    if (field.earliest !== null && field.latest !== null && field.earliest > field.latest) {
      say(at, 'latest', 'is before earliest')
    }
    if (field.identity && field.kind !== 'text') say(at, 'identity', 'only a text is an identity number')
    if (field.asksExpiry && field.kind !== 'document') say(at, 'asksExpiry', 'only a document expires')
    if (field.means === 'birth_date' && field.kind !== 'date') say(at, 'means', 'a date of birth is a date')
    if (field.means === 'student_number' && field.kind !== 'text') say(at, 'means', 'a student number is a text')
    if (field.means !== null && fields.findIndex(({ means }) => means === field.means) < at) {
      say(at, 'means', 'another field has this meaning')
    }
  }
  return mistakes
}

export const isFile = ({ kind }: Pick<FormField, 'kind'>): boolean => kind === 'document' || kind === 'photo'
/** Sealed where it is kept. What a file says is in the file, which is sealed itself. */
export const isPersonal = (field: FormField): boolean => !isFile(field) && (field.personal || field.identity)

/** What a school has that wrote no form of its own. */
export const DEFAULT_FORM: FormContent = FormContent.parse({
  title: 'Application for a pass',
  introduction: 'Tell us who you are. We compare it with the school’s records, and somebody of the school decides.',
  fields: [
    {
      id: 'studentNumber',
      label: 'Student number',
      help: 'As it stands in your letter of admission.',
      kind: 'text',
      required: true,
      means: 'student_number',
      most: 50,
    },
    {
      id: 'birthDate',
      label: 'Date of birth',
      kind: 'date',
      required: true,
      personal: true,
      means: 'birth_date',
      earliest: '1900-01-01',
    },
    {
      id: 'enrolment',
      label: 'Proof of enrolment',
      help: 'A PDF, or a photograph of the letter.',
      kind: 'document',
      required: true,
      asksExpiry: true,
    },
    { id: 'photo', label: 'Photograph of your face', help: 'It is shown to the guard.', kind: 'photo' },
    { id: 'remarks', label: 'Is there anything we should know?', kind: 'long_text', personal: true, most: 2_000 },
  ],
})
