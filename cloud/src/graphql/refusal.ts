import { GraphQLError } from 'graphql'
import { type Log, said } from '../http/log.ts'
import type { Problem } from '../http/problem.ts'

/** What is shown as it is; whatever else fails while an operation is carried out is not. */
const ours = new WeakSet<Error>()

/** The word of what fails without a word of its own. */
const FAILED: Problem = {
  status: 500,
  code: 'internal_error',
  message: 'Something went wrong here. Try again; if it stays so, tell the operator the request id.',
}

/** A no with its reason, to throw: the same code, message and details as over REST. */
export function refusal({ code, message, details = [] }: Problem): GraphQLError {
  const error = new GraphQLError(message, { extensions: { code, ...(details.length > 0 && { details }) } })
  ours.add(error)
  return error
}

/** Of something that was returned as a failure: its row in a table of problems is thrown. */
export function refused(problem: Problem): never {
  throw refusal(problem)
}

/** The document or its variables are not right. What the library says of them was said by who sent them. */
export function malformed(errors: readonly GraphQLError[], code: string): readonly GraphQLError[] {
  return errors.slice(0, ERRORS_MAX).map(error => {
    const shown = new GraphQLError(error.message.slice(0, WORDS_MAX), {
      ...(error.nodes !== undefined && { nodes: error.nodes }),
      ...(error.source !== undefined && { source: error.source }),
      ...(error.positions !== undefined && { positions: error.positions }),
      extensions: { code },
    })
    ours.add(shown)
    return shown
  })
}

const ERRORS_MAX = 20
const WORDS_MAX = 500

export const isOurs = (error: unknown): boolean =>
  error instanceof Error && (ours.has(error) || (error instanceof GraphQLError && isOurs(error.originalError)))

/** Errors as the caller sees them: our own in full, everything else one sentence with the request's id. */
export function shownErrors(
  errors: readonly GraphQLError[],
  { requestId, log }: { readonly requestId: string; readonly log: Log },
): readonly GraphQLError[] {
  return errors.slice(0, ERRORS_MAX).map(error => {
    const isShown = isOurs(error)
    if (!isShown) {
      const place = error.path?.filter(step => typeof step === 'string').join('.') ?? ''
      log.error({ requestId, place, problem: said(error.originalError ?? error) }, 'graphql.failed')
    }
    const { code, message } = FAILED
    const shown = new GraphQLError(isShown ? error.message : message, {
      ...(error.nodes !== undefined && { nodes: error.nodes }),
      ...(error.source !== undefined && { source: error.source }),
      ...(error.positions !== undefined && { positions: error.positions }),
      ...(error.path !== undefined && { path: error.path }),
      extensions: { ...(isShown ? error.extensions : { code }), requestId },
    })
    ours.add(shown)
    return shown
  })
}

/** Whatever was thrown, as one error to show. */
export function errorOf(problem: unknown): GraphQLError {
  if (problem instanceof GraphQLError) return problem
  const originalError = problem instanceof Error ? problem : new Error(String(problem))
  return new GraphQLError(FAILED.message, { originalError })
}
