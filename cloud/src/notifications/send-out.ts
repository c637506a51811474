import { performance } from 'node:perf_hooks'
import type { Guarded } from '../http/breaker.ts'
import { AddressRefused, type AnswerOf, type Ask, type Asked } from '../http/guarded-request.ts'
import type { Tried } from './deliveries.repo.ts'

/** Longer than {@link Ask} gives one request. */
const CALL_MS_MAX = 15_000
export const SEND_MS_MAX = 10_000

export type Sent = { readonly answer: AnswerOf; readonly tookMs: number }

/** The service at the other end is not well: counts against it at its breaker. */
class Unwell extends Error {
  readonly sent: Sent
  constructor(sent: Sent) {
    super(`answered ${sent.answer.status}`)
    this.sent = sent
  }
}

/** One request to a service outside, behind its breaker. Answers what it said, or the try that says why there is no answer. */
export async function sendOut(
  { guarded, ask }: { readonly guarded: Guarded; readonly ask: Ask },
  service: string,
  url: URL,
  asked: Asked,
): Promise<Sent | Tried> {
  const begunMs = performance.now()
  const isFailure = (problem: unknown) => !(problem instanceof AddressRefused) && !asked.signal.aborted
  try {
    return await guarded(service, { timeoutMs: CALL_MS_MAX, isFailure }, async signal => {
      const answer = await ask(url, { ...asked, signal: AbortSignal.any([asked.signal, signal]) })
      const sent = { answer, tookMs: performance.now() - begunMs }
      if (answer.status >= 500) throw new Unwell(sent)
      return sent
    })
  } catch (problem) {
    if (problem instanceof Unwell) return problem.sent
    asked.signal.throwIfAborted()
    const outcome = problem instanceof AddressRefused ? 'failed' : 'again'
    return { outcome, status: null, tookMs: performance.now() - begunMs, words: wordsOf(problem) }
  }
}

/** What most answers mean: 2xx taken, 4xx a no that stays a no, else later. */
export function triedOf({ answer: { status, body }, tookMs }: Sent): Tried {
  const later = status >= 500 || status === 408 || status === 425 || status === 429
  const outcome = status >= 200 && status < 300 ? 'sent' : later ? 'again' : 'failed'
  return { outcome, status, tookMs, words: body.toString('utf8') }
}

export const isTried = (came: Sent | Tried): came is Tried => 'outcome' in came

function wordsOf(problem: unknown): string {
  const { message, name, code } = problem as Error & { code?: string }
  if (name === 'TimeoutError') return `There was no answer within ${SEND_MS_MAX / 1000} s.`
  return message || code || name
}
