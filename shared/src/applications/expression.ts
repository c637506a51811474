import { z } from 'zod'

/** What a rule may know of the student beside the answers. */
export const STUDENT_FACTS = ['student.status', 'student.department', 'student.enrolledOn'] as const
export type StudentFact = (typeof STUDENT_FACTS)[number]

const value = z.union([z.string().max(200), z.number(), z.boolean()])
const of = z.string().min(1).max(60)
const Comparison = z.union([
  z.strictObject({ of, equals: value }),
  z.strictObject({ of, in: z.array(value).min(1).max(200) }),
  z.strictObject({ of, before: z.iso.date() }),
  z.strictObject({ of, after: z.iso.date() }),
  z.strictObject({ of, atLeast: z.number() }),
  z.strictObject({ of, atMost: z.number() }),
  z.strictObject({ of, answered: z.boolean() }),
])
type Comparison = z.infer<typeof Comparison>

/**
 * A condition as JSON, closed and without loops: `{and: []}`, `{or: []}`, `{not: …}` over comparisons of one answer or one
 * fact (`of`): `equals`, `in`, `before`, `after` (days, exclusive), `atLeast`, `atMost` (numbers), `answered`.
 */
export type Expression =
  | Comparison
  | { readonly and: readonly Expression[] }
  | { readonly or: readonly Expression[] }
  | { readonly not: Expression }

const DEPTH_MAX = 6

/** Built to its depth: what is nested deeper is no expression, and reading one never recurses further. */
function nested(depth: number): z.ZodType<Expression> {
  if (depth === 0) return Comparison
  const inner = nested(depth - 1)
  return z.union([
    Comparison,
    z.strictObject({ and: z.array(inner).min(1).max(20) }),
    z.strictObject({ or: z.array(inner).min(1).max(20) }),
    z.strictObject({ not: inner }),
  ])
}
const Nested = nested(DEPTH_MAX)

/** Described to others as an object: seven levels of it spelled out would be longer than the rest of the API. */
export const Expression = z.record(z.string(), z.unknown()).refine(said => Nested.safeParse(said).success, {
  message: `is no condition: and, or, not over comparisons such as {"of": "student.status", "equals": "active"}, ${DEPTH_MAX} deep at most`,
}) as unknown as z.ZodType<Expression>

/** A text, number, yes or no, several texts; undefined: not answered. */
export type Known = string | number | boolean | readonly string[] | undefined

/** Whether it holds. What is not known equals nothing, and is before, after and in nothing. Of several texts one is enough. */
export function holds(expression: Expression, known: (name: string) => Known): boolean {
  if ('and' in expression) return expression.and.every(one => holds(one, known))
  if ('or' in expression) return expression.or.some(one => holds(one, known))
  if ('not' in expression) return !holds(expression.not, known)
  const found = known(expression.of)
  if ('answered' in expression) return (found !== undefined) === expression.answered
  const each = (Array.isArray(found) ? found : [found]) as readonly (string | number | boolean | undefined)[]
  return each.some(one => one !== undefined && compares(expression, one))
}

function compares(comparison: Exclude<Comparison, { answered: boolean }>, one: string | number | boolean): boolean {
  if ('equals' in comparison) return one === comparison.equals
  if ('in' in comparison) return comparison.in.includes(one)
  if ('before' in comparison) return typeof one === 'string' && one < comparison.before
  if ('after' in comparison) return typeof one === 'string' && one > comparison.after
  if ('atLeast' in comparison) return typeof one === 'number' && one >= comparison.atLeast
  return typeof one === 'number' && one <= comparison.atMost
}

/** Every name an expression asks for. */
export function namesIn(expression: Expression): string[] {
  if ('and' in expression) return expression.and.flatMap(namesIn)
  if ('or' in expression) return expression.or.flatMap(namesIn)
  return 'not' in expression ? namesIn(expression.not) : [expression.of]
}

/** What a name can be: dates compare as days, and a choice is one of its words. */
export type Nameable = { readonly kind: 'text' | 'date' | 'number' | 'yes_no'; readonly words?: readonly string[] }

/** Every mistake of an expression against the names there are. `path`: where it stands, `when.and.1`. */
export function expressionMistakes(
  expression: Expression,
  names: ReadonlyMap<string, Nameable>,
  path: string,
): { readonly path: string; readonly message: string }[] {
  const several =
    'and' in expression
      ? (['and', expression.and] as const)
      : 'or' in expression
        ? (['or', expression.or] as const)
        : null
  if (several !== null) {
    return several[1].flatMap((one, at) => expressionMistakes(one, names, `${path}.${several[0]}.${at}`))
  }
  if ('not' in expression) return expressionMistakes(expression.not, names, `${path}.not`)
  const comparison = expression as Comparison
  const named = names.get(comparison.of)
  if (named === undefined) return [{ path: `${path}.of`, message: `nothing is called ${comparison.of}` }]
  const message = whyNot(comparison, named)
  return message === null ? [] : [{ path, message }]
}

function whyNot(comparison: Comparison, { kind, words }: Nameable): string | null {
  if ('answered' in comparison) return null
  if ('before' in comparison || 'after' in comparison) return kind === 'date' ? null : 'only a date is before or after'
  if ('atLeast' in comparison || 'atMost' in comparison)
    return kind === 'number' ? null : 'only a number is at least or at most'
  const wanted = 'in' in comparison ? comparison.in : [comparison.equals]
  const type = kind === 'number' ? 'number' : kind === 'yes_no' ? 'boolean' : 'string'
  if (wanted.some(one => typeof one !== type))
    return `is compared with ${type === 'boolean' ? 'yes or no' : `a ${type}`}`
  const strange = words && wanted.find(one => !words.includes(one as string))
  return strange === undefined ? null : `${strange} is none of its choices`
}
