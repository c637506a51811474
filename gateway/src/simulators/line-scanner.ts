import { ascii, concat } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

const CR_LF = Uint8Array.of(0x0d, 0x0a)

/** What a scanner types for a code: the code and CR LF. A code with an end of line in it could not be told from two. */
export function lineDevice(_config: unknown, { send }: FarEnd): ReaderDevice {
  return {
    receive() {},
    present({ qr = '' }) {
      if (!/^[\x20-\x7e]{1,512}$/.test(qr)) return fail('A QR code is 1 to 512 printable ASCII characters.')
      const line = concat(ascii(qr), CR_LF)
      send(line)
      return ok(line.length)
    },
  }
}
