import type { Expression, Nameable } from '@gatehouse/shared/applications/expression.ts'

/** One comparison of one answer or fact. */
export type Row = {
  readonly of: string
  readonly how: How
  /** As it is typed: a text, a number, a day, `yes` or `no`; nothing for what is only answered or not. */
  readonly value: string
}

export const HOW_WORDS = {
  is: 'is',
  isNot: 'is not',
  before: 'is before',
  after: 'is after',
  atLeast: 'is at least',
  atMost: 'is at most',
  answered: 'is answered',
  unanswered: 'is not answered',
} as const
export type How = keyof typeof HOW_WORDS

/** A condition as rows that all hold, or of which one holds. */
export type Condition = { readonly join: 'all' | 'any'; readonly rows: readonly Row[] }

/** Which comparisons there are of something of this kind. */
export function howsOf({ kind }: Nameable): readonly How[] {
  const answered = ['answered', 'unanswered'] as const
  if (kind === 'date') return ['before', 'after', 'is', ...answered]
  if (kind === 'number') return ['atLeast', 'atMost', 'is', 'isNot', ...answered]
  return ['is', 'isNot', ...answered]
}

export const hasValue = (how: How): boolean => how !== 'answered' && how !== 'unanswered'

/** The rows of a condition; null: it is nested deeper than rows are, and stays as it was written. */
export function conditionOf(expression: Expression): Condition | null {
  const parts = 'and' in expression ? expression.and : 'or' in expression ? expression.or : [expression]
  const rows = parts.map(rowOf)
  if (rows.some(row => row === null)) return null
  return { join: 'or' in expression ? 'any' : 'all', rows: rows as Row[] }
}

function rowOf(expression: Expression): Row | null {
  if ('not' in expression) {
    const row = rowOf(expression.not)
    return row?.how === 'is' ? { ...row, how: 'isNot' } : null
  }
  if ('and' in expression || 'or' in expression || 'in' in expression) return null
  const { of } = expression
  if ('answered' in expression) return { of, how: expression.answered ? 'answered' : 'unanswered', value: '' }
  if ('equals' in expression) return { of, how: 'is', value: said(expression.equals) }
  if ('before' in expression) return { of, how: 'before', value: expression.before }
  if ('after' in expression) return { of, how: 'after', value: expression.after }
  if ('atLeast' in expression) return { of, how: 'atLeast', value: String(expression.atLeast) }
  return { of, how: 'atMost', value: String(expression.atMost) }
}

/** The condition that rows say. `names`: what each name is, and so what its value is. */
export function expressionOf({ join, rows }: Condition, names: ReadonlyMap<string, Nameable>): Expression {
  const parts = rows.map(row => comparisonOf(row, names.get(row.of)?.kind ?? 'text'))
  if (parts.length === 1) return parts[0]!
  return join === 'all' ? { and: parts } : { or: parts }
}

function comparisonOf({ of, how, value }: Row, kind: Nameable['kind']): Expression {
  if (how === 'answered' || how === 'unanswered') return { of, answered: how === 'answered' }
  if (how === 'before') return { of, before: value }
  if (how === 'after') return { of, after: value }
  if (how === 'atLeast') return { of, atLeast: Number(value) }
  if (how === 'atMost') return { of, atMost: Number(value) }
  const equals = kind === 'number' ? Number(value) : kind === 'yes_no' ? value === 'yes' : value
  return how === 'is' ? { of, equals } : { not: { of, equals } }
}

const said = (value: string | number | boolean) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))

/** A condition in words, however deep. */
export function sayCondition(expression: Expression, nameOf: (of: string) => string): string {
  if ('and' in expression) return expression.and.map(one => bracketed(one, nameOf)).join(' and ')
  if ('or' in expression) return expression.or.map(one => bracketed(one, nameOf)).join(' or ')
  const row = rowOf(expression)
  if (row !== null) return [nameOf(row.of), HOW_WORDS[row.how], row.value].filter(Boolean).join(' ')
  if ('not' in expression) return `not (${sayCondition(expression.not, nameOf)})`
  return 'in' in expression ? `${nameOf(expression.of)} is one of ${expression.in.map(said).join(', ')}` : ''
}

function bracketed(expression: Expression, nameOf: (of: string) => string): string {
  const words = sayCondition(expression, nameOf)
  return 'and' in expression || 'or' in expression ? `(${words})` : words
}
