import type { Clock } from '../ports.ts'

/** Questions in a row without an answer that make a board gone, whatever its line says. */
const UNANSWERED_MAX = 3

export type PolledLineNeeds = {
  /** The line as it is heard: ends with it, throws when it was lost. */
  readonly line: Promise<void>
  /** Asks once; false: no answer. */
  readonly ask: () => Promise<boolean>
  /** The pause before each question, so that on a new line the outputs come first. */
  readonly everyMs: () => number
  readonly clock: Clock
}

/** Asks a board again and again until its line ends. Throws when the line was lost or the board says nothing any more. */
export async function polledLine({ line, ask, everyMs, clock }: PolledLineNeeds): Promise<void> {
  const ended = new AbortController()
  const poll = async (): Promise<void> => {
    for (let unanswered = 0; unanswered < UNANSWERED_MAX; ) {
      await clock.after(everyMs(), ended.signal)
      if (ended.signal.aborted) return
      unanswered = (await ask()) ? 0 : unanswered + 1
    }
    throw new Error('the board has stopped answering: check its power and wiring')
  }
  const polling = poll()
  polling.catch(() => {})
  try {
    await Promise.race([line, polling])
  } finally {
    ended.abort()
  }
}
