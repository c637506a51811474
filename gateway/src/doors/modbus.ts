import { sameBytes } from '@gatehouse/shared/bytes.ts'

/**
 * Modbus RTU frames, as "Modbus over Serial Line V1.02" has them: address, function, data, CRC with the low byte
 * first. Generic libraries' `writeCoil(boolean)` can say 0xFF00 and 0x0000 only, and flash-on needs a value.
 */
const WRITE_SINGLE_COIL = 0x05
const EXCEPTION_BIT = 0x80
const EXCEPTION_BYTES = 5

/** CRC-16/MODBUS: polynomial 0x8005 reflected, begins at 0xFFFF; check value 0x4B37. */
export function crc16Modbus(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

export type Coil = { readonly address: number; readonly coil: number; readonly value: number }

/** Function 5, write single coil, 8 bytes. */
export function writeCoilFrame({ address, coil, value }: Coil): Uint8Array {
  const frame = Uint8Array.of(address, WRITE_SINGLE_COIL, coil >> 8, coil & 0xff, value >> 8, value & 0xff, 0, 0)
  const crc = crc16Modbus(frame.subarray(0, 6))
  frame[6] = crc & 0xff
  frame[7] = crc >> 8
  return frame
}

/**
 * What the bytes received so far say to a request: its echo, an exception, or null when more must come. A board's
 * echo equals the request to the byte, CRC and all; anything before it is noise of the line.
 */
export function answerTo(request: Uint8Array, received: Uint8Array): 'done' | 'refused' | null {
  for (let at = 0; at < received.length; at++) {
    const rest = received.subarray(at)
    if (rest.length >= request.length && sameBytes(rest.subarray(0, request.length), request)) return 'done'
    if (isException(request, rest)) return 'refused'
  }
  return null
}

function isException(request: Uint8Array, received: Uint8Array): boolean {
  if (received.length < EXCEPTION_BYTES) return false
  if (received[0] !== request[0] || received[1] !== (request[1]! | EXCEPTION_BIT)) return false
  const crc = crc16Modbus(received.subarray(0, 3))
  return received[3] === (crc & 0xff) && received[4] === crc >> 8
}
