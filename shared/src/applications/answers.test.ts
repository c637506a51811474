import { expect, test } from 'vitest'
import { contentMistakes, eligibilityOf, submissionMistakes } from './answers.ts'
import { Expression, holds } from './expression.ts'
import { DEFAULT_FORM, FormContent } from './form.ts'

const form = FormContent.parse({
  title: 'A pass',
  fields: [
    { id: 'name', label: 'Name', kind: 'text', required: true, least: 2, most: 5 },
    { id: 'way', label: 'Way', kind: 'choice', choices: ['foot', 'bicycle'] },
    { id: 'days', label: 'Days', kind: 'many', choices: ['Mon', 'Tue', 'Wed'], most: 2 },
    { id: 'from', label: 'From', kind: 'date', earliest: '2026-01-01', latest: '2026-12-31' },
    { id: 'age', label: 'Age', kind: 'number', least: 16, most: 120 },
    { id: 'agrees', label: 'Agrees', kind: 'yes_no', required: true },
    { id: 'proof', label: 'Proof', kind: 'document', required: true },
  ],
})
const good = { name: 'Ada', agrees: false }

test('the form that a school has by itself has no mistake', () => expect(contentMistakes(DEFAULT_FORM)).toEqual([]))

test('a document that is missing is no mistake of a submission', () =>
  expect(submissionMistakes(form, good)).toEqual([]))

test.each([
  [{ name: undefined }, 'name', 'Name: is needed'],
  [{ name: '  ' }, 'name', 'Name: is needed'],
  [{ name: 'A' }, 'name', 'Name: at least 2 characters'],
  [{ name: 'Adaada' }, 'name', 'Name: at most 5 characters'],
  [{ name: 7 }, 'name', 'must be a text'],
  [{ way: 'car' }, 'way', 'Way: choose one of the list'],
  [{ days: ['Mon', 'Mon'] }, 'days', 'Days: choose of the list'],
  [{ days: ['Mon', 'Tue', 'Wed'] }, 'days', 'Days: choose at most 2'],
  [{ from: '2025-12-31' }, 'from', 'From: not before 2026-01-01'],
  [{ from: '2027-01-01' }, 'from', 'From: not after 2026-12-31'],
  [{ from: '2026-02-30' }, 'from', 'From: must be a date such as 2026-09-01'],
  [{ age: 15 }, 'age', 'Age: at least 16'],
  [{ age: 121 }, 'age', 'Age: at most 120'],
  [{ agrees: undefined }, 'agrees', 'Agrees: is needed'],
  [{ proof: 'a name' }, 'proof', 'must be a file that was handed in'],
  [{ other: 'x' }, 'other', 'is no field of this form'],
])('%j is named', (changed, field, message) => {
  const answers = Object.fromEntries(Object.entries({ ...good, ...changed }).filter(([, one]) => one !== undefined))
  expect(submissionMistakes(form, answers as never)).toEqual([{ path: `answers.${field}`, message }])
})

test('every mistake of a form is named, with its place', () => {
  const wrong = FormContent.parse({
    title: 'x',
    fields: [
      { id: 'a', label: 'A', kind: 'choice' },
      { id: 'a', label: 'A', kind: 'number', least: 3, most: 2, identity: true },
    ],
    eligibility: [
      {
        reason: 'r',
        when: {
          and: [
            { of: 'nobody', equals: 'x' },
            { of: 'student.status', equals: 'ill' },
          ],
        },
      },
      { reason: 'r', when: { not: { of: 'student.department', before: '2026-01-01' } } },
    ],
  })
  expect(contentMistakes(wrong).map(({ path }) => path)).toEqual([
    'fields.0.choices',
    'fields.1.id',
    'fields.1.most',
    'fields.1.identity',
    'eligibility.0.when.and.0.of',
    'eligibility.0.when.and.1',
    'eligibility.1.when.not',
  ])
})

const known = (name: string) =>
  ({ age: 20, day: '2026-05-17', way: 'foot', days: ['Mon', 'Tue'], agrees: true })[name as 'age'] as never
test.each([
  [{ of: 'age', equals: 20 }, true],
  [{ of: 'age', equals: '20' }, false],
  [{ of: 'age', atLeast: 20 }, true],
  [{ of: 'age', atLeast: 21 }, false],
  [{ of: 'age', atMost: 19 }, false],
  [{ of: 'day', before: '2026-05-17' }, false],
  [{ of: 'day', before: '2026-05-18' }, true],
  [{ of: 'day', after: '2026-05-16' }, true],
  [{ of: 'day', after: '2026-05-17' }, false],
  [{ of: 'way', in: ['foot', 'bicycle'] }, true],
  [{ of: 'days', in: ['Tue'] }, true],
  [{ of: 'days', equals: 'Wed' }, false],
  [{ of: 'nothing', equals: 'x' }, false],
  [{ of: 'nothing', answered: false }, true],
  [{ not: { of: 'nothing', answered: true } }, true],
  [
    {
      and: [
        { of: 'age', atLeast: 18 },
        { of: 'agrees', equals: true },
      ],
    },
    true,
  ],
  [
    {
      and: [
        { of: 'age', atLeast: 18 },
        { of: 'agrees', equals: false },
      ],
    },
    false,
  ],
  [
    {
      or: [
        { of: 'age', atLeast: 99 },
        { of: 'agrees', equals: true },
      ],
    },
    true,
  ],
])('%j is %s', (expression, expected) => expect(holds(Expression.parse(expression), known)).toBe(expected))

test('what is nested too deep, or is no expression, is refused', () => {
  let deep: object = { of: 'age', equals: 1 }
  for (let n = 0; n < 50; n++) deep = { not: deep }
  expect(Expression.safeParse(deep).success).toBe(false)
  for (const wrong of [{}, { and: [] }, { of: 'age' }, { of: 'age', equals: 1, in: [1] }, 'true', null]) {
    expect(Expression.safeParse(wrong).success).toBe(false)
  }
})

test('a rule that does not hold says why in the school’s words, and what was read is named', () => {
  const rules = FormContent.parse({
    ...form,
    eligibility: [
      { reason: 'Only active students', when: { of: 'student.status', equals: 'active' } },
      { reason: 'Only who agrees', when: { of: 'agrees', equals: true } },
    ],
  })
  const facts = { 'student.status': 'active', 'student.department': undefined, 'student.enrolledOn': undefined }
  expect(eligibilityOf(rules, good, facts)).toEqual({
    reasons: ['Only who agrees'],
    read: ['student.status', 'agrees'],
  })
})
