import { may, type Operation } from '@gatehouse/shared/wire/rights.ts'
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableValues,
} from 'graphql'
import { mayNow } from '../auth/identity.ts'
import type { SchoolPerson } from '../http/bind.ts'
import { noText } from '../http/no-text.ts'
import { NOT_ALLOWED, NOT_FOR_KEYS, type Problem } from '../http/problem.ts'
import type { FieldFacts } from './schema/builder.ts'

export const LIMITS = {
  /** A page of students with everything beside them is 250. */
  tokens: 2_000,
  /** A field of a field of a field: what people ask for is five deep. */
  depth: 10,
  /** Each begins statements of its own, whatever it is called. */
  rootFields: 10,
  /** Fields, times how often the lists around them can hold them. A page of 100 students with up to 10 passes and 10 applications each, and the groups of each pass, is 47,000. */
  values: 50_000,
} as const

/** Rows of a list where nothing says how many. */
const PAGE_DEFAULT = 25
const PAGE_MAX = 100

const tooMuch = (code: string, message: string): Problem => ({ status: 400, code, message })

export type Asked = {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: VariableValues
  readonly who: SchoolPerson
}

/**
 * Why an operation is not begun: too deep, too much, a right that is missing, text that is none. Computed from the
 * document and its variables alone. `@skip` and `@include` are not looked at: what is written has to be allowed.
 */
export function objectionTo({ schema, operation, fragments, variables, who }: Asked): Problem | null {
  let [values, rootFields] = [0, 0]

  const ofSelections = (
    { selections }: SelectionSetNode,
    type: GraphQLObjectType,
    at: { readonly times: number; readonly depth: number; readonly page: number },
  ): Problem | null => {
    if (at.depth > LIMITS.depth) return TOO_DEEP
    for (const selection of selections) {
      // Fragments that lead to fragments count too: they are walked each time they are named.
      values += at.times
      if (values > LIMITS.values) return TOO_MUCH
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
      if (fragment === undefined) continue
      const objection =
        fragment.kind === Kind.FIELD ? ofField(fragment, type, at) : ofSelections(fragment.selectionSet, type, at)
      if (objection !== null) return objection
    }
    return null
  }

  const ofField = (
    node: FieldNode,
    type: GraphQLObjectType,
    { times, depth, page }: { readonly times: number; readonly depth: number; readonly page: number },
  ): Problem | null => {
    if (depth === 1 && ++rootFields > LIMITS.rootFields) return TOO_MANY_FIELDS
    // What describes the schema is limited by a rule of the library, and is nobody's.
    const field = type.getFields()[node.name.value]
    if (field === undefined) return null
    const facts = field.extensions as FieldFacts
    const right = missingRight(`${type.name}.${field.name}`, facts, who)
    if (right !== null) return right
    const args = getArgumentValues(field, node, variables)
    const wrong = noText(args)
    if (wrong.length > 0) return { ...NO_TEXT, details: wrong.slice(0, 50) }
    const inner = getNamedType(field.type)
    if (!isObjectType(inner) || node.selectionSet === undefined) return null
    const asked = pageOf(args)
    const many = rowsOf(field, facts, { ...args, limit: asked.limit }, page)
    return ofSelections(node.selectionSet, inner, {
      times: times * many,
      depth: depth + 1,
      page: asked.isPaged ? asked.limit : page,
    })
  }

  const root = schema.getRootType(operation.operation)
  return root === undefined || root === null
    ? null
    : ofSelections(operation.selectionSet, root, { times: 1, depth: 1, page: PAGE_DEFAULT })
}

type Args = { readonly limit?: unknown; readonly pagination?: unknown }

function pageOf(args: Args): { readonly limit: number; readonly isPaged: boolean } {
  const paged = args.pagination as { readonly limit?: unknown } | null | undefined
  const said = paged?.limit ?? args.limit
  return { limit: Math.min(PAGE_MAX, Math.max(1, Number(said ?? PAGE_DEFAULT))), isPaged: 'pagination' in args }
}

/** Not a list: one. */
function rowsOf(
  field: GraphQLField<unknown, unknown>,
  { atMost }: FieldFacts,
  { limit }: { readonly limit: number },
  page: number,
): number {
  if (!String(field.type).startsWith('[')) return 1
  return atMost === 'limit' ? limit : typeof atMost === 'number' ? atMost : page
}

function missingRight(name: string, { needs, own }: FieldFacts, who: SchoolPerson): Problem | null {
  if (needs === undefined) return null
  if (needs === 'signed-in') return who.scopes === null ? null : NOT_FOR_KEYS
  if (own !== undefined && mayNow(who, own)) return null
  const missing = needs.find(operation => !mayNow(who, operation))
  return missing === undefined ? null : notAllowed(name, missing, who)
}

function notAllowed(name: string, operation: Operation, { role, grants }: SchoolPerson): Problem {
  const isKeys = may(role, operation, grants)
  return {
    ...NOT_ALLOWED,
    message: isKeys
      ? `${name} needs the scope ${operation}, which this key was not made for. Make one that has it.`
      : `${name} needs the right ${operation}. ${NOT_ALLOWED.message}`,
  }
}

const TOO_DEEP = tooMuch(
  'too_deep',
  `The operation goes more than ${LIMITS.depth} fields deep. Ask for less at once, and for the rest by its id.`,
)
const TOO_MUCH = tooMuch(
  'too_costly',
  `The operation asks for more than ${LIMITS.values.toLocaleString('en')} values: its fields, times the rows of the lists they are in. Ask for fewer rows (limit) or fewer fields.`,
)
const TOO_MANY_FIELDS = tooMuch(
  'too_many_fields',
  `The operation begins with more than ${LIMITS.rootFields} fields, other names for the same one counted. Send several operations.`,
)
const NO_TEXT: Problem = {
  status: 422,
  code: 'validation_failed',
  message: 'Something in the operation has a character that is no text.',
}
