import type { FormContent } from '@gatehouse/shared/applications/form.ts'
import { type FieldKind, FormField, isFile } from '@gatehouse/shared/applications/form.ts'

type Fields = FormContent['fields']

export const KIND_WORDS: Record<FieldKind, string> = {
  text: 'A line of text',
  long_text: 'Several lines of text',
  choice: 'One of several choices',
  many: 'Any of several choices',
  date: 'A date',
  number: 'A number',
  yes_no: 'Yes or no',
  document: 'A document',
  photo: 'A photograph',
}

/** A field that asks nothing yet. */
export const NEW_FIELD: FormField = FormField.parse({ id: 'new', label: 'new', kind: 'text' })

/** Moves one field up (-1) or down (1); at the ends nothing moves. */
export function moved(fields: Fields, at: number, by: -1 | 1): Fields {
  const to = at + by
  if (to < 0 || to >= fields.length) return fields
  const next = [...fields]
  next[at] = fields[to]!
  next[to] = fields[at]!
  return next
}

/** The field in the place of the one with its id, or at the end. */
export function withField(fields: Fields, field: FormField): Fields {
  const at = fields.findIndex(({ id }) => id === field.id)
  return at < 0 ? [...fields, field] : fields.with(at, field)
}

export function withoutField(fields: Fields, id: string): Fields {
  return fields.filter(field => field.id !== id)
}

/** The same question answered in another way: what that way does not know falls away. */
export function ofKind(field: FormField, kind: FieldKind): FormField {
  const chooses = kind === 'choice' || kind === 'many'
  const counts = kind === 'text' || kind === 'long_text' || kind === 'number' || kind === 'many'
  const both = (kinds: readonly FieldKind[]) => kinds.includes(kind) && kinds.includes(field.kind)
  const staysCounted = counts && (field.kind === kind || both(['text', 'long_text']))
  return {
    ...field,
    kind,
    choices: chooses ? field.choices : [],
    least: staysCounted ? field.least : null,
    most: staysCounted ? field.most : null,
    earliest: kind === 'date' ? field.earliest : null,
    latest: kind === 'date' ? field.latest : null,
    identity: kind === 'text' && field.identity,
    personal: !isFile({ kind }) && field.personal,
    asksExpiry: kind === 'document' && field.asksExpiry,
    means:
      (field.means === 'birth_date' && kind === 'date') || (field.means === 'student_number' && kind === 'text')
        ? field.means
        : null,
  }
}

const ID_MAX = 40

/** `birthDate` of `Birth date`: what programs and rules call a field. It stays when the label changes. */
export function idOf(label: string, taken: readonly string[]): string {
  const words = label
    .normalize('NFKD')
    .replace(/[^\p{ASCII}]/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word, at) => (at === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()))
    .join('')
    .replace(/^[0-9]+/, '')
  const name = words === '' ? 'field' : words.charAt(0).toLowerCase() + words.slice(1)
  for (let number = 1; ; number++) {
    const ending = number === 1 ? '' : String(number)
    const id = name.slice(0, ID_MAX - ending.length) + ending
    if (!taken.includes(id)) return id
  }
}

/** Choices as they are typed, one a line. */
export function choicesOf(text: string): string[] {
  return [...new Set(text.split('\n').map(line => line.trim()))].filter(Boolean)
}
