import { concat, sameBytes } from '@gatehouse/shared/bytes.ts'
import { rtuFrame, tcpFrame } from '../doors/modbus-framing.ts'

/** No frame of Modbus is longer ("Modbus over Serial Line V1.02", clause 2.5.1). */
const FRAME_BYTES_MAX = 260
const HEAD_BYTES = 7
const WRITE_REGISTERS = 0x10

export type ModbusServerNeeds = {
  readonly address: number
  readonly framing: 'rtu' | 'tcp'
  readonly send: (bytes: Uint8Array) => void
  /** Hears each frame for this address that was one. */
  readonly heard: (frame: Uint8Array) => void
  /** Does what is asked, and says what is answered. */
  readonly execute: (request: Uint8Array) => Uint8Array
}

type Taken = { readonly frame: Uint8Array; readonly answer: () => Uint8Array }

/** The far side of Modbus: takes what is for its address and whose check is right, and says nothing to anything else. */
export function modbusServer({ address, framing, send, heard, execute }: ModbusServerNeeds) {
  const taken = framing === 'rtu' ? rtuTaken(address, execute) : tcpTaken(address, execute)
  let held: Uint8Array = new Uint8Array()
  return {
    receive(bytes: Uint8Array) {
      held = concat(held, bytes)
      // A board of the real kind waits for silence; here a byte that cannot begin a frame is thrown away.
      while (held.length > 0) {
        const request = taken(held)
        if (request === 'more' && held.length < FRAME_BYTES_MAX) return
        if (request === 'more' || request === 'none') {
          held = held.subarray(1)
          continue
        }
        held = held.subarray(request.frame.length)
        heard(request.frame)
        send(request.answer())
      }
    },
  }
}

type Take = (bytes: Uint8Array) => Taken | 'more' | 'none'

function rtuTaken(address: number, execute: ModbusServerNeeds['execute']): Take {
  return bytes => {
    if (bytes[0] !== address) return 'none'
    if (bytes.length < HEAD_BYTES) return 'more'
    const length = bytes[1] === WRITE_REGISTERS ? HEAD_BYTES + bytes[6]! : HEAD_BYTES - 1
    if (bytes.length < length + 2) return 'more'
    const request = bytes.slice(1, length)
    const frame = bytes.slice(0, length + 2)
    if (!sameBytes(frame, rtuFrame(address, request))) return 'none'
    return { frame, answer: () => rtuFrame(address, execute(request)) }
  }
}

function tcpTaken(unit: number, execute: ModbusServerNeeds['execute']): Take {
  return bytes => {
    if (bytes.length < HEAD_BYTES) return 'more'
    const [transaction, length] = [(bytes[0]! << 8) | bytes[1]!, (bytes[4]! << 8) | bytes[5]!]
    if (length < 2 || length > FRAME_BYTES_MAX - HEAD_BYTES) return 'none'
    const frame = bytes.slice(0, HEAD_BYTES - 1 + length)
    if (frame.length < HEAD_BYTES - 1 + length) return 'more'
    const request = frame.slice(HEAD_BYTES)
    if (!sameBytes(frame, tcpFrame(transaction, unit, request))) return 'none'
    return { frame, answer: () => tcpFrame(transaction, unit, execute(request)) }
  }
}
