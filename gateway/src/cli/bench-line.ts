import { incomingFrom } from '../devices/incoming.ts'
import type { BytePort } from '../ports.ts'

/** A line in memory between a real driver and whatever answers it. */
export type BenchLine = {
  readonly port: BytePort
  /** Bytes from the device. */
  feed(bytes: Uint8Array): void
  /** The device is taken away. */
  end(): void
}

export function benchLine(written: (bytes: Uint8Array) => void): BenchLine {
  const incoming = incomingFrom({ pause() {}, resume() {} })
  return {
    port: {
      incoming: incoming.bytes,
      async write(bytes) {
        written(bytes)
      },
      async [Symbol.asyncDispose]() {
        incoming.end()
      },
    },
    feed: bytes => incoming.push(bytes),
    end: () => incoming.end(),
  }
}
