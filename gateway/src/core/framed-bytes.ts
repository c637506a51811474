/** What the bytes held so far are: a frame and its length, the beginning of one, or none. */
export type Seen<Frame> =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly bytes: number }
  | { readonly kind: 'more' }
  /** Why, where it looked like a frame and was none. The first byte is thrown away and the rest looked at again. */
  | { readonly kind: 'none'; readonly why: string | null }

export type FramedBytes<Frame> = {
  /** The frames and failed frames that a chunk completes, in order. */
  take(chunk: Uint8Array): readonly (Frame | FailedFrame)[]
  /** Whether the beginning of a frame is held. */
  readonly holds: boolean
  /** The rest of what is held did not come: it began no frame, but may have whole ones within. */
  giveUp(): readonly (Frame | FailedFrame)[]
  forget(): void
}

export type FailedFrame = { readonly kind: 'failed'; readonly why: string }

/**
 * Finds frames in a stream of bytes. After a frame that failed it looks again from the next byte, so that garbage
 * costs no frame behind it. `look` says `more` only of less than `bytesMax` bytes; nothing else is held.
 */
export function framedBytes<Frame>(bytesMax: number, look: (held: Uint8Array) => Seen<Frame>): FramedBytes<Frame> {
  const held = new Uint8Array(bytesMax)
  let length = 0

  /** Takes out what begins at `at` or behind it, and keeps what may still become a frame. */
  const settle = (found: (Frame | FailedFrame)[], from = 0) => {
    let at = from
    while (at < length) {
      const seen = look(held.subarray(at, length))
      if (seen.kind === 'more' && length - at < bytesMax) break
      if (seen.kind === 'frame') found.push(seen.frame)
      else if (seen.kind === 'none' && seen.why !== null) found.push({ kind: 'failed', why: seen.why })
      at += seen.kind === 'frame' ? seen.bytes : 1
    }
    held.copyWithin(0, at, length)
    length -= at
  }

  return {
    get holds() {
      return length > 0
    },
    take(chunk) {
      const found: (Frame | FailedFrame)[] = []
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + bytesMax - length)
        held.set(part, length)
        length += part.length
        at += part.length
        settle(found)
      }
      return found
    },
    giveUp() {
      const found: (Frame | FailedFrame)[] = []
      while (length > 0) settle(found, 1)
      return found
    },
    forget() {
      length = 0
    },
  }
}
