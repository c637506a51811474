import { ascii, fromHex, sameBytes, toHex } from '@gatehouse/shared/bytes.ts'
import { answerAt } from './modbus.ts'
import type { ModbusFraming } from './modbus-framing.ts'

/** The sum of all bytes and this one is 0 ("Modbus over Serial Line V1.02", clause 2.5.2.2). */
export function lrc(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff
}

/** A colon, address, what is said and the LRC in hexadecimal digits, CR LF (clause 2.5.2.1). */
export function asciiFrame(address: number, pdu: Uint8Array): Uint8Array {
  const bytes = Uint8Array.of(address, ...pdu)
  return ascii(`:${toHex(Uint8Array.of(...bytes, lrc(bytes))).toUpperCase()}\r\n`)
}

/** A line begins anew at each colon, so that half a line spoils only itself. */
export function asciiFraming(address: number): ModbusFraming {
  return request => ({
    bytes: asciiFrame(address, request),
    answer(received) {
      const text = String.fromCharCode(...received)
      for (const [, digits] of text.matchAll(/:([0-9A-Fa-f]*)\r\n/g)) {
        const bytes = fromHex(digits!)
        if (bytes === null || bytes.length < 3 || bytes[0] !== address || lrc(bytes) !== 0) continue
        const said = bytes.subarray(1, -1)
        const answer = answerAt(request, said)
        if (answer !== null && sameBytes(answer, said)) return answer.slice()
      }
      return null
    },
  })
}
