import type { ApiProblem } from '@gatehouse/shared/wire/api/envelope.ts'

/** Why a call gave no data. */
export type Failure =
  /** The service answered and said no. */
  | {
      readonly kind: 'problem'
      readonly status: number
      readonly problem: ApiProblem
      readonly retryAfterS: number | null
    }
  /** No answer came: the network, or the service is down. */
  | { readonly kind: 'unreachable' }
  /** An answer came that is not what the contract says: another version of the service, or a proxy between. */
  | { readonly kind: 'strange'; readonly status: number }

/** One sentence for a person: what happened and what to do. */
export function sayFailure(failure: Failure): string {
  if (failure.kind === 'unreachable') {
    return 'The service does not answer. Check the network; the gates go on working without it.'
  }
  if (failure.kind === 'strange') {
    return `The service gave an answer this page does not understand (${failure.status}). Load the page again.`
  }
  const { status, problem, retryAfterS } = failure
  if (status === 429) return `Too many requests. Wait ${sayWait(retryAfterS)} and try again.`
  if (status === 403 && problem.code === 'not_allowed')
    return 'Your role does not allow this. Ask an administrator of the school.'
  if (status === 503) return problem.message
  if (status >= 500) return `The service failed (${problem.requestId}). Try again; tell the operators if it stays.`
  return problem.message
}

export function sayWait(seconds: number | null): string {
  if (seconds === null) return 'a few minutes'
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}

/** What was said against each field of a form, by the field's name. */
export function fieldProblems(failure: Failure): Readonly<Record<string, string>> {
  if (failure.kind !== 'problem') return {}
  return Object.fromEntries(failure.problem.details.map(({ path, message }) => [path.replace(/^body\./, ''), message]))
}

/** A failure on its way through code that only knows exceptions: the query cache. */
export function thrown(failure: Failure): Error {
  return Object.assign(new Error(sayFailure(failure)), { failure })
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Error && 'failure' in error) return error.failure as Failure
  throw error
}
