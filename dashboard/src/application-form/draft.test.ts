import { contentMistakes } from '@gatehouse/shared/applications/answers.ts'
import { DEFAULT_FORM, FIELD_KINDS, type FormField } from '@gatehouse/shared/applications/form.ts'
import { expect, test } from 'vitest'
import { choicesOf, idOf, moved, NEW_FIELD, ofKind, withField, withoutField } from './draft.ts'

const named = (...ids: string[]): FormField[] => ids.map(id => ({ ...NEW_FIELD, id, label: id }))
const ids = (fields: readonly FormField[]) => fields.map(({ id }) => id).join('')

test.each([
  [1, -1, 'bac'],
  [1, 1, 'acb'],
  [0, -1, 'abc'],
  [2, 1, 'abc'],
] as const)('field %i moved by %i', (at, by, order) => expect(ids(moved(named('a', 'b', 'c'), at, by))).toBe(order))

test('a field takes the place of the one it was, and a new one stands at the end', () => {
  const fields = named('a', 'b')
  expect(withField(fields, { ...fields[0]!, label: 'other' }).map(({ label }) => label)).toEqual(['other', 'b'])
  expect(ids(withField(fields, named('c')[0]!))).toBe('abc')
  expect(ids(withoutField(fields, 'a'))).toBe('b')
})

test.each([
  ['Birth date', [], 'birthDate'],
  ['Ärztliches Attest?', [], 'arztlichesAttest'],
  ['Why do you come to us', ['whyDoYouComeToUs'], 'whyDoYouComeToUs2'],
  ['3rd year', [], 'rdYear'],
  ['学生番号', ['field'], 'field2'],
  ['x'.repeat(60), [], 'x'.repeat(40)],
  ['x'.repeat(60), ['x'.repeat(40)], `${'x'.repeat(39)}2`],
])('%s is called by programs', (label, taken, id) => expect(idOf(label, taken)).toBe(id))

test('choices are a line each; empty and repeated ones fall away', () => {
  expect(choicesOf(' North \n\nSouth\nNorth\n')).toEqual(['North', 'South'])
})

const EVERYTHING: FormField = {
  ...NEW_FIELD,
  choices: ['a'],
  least: 1,
  most: 2,
  earliest: '2026-01-01',
  latest: '2026-12-31',
  personal: true,
  identity: true,
  asksExpiry: true,
}

test.each(FIELD_KINDS)('a field that becomes %s keeps nothing that the service refuses of it', kind => {
  for (const from of FIELD_KINDS) {
    for (const means of [null, 'birth_date', 'student_number'] as const) {
      const field = ofKind({ ...EVERYTHING, kind: from, means }, kind)
      expect([from, means, contentMistakes({ ...DEFAULT_FORM, fields: [field] })]).toEqual([from, means, []])
    }
  }
})

test('what fits stays: the length of a text, the choices, the days of a date', () => {
  expect(ofKind({ ...EVERYTHING, kind: 'text' }, 'long_text')).toMatchObject({ least: 1, most: 2, personal: true })
  expect(ofKind({ ...EVERYTHING, kind: 'number' }, 'text')).toMatchObject({ least: null, most: null })
  expect(ofKind({ ...EVERYTHING, kind: 'choice' }, 'many')).toMatchObject({ choices: ['a'], least: null })
  expect(ofKind({ ...EVERYTHING, kind: 'date', means: 'birth_date' }, 'date')).toMatchObject({
    earliest: '2026-01-01',
    means: 'birth_date',
  })
  expect(ofKind({ ...EVERYTHING, kind: 'text' }, 'photo')).toMatchObject({ personal: false, identity: false })
})
