import type { Guarded } from '../../http/breaker.ts'
import { AddressRefused, type AnswerOf, type Ask } from '../../http/guarded-request.ts'

/** Longer than one request may take by itself: this is for one that listens to nothing. */
const CALL_MS_MAX = 35_000

/** An answer that says the service is not well. It goes back to whoever asked, and counts against the service. */
class Unwell extends Error {
  readonly answer: AnswerOf
  constructor(answer: AnswerOf) {
    super(`answered ${answer.status}`)
    this.answer = answer
  }
}

/** Asks student systems, and leaves one alone that keeps failing: each host by itself, so that one school's does not silence another's. */
export function restingAsk(guarded: Guarded, ask: Ask): Ask {
  return async (url, asked) => {
    const isFailure = (problem: unknown) => !(problem instanceof AddressRefused) && !asked.signal.aborted
    try {
      return await guarded(`oneroster ${url.host}`, { timeoutMs: CALL_MS_MAX, isFailure }, async signal => {
        const answer = await ask(url, { ...asked, signal: AbortSignal.any([asked.signal, signal]) })
        if (answer.status >= 500) throw new Unwell(answer)
        return answer
      })
    } catch (problem) {
      if (problem instanceof Unwell) return problem.answer
      throw problem
    }
  }
}
