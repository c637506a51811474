import { concat } from '@gatehouse/shared/bytes.ts'
import type { Seen } from '../core/framed-bytes.ts'

/**
 * Frames of a PN532 ("PN532 User Manual" UM0701-02, 6.2.1; libnfc drivers/pn532_uart.c): `00 FF`, length and its
 * complement, TFI and data, their complement, `00`. FF FF in place of a length: two bytes of length follow.
 */
export type Pn532Frame =
  | { readonly kind: 'ack' }
  /** The other side wants the last frame again. */
  | { readonly kind: 'nack' }
  /** The command was no command. */
  | { readonly kind: 'error' }
  | { readonly kind: 'information'; readonly tfi: number; readonly data: Uint8Array }

export const FROM_HOST = 0xd4
export const FROM_PN532 = 0xd5
const ERROR_TFI = 0x7f

export const ACK = Uint8Array.of(0x00, 0x00, 0xff, 0x00, 0xff, 0x00)
export const NACK = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00, 0x00)

const PREFIX_BYTES = 2
/** TFI and 264 bytes of data: the longest extended frame. */
const DATA_BYTES_MAX = 265
/** Prefix, extended length, data, checksum. */
export const PN532_FRAME_BYTES_MAX = PREFIX_BYTES + 5 + DATA_BYTES_MAX + 1

export function pn532Frame(tfi: number, data: Uint8Array): Uint8Array {
  const length = data.length + 1
  const sum = data.reduce((sum, byte) => sum + byte, tfi)
  return concat(Uint8Array.of(0x00, 0x00, 0xff, length, -length & 0xff, tfi), data, Uint8Array.of(-sum & 0xff, 0x00))
}

/** What the bytes from here are, the preamble before `00 FF` and the postamble behind left out. */
export function seenPn532(held: Uint8Array): Seen<Pn532Frame> {
  if (held[0] !== 0x00) return { kind: 'none', why: null }
  if (held.length < PREFIX_BYTES) return { kind: 'more' }
  if (held[1] !== 0xff) return { kind: 'none', why: null }
  if (held.length < PREFIX_BYTES + 2) return { kind: 'more' }
  const [length, complement] = held.subarray(PREFIX_BYTES)
  if (length === 0x00 && complement === 0xff) return { kind: 'frame', frame: { kind: 'ack' }, bytes: 4 }
  if (length === 0xff && complement === 0x00) return { kind: 'frame', frame: { kind: 'nack' }, bytes: 4 }
  if (length !== 0xff || complement !== 0xff) return seenData(held, PREFIX_BYTES + 2, length!, length! + complement!)
  if (held.length < PREFIX_BYTES + 5) return { kind: 'more' }
  const [high, low, both] = held.subarray(PREFIX_BYTES + 2)
  return seenData(held, PREFIX_BYTES + 5, (high! << 8) + low!, high! + low! + both!)
}

function seenData(held: Uint8Array, from: number, length: number, lengthSum: number): Seen<Pn532Frame> {
  if ((lengthSum & 0xff) !== 0) return { kind: 'none', why: 'checksum' }
  if (length === 0 || length > DATA_BYTES_MAX) return { kind: 'none', why: 'length' }
  const bytes = from + length + 1
  if (held.length < bytes) return { kind: 'more' }
  const whole = held.subarray(from, bytes)
  if ((whole.reduce((sum, byte) => sum + byte, 0) & 0xff) !== 0) return { kind: 'none', why: 'checksum' }
  const tfi = whole[0]!
  const frame: Pn532Frame =
    tfi === ERROR_TFI && length === 1 ? { kind: 'error' } : { kind: 'information', tfi, data: whole.slice(1, -1) }
  return { kind: 'frame', frame, bytes }
}
