import { concat } from '@gatehouse/shared/bytes.ts'
import type { BytePort, Clock } from '../ports.ts'

/** Bytes of an answer that are looked through. The longest we wait for has 8. */
const RECEIVED_BYTES_MAX = 256

/** A line to a relay board: one thing said at a time. */
export type Wire = {
  write(bytes: Uint8Array): Promise<void>
  /** Writes, and gives the first word that `read` finds in what comes back; null when none came in time. */
  exchange<Word>(request: Uint8Array, read: (received: Uint8Array) => Word | null, waitMs: number): Promise<Word | null>
  /** Ends with the line; throws when it was lost. */
  listen(): Promise<void>
}

export function wireOver(port: BytePort, clock: Clock): Wire {
  let onBytes = (_bytes: Uint8Array) => {}
  return {
    write: bytes => port.write(bytes),
    async exchange(request, read, waitMs) {
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
        onBytes = () => {}
      }
    },
    async listen() {
      for await (const bytes of port.incoming) onBytes(bytes)
    },
  }
}
