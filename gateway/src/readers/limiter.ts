const CR = 0x0d
const LF = 0x0a

/**
 * Lets whole lines through, each ended by one LF, whatever ended it: CR, LF or both. Empty lines are dropped.
 *
 * A line past `maxBytes` is dropped whole: half of an over-long code can be some other valid code, and so can its
 * tail. A line that the hang-up cut in two never had an end and is dropped too. Each byte is touched once.
 */
export function lineLimiter(maxBytes: number): (chunk: Uint8Array) => Uint8Array[] {
  const line = new Uint8Array(maxBytes + 1)
  let length = 0
  return chunk => {
    const whole: Uint8Array[] = []
    for (const byte of chunk) {
      if (byte === CR || byte === LF) {
        if (length > 0 && length <= maxBytes) {
          line[length] = LF
          whole.push(line.slice(0, length + 1))
        }
        length = 0
      } else if (length < maxBytes) {
        line[length++] = byte
      } else {
        length = maxBytes + 1
      }
    }
    return whole
  }
}
