/** Bytes held for a reader that is busy. A scanner sends 512 in a code; more than this is noise, and the source is paused. */
const WAITING_BYTES_MAX = 64 * 1024

export type Source = { pause(): void; resume(): void }

export type Incoming = {
  readonly bytes: AsyncIterable<Uint8Array>
  push(bytes: Uint8Array): void
  /** The end, for whichever reason; the first one stands. */
  end(lost?: Error): void
}

/** Turns the callbacks of a device into bytes to iterate over, with a bound: a full queue pauses the source. */
export function incomingFrom(source: Source): Incoming {
  let controller: ReadableStreamDefaultController<Uint8Array>
  let ended = false
  const bytes = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      pull: () => source.resume(),
      cancel: () => {
        ended = true
        source.resume()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES_MAX }),
  )
  return {
    bytes,
    push(chunk) {
      if (ended) return
      controller.enqueue(chunk)
      if ((controller.desiredSize ?? 0) <= 0) source.pause()
    },
    end(lost) {
      if (ended) return
      ended = true
      if (lost) controller.error(lost)
      else controller.close()
    },
  }
}
