import { concat } from '@gatehouse/shared/bytes.ts'
import { oneAtATime } from '../core/one-at-a-time.ts'
import type { BytePort, Clock } from '../ports.ts'

/** Bytes of an answer that are looked through. */
const RECEIVED_BYTES_MAX = 256

/** `received` is all that came since the request, or its end; `fresh` what came just now. */
type ReadAnswer<Word> = (received: Uint8Array, fresh: Uint8Array) => Word | null

/** A line of bytes to a relay board: one thing said at a time. */
export type Wire = AsyncDisposable & {
  write(bytes: Uint8Array): Promise<void>
  /** Writes, and gives the first word that `read` finds in what came back so far; null when none came in time. */
  exchange<Word>(request: Uint8Array, read: ReadAnswer<Word>, waitMs: number): Promise<Word | null>
  /** Hears what comes by itself, between exchanges. Ends with the line; throws when it was lost. */
  listen(heard?: (bytes: Uint8Array) => void): Promise<void>
}

/**
 * `quietMs`: silence that the family wants before each frame. `lateMs`: silence after an answer that did not come, of a
 * family whose answers do not say what they answer: one that is late falls into it and is not taken for the next.
 */
export function wireOver(port: BytePort, clock: Clock, quietMs = 0, lateMs = 0): Wire {
  let onBytes: ((bytes: Uint8Array) => void) | null = null
  const one = oneAtATime()
  let speakFromMs = Number.NEGATIVE_INFINITY
  const inTurn = <Value>(say: () => Promise<Value>): Promise<Value> =>
    one(async () => {
      const early = speakFromMs - clock.monotonicMs()
      if (early > 0) await clock.after(early)
      let said: Value | null = null
      try {
        said = await say()
        return said
      } finally {
        speakFromMs = clock.monotonicMs() + (said === null ? Math.max(quietMs, lateMs) : quietMs)
      }
    })
  const exchange: Wire['exchange'] = async (request, read, waitMs) => {
    let received = new Uint8Array()
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof read>>()
    const answered = new AbortController()
    // What came before the request answers something else, and is not looked at.
    onBytes = bytes => {
      received = concat(received, bytes).slice(-RECEIVED_BYTES_MAX)
      const word = read(received, bytes)
      if (word !== null) resolve(word)
    }
    try {
      await port.write(request)
      return await Promise.race([promise, clock.after(waitMs, answered.signal).then(() => null)])
    } finally {
      answered.abort()
      onBytes = null
    }
  }
  return {
    write: bytes => inTurn(() => port.write(bytes)),
    exchange: (request, read, waitMs) => inTurn(() => exchange(request, read, waitMs)),
    async listen(heard = () => {}) {
      for await (const bytes of port.incoming) (onBytes ?? heard)(bytes)
    },
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  }
}
