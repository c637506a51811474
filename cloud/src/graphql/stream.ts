import type { GraphQLError } from 'graphql'
import { refusal } from './refusal.ts'

/** What waits for a reader: half a minute of a busy morning. */
const WAITING_MAX = 1_000

/** Values for one reader, pushed as they come. */
export type Stream<Value> = AsyncIterableIterator<Value> & {
  push(value: Value): void
  /** Says what waits, and then that it is over; with a reason, that at once. */
  end(reason?: GraphQLError): void
  return(): Promise<IteratorResult<Value>>
}

const TOO_SLOW = {
  status: 429,
  code: 'too_slow',
  message: `More than ${WAITING_MAX} messages waited to be read, and the rest would have been lost. Subscribe again, and read what you missed by a query.`,
}

/** `onEnd`: the reader is gone, or it was ended. A reader who does not read is ended and does not fill memory. */
export function openStream<Value>(onEnd: () => void): Stream<Value> {
  const waiting: Value[] = []
  let asked: { tell(result: IteratorResult<Value>): void; fail(reason: unknown): void } | null = null
  let isOver = false
  let reason: GraphQLError | null = null

  const end = (why?: GraphQLError) => {
    if (isOver) return
    isOver = true
    if (why !== undefined) {
      waiting.length = 0
      reason = why
    }
    onEnd()
    const reader = asked
    asked = null
    if (reader === null) return
    if (reason === null) reader.tell(OVER)
    else {
      reader.fail(reason)
      reason = null
    }
  }

  return {
    push(value) {
      if (isOver) return
      if (asked !== null) {
        const { tell } = asked
        asked = null
        tell({ done: false, value })
        return
      }
      waiting.push(value)
      if (waiting.length > WAITING_MAX) end(refusal(TOO_SLOW))
    },
    end,
    next() {
      const [value] = waiting.splice(0, 1)
      if (value !== undefined) return Promise.resolve({ done: false, value })
      if (reason !== null) {
        const why = reason
        reason = null
        return Promise.reject(why)
      }
      if (isOver) return Promise.resolve(OVER)
      return new Promise((tell, fail) => {
        asked = { tell, fail }
      })
    },
    return() {
      waiting.length = 0
      end()
      return Promise.resolve(OVER)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const OVER = { done: true, value: undefined } as const

/** What becomes of each value; null is passed over. Ends with the stream, and ends it. */
export function eachOf<Value, Made>(
  stream: Stream<Value>,
  make: (value: Value) => Promise<Made | null>,
): AsyncIterableIterator<Made> {
  return {
    async next() {
      for (;;) {
        const given = await stream.next()
        if (given.done) return OVER
        const value = await make(given.value)
        if (value !== null) return { done: false, value }
      }
    },
    async return() {
      await stream.return()
      return OVER
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
