export type GatheredText = {
  readonly isEmpty: boolean
  add(byte: number): void
  /** What was gathered, one character a byte; null where it was too much. Nothing is held after it. */
  end(): string | null
  forget(): void
}

/**
 * The bytes of one text, as they come. Past `bytesMax` it is lost whole: half of an over-long code can be some other
 * valid code, and so can its tail.
 */
export function gatheredText(bytesMax: number): GatheredText {
  const held = new Uint8Array(bytesMax)
  let length = 0
  return {
    get isEmpty() {
      return length === 0
    },
    add(byte) {
      if (length < bytesMax) held[length++] = byte
      else length = bytesMax + 1
    },
    end() {
      const text = length > bytesMax ? null : String.fromCharCode(...held.subarray(0, length))
      length = 0
      return text
    },
    forget() {
      length = 0
    },
  }
}
