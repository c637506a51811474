import { ascii } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import type { LineNeeds } from '../readers/line.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

const STX = '\x02'
const ETX = '\x03'
/** Of a QR code (ISO/IEC 15424). */
const AIM_ID = ']Q1'

/** What a scanner types for a code, as it is set. A code with an end of line in it could not be told from two. */
export function lineDevice({ end, prefix, aimId }: LineNeeds, { send }: FarEnd): ReaderDevice {
  return {
    receive() {},
    present({ qr, card }) {
      const text = qr ?? card ?? ''
      if (!/^[\x20-\x7e]{1,512}$/.test(text)) return fail('A QR code is 1 to 512 printable ASCII characters.')
      const typed = `${prefix}${aimId ? AIM_ID : ''}${text}`
      const line = ascii({ line: `${typed}\r\n`, etx: `${STX}${typed}${ETX}`, gap: typed }[end])
      send(line)
      return ok(line.length)
    },
  }
}
