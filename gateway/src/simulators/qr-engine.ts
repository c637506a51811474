import { ascii, concat } from '@gatehouse/shared/bytes.ts'
import { CRC16_XMODEM, crc16 } from '@gatehouse/shared/crc.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import { framedBytes, type Seen } from '../core/framed-bytes.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

/** `7E 00`, type, count, address (2), data, CRC. */
const HEAD_BYTES = 6
const COMMAND_BYTES_MAX = HEAD_BYTES + 255 + 2
const DONE = Uint8Array.of(0x02, 0x00, 0x00, 0x01, 0x00, 0x33, 0x31)
const CR = Uint8Array.of(0x0d)

/** A GM65: types a code and CR, and answers commands whose CRC is right on the same line. */
export function gm65Device(_config: unknown, { send }: FarEnd): ReaderDevice {
  const commands = framedBytes(COMMAND_BYTES_MAX, seenCommand)
  return {
    receive(bytes) {
      for (const command of commands.take(bytes)) if (command.kind === 'command') send(DONE)
    },
    present({ qr = '' }) {
      if (!/^[\x20-\x7e]{1,512}$/.test(qr)) return fail('A QR code is 1 to 512 printable ASCII characters.')
      const line = concat(ascii(qr), CR)
      send(line)
      return ok(line.length)
    },
  }
}

function seenCommand(held: Uint8Array): Seen<{ readonly kind: 'command' }> {
  if (held[0] !== 0x7e || (held.length > 1 && held[1] !== 0x00)) return { kind: 'none', why: null }
  if (held.length < HEAD_BYTES) return { kind: 'more' }
  const bytes = HEAD_BYTES + held[3]! + 2
  if (held.length < bytes) return { kind: 'more' }
  const crc = crc16(CRC16_XMODEM, held.subarray(2, bytes - 2))
  const isWhole = held[bytes - 2] === crc >> 8 && held[bytes - 1] === (crc & 0xff)
  return isWhole ? { kind: 'frame', frame: { kind: 'command' }, bytes } : { kind: 'none', why: 'checksum' }
}
