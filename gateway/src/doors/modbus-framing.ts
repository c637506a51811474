import { concat, sameBytes } from '@gatehouse/shared/bytes.ts'
import { CRC16_MODBUS, crc16 } from '@gatehouse/shared/crc.ts'
import { answerAt } from './modbus.ts'

/** A request on the wire, and its answer found in what came back: whole, of this request, and with its check right. */
export type Framed = { readonly bytes: Uint8Array; answer(received: Uint8Array): Uint8Array | null }

/** Puts a frame around what is asked. */
export type ModbusFraming = (request: Uint8Array) => Framed

const CRC_BYTES = 2
const HEAD_BYTES = 7

/** Address in front, CRC behind with its low byte first ("Modbus over Serial Line V1.02", clause 2.5.1). */
export function rtuFrame(address: number, pdu: Uint8Array): Uint8Array {
  const frame = concat(Uint8Array.of(address), pdu)
  const crc = crc16(CRC16_MODBUS, frame)
  return concat(frame, Uint8Array.of(crc & 0xff, crc >> 8))
}

/** What stands before an answer is noise of the line. An answer does not say which request it answers. */
export function rtuFraming(address: number): ModbusFraming {
  return request => ({
    bytes: rtuFrame(address, request),
    answer(received) {
      for (let at = received.indexOf(address); at >= 0; at = received.indexOf(address, at + 1)) {
        const answer = answerAt(request, received.subarray(at + 1))
        if (answer === null) continue
        const whole = received.subarray(at, at + 1 + answer.length + CRC_BYTES)
        if (sameBytes(whole, rtuFrame(address, answer))) return answer.slice()
      }
      return null
    },
  })
}

/** Transaction, protocol 0, how many bytes follow, unit ("Modbus Messaging on TCP/IP V1.0b", clause 3.1.3). No check: TCP has one. */
export function tcpFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const length = pdu.length + 1
  return concat(Uint8Array.of(transaction >> 8, transaction & 0xff, 0, 0, length >> 8, length & 0xff, unit), pdu)
}

/** Each request has a number of its own, and an answer with another one answers something else. */
export function tcpFraming(unit: number): ModbusFraming {
  let transaction = 0
  return request => {
    transaction = (transaction + 1) & 0xffff
    const mine = transaction
    return {
      bytes: tcpFrame(mine, unit, request),
      answer(received) {
        for (let at = 0; at + HEAD_BYTES < received.length; at++) {
          const answer = answerAt(request, received.subarray(at + HEAD_BYTES))
          if (answer === null) continue
          const whole = received.subarray(at, at + HEAD_BYTES + answer.length)
          if (sameBytes(whole, tcpFrame(mine, unit, answer))) return answer.slice()
        }
        return null
      },
    }
  }
}

/** Bits of a character on the wire, with start, parity and stop ("Modbus over Serial Line V1.02", clause 2.5.1). */
const CHARACTER_BITS = 11

/** Silence before a frame: 3.5 characters, above 19,200 baud 1.75 ms whatever the speed (clause 2.5.1.1). */
export function silenceMs(baudRate: number): number {
  return baudRate > 19_200 ? 1.75 : (3.5 * CHARACTER_BITS * 1_000) / baudRate
}
