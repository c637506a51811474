import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
  validateSubscriptionArgs,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { inSchool } from '../db/school.ts'
import type { SchoolPerson } from '../http/bind.ts'
import { inRequest } from '../http/request-now.ts'
import { type CallNeeds, openCall } from './call.ts'
import { LIMITS, objectionTo } from './limits.ts'
import { errorOf, isOurs, malformed, refusal, shownErrors } from './refusal.ts'
import type { Watchers } from './watchers.ts'

export type Params = {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>> | null
  readonly operationName: string | null
}

/** Somebody who sends an operation, and by what: subscriptions end with it. */
export type Sender = { readonly who: SchoolPerson; readonly token: string }

export type Executor = {
  /** Carries an operation out; of a subscription the answers as they come. `only`: what may be asked in this way. */
  run(
    params: Params,
    sender: Sender,
    only?: 'subscription' | 'no subscription',
  ): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>>
}

/** Documents read and found right; one that is longer than the limit of tokens is never here. */
const DOCUMENTS_MAX = 500
const KEPT_CHARACTERS_MAX = 20_000

type Read = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] }

const OTHERWISE = {
  subscription: {
    status: 400,
    code: 'only_subscriptions',
    message: 'Here only subscriptions are taken. Send queries and mutations by POST, as JSON.',
  },
  'no subscription': {
    status: 406,
    code: 'stream_not_accepted',
    message: 'A subscription is answered as a stream: ask with Accept: text/event-stream, or over a web socket.',
  },
} as const

export function executor({
  schema,
  needs,
  watchers,
}: {
  readonly schema: GraphQLSchema
  readonly needs: CallNeeds
  readonly watchers: Watchers
}): Executor {
  const documents = new LRUCache<string, DocumentNode>({ max: DOCUMENTS_MAX })

  const read = (query: string): Read => {
    const known = documents.get(query)
    if (known !== undefined) return { document: known }
    try {
      const document = parse(query, { maxTokens: LIMITS.tokens, maxComments: LIMITS.tokens })
      const errors = validate(schema, document, undefined, { maxErrors: 20 })
      if (errors.length > 0) return { errors: malformed(errors, 'invalid_operation') }
      if (query.length <= KEPT_CHARACTERS_MAX) documents.set(query, document)
      return { document }
    } catch (problem) {
      return { errors: malformed([errorOf(problem)], 'unreadable_operation') }
    }
  }

  const shown = (result: ExecutionResult, requestId: string): ExecutionResult =>
    result.errors === undefined || result.errors.length === 0
      ? result
      : { ...result, errors: shownErrors(result.errors, { requestId, log: needs.log }) }

  /** A query reads everything in one transaction: where something in it fails unforeseen, nothing of it is told. */
  const query = async (args: ExecutionArgs, who: SchoolPerson): Promise<ExecutionResult> => {
    let failed: ExecutionResult | null = null
    try {
      return await inSchool(needs.db, who.school.id, async tx => {
        const result = await execute({ ...args, contextValue: openCall(needs, who, tx) })
        const unforeseen = result.errors?.filter(error => !isOurs(error)) ?? []
        if (unforeseen.length === 0) return result
        failed = { data: null, errors: unforeseen }
        throw unforeseen[0]!
      })
    } catch (problem) {
      return failed ?? { data: null, errors: [errorOf(problem)] }
    }
  }

  const subscription = async (args: ExecutionArgs, { who, token }: Sender) => {
    const prepared = validateSubscriptionArgs({ ...args, contextValue: openCall(needs, who) })
    if (!('operation' in prepared)) return { errors: prepared }
    const source = await createSourceEventStream(prepared)
    if (!(Symbol.asyncIterator in source)) return source
    const events = source[Symbol.asyncIterator]() as AsyncIterableIterator<unknown>
    const place = watchers.enter({ token, who, onEnd: () => void events.return?.() })
    if ('code' in place) {
      await events.return?.()
      return { errors: [refusal(place)] }
    }
    const answer = (event: unknown) =>
      inRequest(who.by.requestId ?? '', async () =>
        execute({ ...args, rootValue: event, contextValue: openCall(needs, who) }),
      )
    return answers({ events, place, answer, shown: result => shown(result, who.by.requestId ?? '') })
  }

  return {
    async run({ query: text, variables, operationName }, sender, only) {
      const { who } = sender
      const requestId = who.by.requestId ?? ''
      const no = (errors: readonly GraphQLError[]) => shown({ errors: [...errors] }, requestId)
      const found = read(text)
      if ('errors' in found) return no(found.errors)
      const { document } = found
      const operation = getOperationAST(document, operationName ?? null)
      if (operation == null) return no([refusal(NO_OPERATION)])
      const inputs = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, { maxErrors: 20 })
      if (inputs.errors !== undefined) return no(malformed(inputs.errors, 'invalid_variables'))
      const objection = objectionOf(operation, document, inputs.variableValues, who)
      if (objection !== null) return no([objection])
      if (only !== undefined && (only === 'subscription') !== (operation.operation === 'subscription')) {
        return no([refusal(OTHERWISE[only])])
      }

      const args = { schema, document, variableValues: variables ?? {}, operationName: operationName ?? null }
      if (operation.operation === 'query') return shown(await query(args, who), requestId)
      if (operation.operation === 'mutation') {
        return shown(await execute({ ...args, contextValue: openCall(needs, who) }), requestId)
      }
      const begun = await subscription(args, sender)
      return Symbol.asyncIterator in begun ? begun : shown(begun, requestId)
    },
  }

  function objectionOf(
    operation: OperationDefinitionNode,
    document: DocumentNode,
    variables: Parameters<typeof objectionTo>[0]['variables'],
    who: SchoolPerson,
  ): GraphQLError | null {
    const fragments = new Map(
      document.definitions
        .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
        .map(fragment => [fragment.name.value, fragment]),
    )
    const objection = objectionTo({ schema, operation, fragments, variables, who })
    return objection === null ? null : refusal(objection)
  }
}

const NO_OPERATION = {
  status: 400,
  code: 'no_operation',
  message: 'The document has no operation of that name, or several and none is named: say which by operationName.',
}

/** Each event, carried out on its own with nothing kept from the one before; over when the session is. */
function answers({
  events,
  place,
  answer,
  shown,
}: {
  readonly events: AsyncIterableIterator<unknown>
  readonly place: { leave(): void; stillHolds(): Promise<boolean> }
  readonly answer: (event: unknown) => Promise<ExecutionResult>
  readonly shown: (result: ExecutionResult) => ExecutionResult
}): AsyncIterableIterator<ExecutionResult> {
  let over = false
  const end = async (): Promise<IteratorResult<ExecutionResult>> => {
    over = true
    place.leave()
    await events.return?.()
    return { done: true, value: undefined }
  }
  return {
    async next() {
      if (over) return { done: true, value: undefined }
      try {
        const event = await events.next()
        if (event.done || !(await place.stillHolds())) return await end()
        return { done: false, value: shown(await answer(event.value)) }
      } catch (problem) {
        await end()
        return { done: false, value: shown({ errors: [errorOf(problem)] }) }
      }
    },
    return: end,
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
