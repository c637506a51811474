import { concat } from '@gatehouse/shared/bytes.ts'
import { CRC16_CCITT_FALSE, crc16 } from '@gatehouse/shared/crc.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { decodeCobs, encodeCobs } from './cobs.ts'

/**
 * `00 | COBS(head | payload | CRC) | 00`. The zero in front ends whatever noise was on the line; the CRC is
 * CRC-16/CCITT-FALSE over head and payload, high byte first.
 */

/** Head, payload and CRC: what a controller must be able to hold. */
export const FRAME_BYTES_MAX = 256
export const HEAD_BYTES = 5
const CRC_BYTES = 2
export const PAYLOAD_BYTES_MAX = FRAME_BYTES_MAX - HEAD_BYTES - CRC_BYTES

/** COBS adds a byte, and one more for each 254. */
const ENCODED_BYTES_MAX = FRAME_BYTES_MAX + 2

/** High half of the first byte. */
export const VERSION = 1

/** Low half of the first byte. Requests and acknowledgements come from the host, the others from the controller. */
export const KINDS = {
  request: 1,
  response: 2,
  event: 3,
  acknowledgement: 4,
  refusal: 5,
  hello: 6,
} as const
export type Kind = keyof typeof KINDS

export type Head = {
  readonly kind: Kind
  /** Of a request or an event; 0 in what answers one. */
  readonly seq: number
  /** Of a response, a refusal or an acknowledgement: the `seq` that is answered. Otherwise 0. */
  readonly ack: number
  readonly op: number
}
export type Frame = { readonly head: Head; readonly payload: Uint8Array }

/** Why bytes between two zeros are no frame. `flags`: it wants what this version does not know, such as authentication. */
export type FrameFailure = 'stuffing' | 'too_short' | 'too_long' | 'crc' | 'version' | 'flags' | 'kind'

/** The bytes for the line, zeros at both ends. Throws for a payload that no frame holds. */
export function encodeFrame({ head: { kind, seq, ack, op }, payload }: Frame): Uint8Array {
  if (payload.length > PAYLOAD_BYTES_MAX) throw new Error(`a payload of ${payload.length} bytes fits into no frame`)
  const body = concat(Uint8Array.of((VERSION << 4) | KINDS[kind], 0, seq, ack, op), payload)
  const crc = crc16(CRC16_CCITT_FALSE, body)
  return concat(Uint8Array.of(0), encodeCobs(concat(body, Uint8Array.of(crc >> 8, crc & 0xff))))
}

/** The frame in what stood between two zeros. */
export function decodeFrame(stuffed: Uint8Array): Result<Frame, FrameFailure> {
  if (stuffed.length > ENCODED_BYTES_MAX) return fail('too_long')
  const decoded = decodeCobs(stuffed)
  if (!decoded.ok) return fail('stuffing')
  const bytes = decoded.value
  if (bytes.length < HEAD_BYTES + CRC_BYTES) return fail('too_short')
  if (bytes.length > FRAME_BYTES_MAX) return fail('too_long')
  const body = bytes.subarray(0, -CRC_BYTES)
  const [high, low] = bytes.subarray(-CRC_BYTES)
  if (crc16(CRC16_CCITT_FALSE, body) !== ((high! << 8) | low!)) return fail('crc')
  const [first, flags, seq, ack, op] = body as unknown as [number, number, number, number, number]
  if (first >> 4 !== VERSION) return fail('version')
  if (flags !== 0) return fail('flags')
  const kind = (Object.keys(KINDS) as Kind[]).find(name => KINDS[name] === (first & 0x0f))
  if (kind === undefined) return fail('kind')
  return ok({ head: { kind, seq, ack, op }, payload: body.slice(HEAD_BYTES) })
}

/**
 * What each chunk completes between two zeros, still stuffed; `too_long` for what no frame can be, dropped whole. It
 * holds one frame and never more. What comes before the first zero is the tail of something that was lost.
 */
export function frameSplitter(): (chunk: Uint8Array) => Result<Uint8Array, 'too_long'>[] {
  const held = new Uint8Array(ENCODED_BYTES_MAX)
  let length = 0
  let begun = false
  let spilled = false
  return chunk => {
    const found: Result<Uint8Array, 'too_long'>[] = []
    for (const byte of chunk) {
      if (byte !== 0) {
        if (length < held.length) held[length++] = byte
        else spilled = true
        continue
      }
      if (begun && spilled) found.push(fail('too_long'))
      else if (begun && length > 0) found.push(ok(held.slice(0, length)))
      begun = true
      length = 0
      spilled = false
    }
    return found
  }
}
