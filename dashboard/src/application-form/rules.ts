import { contentMistakes, nameable } from '@gatehouse/shared/applications/answers.ts'
import type { Expression } from '@gatehouse/shared/applications/expression.ts'
import { FormContent, type Mistake } from '@gatehouse/shared/applications/form.ts'
import { type Condition, conditionOf, expressionOf, hasValue } from './condition.ts'

/** A rule while it is written. `condition` null: `when` is deeper than rows are, and stays. */
export type Rule = {
  readonly key: number
  readonly reason: string
  readonly condition: Condition | null
  readonly when: Expression
}

/** A form while it is written. */
export type Draft = { readonly content: Omit<FormContent, 'eligibility'>; readonly rules: readonly Rule[] }

export function draftOf({ eligibility, ...content }: FormContent): Draft {
  const rules = eligibility.map(({ reason, when }, key) => ({ key, reason, when, condition: conditionOf(when) }))
  return { content, rules }
}

export function contentOf({ content, rules }: Draft): FormContent {
  const names = nameable(content.fields)
  const eligibility = rules.map(({ reason, when, condition }) => ({
    reason,
    when: condition === null ? when : expressionOf(condition, names),
  }))
  return { ...content, eligibility }
}

/** A rule that only lets active students through: the one that most schools write first. */
export function withRule(rules: readonly Rule[]): readonly Rule[] {
  const key = Math.max(-1, ...rules.map(rule => rule.key)) + 1
  const when = { of: 'student.status', equals: 'active' } as const
  return [...rules, { key, reason: '', when, condition: conditionOf(when) }]
}

/** Every mistake of a draft, by its place in the form; empty: it can be saved. */
export function mistakesOf(draft: Draft): readonly Mistake[] {
  const unsaid = draft.rules.flatMap(({ condition }, at) =>
    condition?.rows.some(({ how, value }) => hasValue(how) && value.trim() === '')
      ? [{ path: `eligibility.${at}.when`, message: 'say what to compare with' }]
      : [],
  )
  const content = contentOf(draft)
  const read = FormContent.safeParse(content)
  const unread = read.success
    ? contentMistakes(content)
    : read.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
  const isSaid = ({ path }: Mistake) => !unsaid.some(one => path.startsWith(one.path))
  return [...unsaid, ...unread.filter(isSaid)]
}

/** The mistakes at a place and below it, as one sentence; undefined: none. */
export function mistakeAt(mistakes: readonly Mistake[], place: string): string | undefined {
  const found = mistakes.filter(({ path }) => path === place || path.startsWith(`${place}.`))
  return found.length === 0 ? undefined : found.map(({ message }) => message).join('; ')
}
