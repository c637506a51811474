import { toHex } from '@gatehouse/shared/bytes.ts'
import { incomingFrom } from '../devices/incoming.ts'
import type { BytePort } from '../ports.ts'

export type MemoryPort = BytePort & {
  /** What was written, a frame an entry, in hexadecimal. */
  readonly written: string[]
  readonly closed: boolean
  /** Bytes from the device. */
  feed(...chunks: readonly (Uint8Array | string)[]): void
  /** The device hangs up. */
  hangUp(lost?: Error): void
  /** Answers a written frame, as the device would; null: silence. */
  answer: (frame: Uint8Array) => Uint8Array | null
  /** Resolves when so many frames were written. */
  frames(count: number): Promise<void>
}

/** A line of bytes in memory. Text is latin1. */
export function memoryPort(): MemoryPort {
  const incoming = incomingFrom({ pause() {}, resume() {} })
  const written: string[] = []
  let closed = false
  let watchers: { readonly count: number; readonly resolve: () => void }[] = []
  const port: MemoryPort = {
    incoming: incoming.bytes,
    written,
    get closed() {
      return closed
    },
    feed(...chunks) {
      for (const chunk of chunks) incoming.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk)
    },
    hangUp: lost => incoming.end(lost),
    answer: () => null,
    async write(bytes) {
      if (closed) throw new Error('the port is closed')
      written.push(toHex(bytes))
      for (const watcher of watchers) if (written.length >= watcher.count) watcher.resolve()
      watchers = watchers.filter(watcher => written.length < watcher.count)
      const answered = port.answer(bytes)
      if (answered !== null) incoming.push(answered)
    },
    frames: count =>
      new Promise(resolve => {
        if (written.length >= count) resolve()
        else watchers.push({ count, resolve })
      }),
    async [Symbol.asyncDispose]() {
      closed = true
      incoming.end()
    },
  }
  return port
}

/** Chunks as a stream of bytes. */
export async function* chunksOf(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = []
  for await (const value of values) collected.push(value)
  return collected
}
