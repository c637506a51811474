/** Random numbers that come again with the same seed: 0 up to, and not including, `below`. */
export type Random = (below: number) => number

/** xorshift32 (Marsaglia, 2003). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0 || 1
  return below => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}

/** A frame as a bad line, a bad device or a bad person would have it. Now and then it is left as it was. */
export function mutated(frame: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(frame)
  for (let times = random(4); times > 0; times--) bytes = once(bytes, other, random)
  return bytes
}

function once(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random(256))
  const at = random(bytes.length)
  switch (random(8)) {
    case 0: {
      bytes[at]! ^= 1 << random(8)
      return bytes
    }
    case 1: {
      bytes[at] = random(256)
      return bytes
    }
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random(3)))
    case 3:
      return joined(bytes.subarray(0, at), Uint8Array.of(random(256)), bytes.subarray(at))
    case 4:
      return bytes.subarray(0, at)
    case 5:
      return joined(bytes.subarray(0, at), other.subarray(random(other.length + 1)))
    case 6:
      return joined(bytes, bytes.subarray(at))
    default: {
      const second = random(bytes.length)
      ;[bytes[at], bytes[second]] = [bytes[second]!, bytes[at]!]
      return bytes
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.length
  }
  return whole
}

/** The bytes in pieces of awkward lengths. */
export function* inPieces(bytes: Uint8Array, random: Random): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = random(4) === 0 ? 1 + random(3) : bytes.length
    yield bytes.subarray(at, at + length)
    at += length
  }
}
