import { concat } from '@gatehouse/shared/bytes.ts'
import type { BytePort, Clock } from '../ports.ts'

/** Bytes of an answer that are looked through. */
const RECEIVED_BYTES_MAX = 256

/** A line of bytes to a relay board: one thing said at a time. */
export type Wire = AsyncDisposable & {
  write(bytes: Uint8Array): Promise<void>
  /** Writes, and gives the first word that `read` finds in what comes back; null when none came in time. */
  exchange<Word>(request: Uint8Array, read: (received: Uint8Array) => Word | null, waitMs: number): Promise<Word | null>
  /** Hears what comes by itself, between exchanges. Ends with the line; throws when it was lost. */
  listen(heard?: (bytes: Uint8Array) => void): Promise<void>
}

/** `quietMs`: silence that the family wants before each frame. */
export function wireOver(port: BytePort, clock: Clock, quietMs = 0): Wire {
  let onBytes: ((bytes: Uint8Array) => void) | null = null
  let last: Promise<unknown> = Promise.resolve()
  let quietSinceMs = Number.NEGATIVE_INFINITY
  const inTurn = <Value>(say: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(async () => {
      const early = quietSinceMs + quietMs - clock.monotonicMs()
      if (early > 0) await clock.after(early)
      try {
        return await say()
      } finally {
        quietSinceMs = clock.monotonicMs()
      }
    })
    last = turn.catch(() => {})
    return turn
  }
  const exchange: Wire['exchange'] = async (request, read, waitMs) => {
    let received = new Uint8Array()
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof read>>()
    const answered = new AbortController()
    // What came before the request answers something else, and is not looked at.
    onBytes = bytes => {
      received = concat(received, bytes).slice(-RECEIVED_BYTES_MAX)
      const word = read(received)
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
