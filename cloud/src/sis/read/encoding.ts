export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]

const UTF8_MARK = [0xef, 0xbb, 0xbf]
/** Latin text in UTF-16 has a zero in every other byte; no other text has any. */
const ZEROS_LEAST = 0.3
const LOOKED_AT_BYTES = 4096

export type EncodingWatch = {
  /** Bytes of the file, in order. */
  see(bytes: Uint8Array): void
  /** After the last byte. */
  guess(): Encoding
}

/**
 * What a text file is written in: by its byte order mark, by its zeros, by being valid UTF-8 to the last byte; else
 * what Excel writes on a Windows of the West. The first accent may be in row 200,000, so every byte is looked at.
 */
export function watchEncoding(): EncodingWatch {
  let head = new Uint8Array(0)
  let valid = true
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes: Uint8Array | undefined, stream: boolean) => {
    try {
      decoder.decode(bytes, { stream })
    } catch {
      valid = false
    }
  }
  return {
    see(bytes) {
      if (head.length < LOOKED_AT_BYTES) head = joined(head, bytes.subarray(0, LOOKED_AT_BYTES - head.length))
      if (valid) decode(bytes, true)
    },
    guess() {
      const told = marked(head) ?? zeroed(head)
      if (told !== null) return told
      if (valid) decode(undefined, false)
      return valid ? 'utf-8' : 'windows-1252'
    },
  }
}

function marked(head: Uint8Array): Encoding | null {
  if (UTF8_MARK.every((byte, at) => head[at] === byte)) return 'utf-8'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return null
}

function zeroed(head: Uint8Array): Encoding | null {
  const zeros = [0, 0]
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at % 2]!++
  const least = (head.length / 2) * ZEROS_LEAST
  if (zeros[1]! >= least && zeros[1]! > zeros[0]!) return 'utf-16le'
  return zeros[0]! >= least && zeros[0]! > 0 ? 'utf-16be' : null
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

/** The text, without its byte order mark. What a byte cannot mean, and a NUL, becomes U+FFFD, and the row is refused for it. */
export async function* decoded(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true })
    if (text !== '') yield text.replaceAll('\0', '\ufffd')
  }
  const rest = decoder.decode()
  if (rest !== '') yield rest
}
