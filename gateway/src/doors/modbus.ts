/**
 * What is asked of a Modbus device and what it answers, without a frame around it: function and data, numbers of two
 * bytes with the high one first ("Modbus Application Protocol V1.1b3", clause 6). Generic libraries' `writeCoil(boolean)`
 * can say 0xFF00 and 0x0000 only, and flash-on needs a value.
 */
const READ_COILS = 0x01
const READ_INPUTS = 0x02
const WRITE_COIL = 0x05
const WRITE_REGISTERS = 0x10
const EXCEPTION_BIT = 0x80
const EXCEPTION_BYTES = 2

export const COIL_ON = 0xff00
export const COIL_OFF = 0

/** Function 5, write single coil: answered by its echo. */
export function writeCoil(coil: number, value: number): Uint8Array {
  return Uint8Array.of(WRITE_COIL, ...twoBytes(coil), ...twoBytes(value))
}

/** Function 1: whether the outputs are on, from the first. */
export function readCoils(count: number): Uint8Array {
  return Uint8Array.of(READ_COILS, 0, 0, ...twoBytes(count))
}

/** Function 2: whether the inputs are on, from the first. */
export function readInputs(count: number): Uint8Array {
  return Uint8Array.of(READ_INPUTS, 0, 0, ...twoBytes(count))
}

/** Function 16, write multiple registers: answered by which and how many. */
export function writeRegisters(register: number, values: readonly number[]): Uint8Array {
  const data = values.flatMap(twoBytes)
  return Uint8Array.of(WRITE_REGISTERS, ...twoBytes(register), ...twoBytes(values.length), data.length, ...data)
}

/** The answer to a request at the beginning of these bytes, which may go on; null when there is none. */
export function answerAt(request: Uint8Array, received: Uint8Array): Uint8Array | null {
  const [asked] = request
  if (received.length < EXCEPTION_BYTES) return null
  if (received[0] === (asked! | EXCEPTION_BIT)) return received.subarray(0, EXCEPTION_BYTES)
  const { head, length } = shapeOf(request)
  if (received.length < length || !head.every((byte, at) => received[at] === byte)) return null
  return received.subarray(0, length)
}

/** How an answer begins, and how long it is. */
function shapeOf(request: Uint8Array): { readonly head: Uint8Array; readonly length: number } {
  if (request[0] !== READ_COILS && request[0] !== READ_INPUTS) return { head: request.subarray(0, 5), length: 5 }
  const bytes = Math.ceil(((request[3]! << 8) | request[4]!) / 8)
  return { head: Uint8Array.of(request[0], bytes), length: 2 + bytes }
}

/** Why a request was refused: 1 unknown function, 2 unknown address, 3 wrong value; null: it was not. */
export function exceptionOf(answer: Uint8Array): number | null {
  return (answer[0]! & EXCEPTION_BIT) === 0 ? null : answer[1]!
}

/** Whether the coil or input, counted from 1, is on in an answer. */
export function isOn(answer: Uint8Array, channel: number): boolean {
  return ((answer[2 + ((channel - 1) >> 3)]! >> ((channel - 1) & 7)) & 1) === 1
}

function twoBytes(value: number): [number, number] {
  return [value >> 8, value & 0xff]
}
