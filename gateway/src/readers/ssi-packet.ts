import { concat } from '@gatehouse/shared/bytes.ts'
import type { Seen } from '../core/framed-bytes.ts'

/**
 * Packets of Zebra's Simple Serial Interface ("Simple Serial Interface Programmer's Guide" 72E-40451, chapter 2): length
 * without the checksum, opcode, source, status, data, and the two's complement of the sum of all of them, high byte first.
 */
export type SsiPacket = {
  readonly kind: 'packet'
  readonly opcode: number
  readonly status: number
  readonly data: Uint8Array
}

export const SSI = {
  ACK: 0xd0,
  NAK: 0xd1,
  BEEP: 0xe6,
  LED_ON: 0xe7,
  LED_OFF: 0xe8,
  DECODE_DATA: 0xf3,
  EVENT: 0xf6,
  /** Remote scanner management: answers that are themselves the acknowledgement. */
  MANAGEMENT: 0x80,
} as const

export const FROM_SCANNER = 0x00
export const SSI_FROM_HOST = 0x04

/** Bits of the status. */
export const RESENT = 0x01
export const CONTINUED = 0x02

/** Why a NAK: the checksum was wrong, say it again. */
export const NAK_RESEND = 0x01

const HEAD_BYTES = 4
const CHECKSUM_BYTES = 2
export const SSI_PACKET_BYTES_MAX = 255 + CHECKSUM_BYTES
/** What fits behind the head. */
export const SSI_DATA_BYTES_MAX = 255 - HEAD_BYTES

/** Opcodes lie beyond this; text and most noise do not. */
const OPCODE_MIN = 0x80

export function ssiPacket(source: number, opcode: number, data: Uint8Array = new Uint8Array(), status = 0): Uint8Array {
  const body = concat(Uint8Array.of(HEAD_BYTES + data.length, opcode, source, status), data)
  const sum = -body.reduce((sum, byte) => sum + byte, 0) & 0xffff
  return concat(body, Uint8Array.of(sum >> 8, sum & 0xff))
}

/** What the bytes from here are, as a packet from this source. Nothing marks a beginning but its own look. */
export function seenSsi(source: number): (held: Uint8Array) => Seen<SsiPacket> {
  return held => {
    const length = held[0]!
    if (length < HEAD_BYTES) return { kind: 'none', why: null }
    if (held.length > 1 && held[1]! < OPCODE_MIN) return { kind: 'none', why: null }
    if (held.length > 2 && held[2] !== source) return { kind: 'none', why: null }
    const bytes = length + CHECKSUM_BYTES
    if (held.length < bytes) return { kind: 'more' }
    const sum = held.subarray(0, length).reduce((sum, byte) => sum + byte, 0)
    if (((sum + (held[length]! << 8) + held[length + 1]!) & 0xffff) !== 0) return { kind: 'none', why: 'checksum' }
    const frame = { kind: 'packet', opcode: held[1]!, status: held[3]!, data: held.slice(HEAD_BYTES, length) } as const
    return { kind: 'frame', frame, bytes }
  }
}
