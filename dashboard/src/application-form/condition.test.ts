import { nameable } from '@gatehouse/shared/applications/answers.ts'
import { type Expression, expressionMistakes } from '@gatehouse/shared/applications/expression.ts'
import { FIELD_KINDS } from '@gatehouse/shared/applications/form.ts'
import { expect, test } from 'vitest'
import { conditionOf, expressionOf, hasValue, howsOf, sayCondition } from './condition.ts'
import { NEW_FIELD } from './draft.ts'

const names = nameable(
  FIELD_KINDS.map(kind => ({
    ...NEW_FIELD,
    id: kind,
    kind,
    choices: kind === 'choice' || kind === 'many' ? ['a', 'b'] : [],
  })),
)

const active = { of: 'student.status', equals: 'active' } as const

test.each<[Expression, string, string]>([
  [active, 'all', 'student.status is active'],
  [{ not: active }, 'all', 'student.status is not active'],
  [{ and: [active, { of: 'number', atLeast: 2 }] }, 'all', 'student.status is active and number is at least 2'],
  [
    {
      or: [
        { of: 'date', before: '2026-01-01' },
        { of: 'text', answered: false },
      ],
    },
    'any',
    'date is before 2026-01-01 or text is not answered',
  ],
  [{ of: 'yes_no', equals: true }, 'all', 'yes_no is yes'],
  [{ of: 'number', equals: 3 }, 'all', 'number is 3'],
  [{ of: 'date', after: '2026-01-01' }, 'all', 'date is after 2026-01-01'],
  [{ of: 'number', atMost: 0.5 }, 'all', 'number is at most 0.5'],
  [{ of: 'many', answered: true }, 'all', 'many is answered'],
])('%j is rows, and the rows are it', (expression, join, words) => {
  const condition = conditionOf(expression)!
  expect(condition.join).toBe(join)
  expect(expressionOf(condition, names)).toEqual(expression)
  expect(sayCondition(expression, of => of)).toBe(words)
})

test.each<[Expression, string]>([
  [{ and: [active, { or: [active, active] }] }, 'S is active and (S is active or S is active)'],
  [{ not: { and: [active, active] } }, 'not (S is active and S is active)'],
  [{ not: { of: 'date', before: '2026-01-01' } }, 'not (S is before 2026-01-01)'],
  [{ of: 'choice', in: ['a', 'b'] }, 'S is one of a, b'],
])('%j is no rows, and is said in words', (expression, words) => {
  expect(conditionOf(expression)).toBeNull()
  expect(sayCondition(expression, () => 'S')).toBe(words)
})

test('whatever is offered of a name, the service takes', () => {
  for (const [of, nameable] of names) {
    for (const how of howsOf(nameable)) {
      const { kind, words } = nameable
      const value = !hasValue(how)
        ? ''
        : (words?.[0] ?? { text: 'x', date: '2026-01-01', number: '2', yes_no: 'no' }[kind])
      const expression = expressionOf({ join: 'all', rows: [{ of, how, value }] }, names)
      expect([of, how, expressionMistakes(expression, names, 'when')]).toEqual([of, how, []])
    }
  }
})
