import { crc16Modbus } from '../doors/modbus.ts'
import type { Clock } from '../ports.ts'
import { type RelayBoard, relayContact } from './relay-board.ts'

const FRAME_BYTES = 8
const WRITE_SINGLE_COIL = 0x05
const FLASH_ON_COIL = 0x0200
const TENTH_MS = 100
const ON = 0xff00

export type ModbusBoardNeeds = {
  readonly address: number
  readonly channel: number
  readonly send: (bytes: Uint8Array) => void
  readonly clock: Clock
}

/** A flash-on relay board on Modbus RTU: looks at address and CRC, echoes what it did, ends a pulse by itself. */
export function modbusBoard({ address, channel, send, clock }: ModbusBoardNeeds): RelayBoard {
  const contact = relayContact()
  let received: number[] = []
  let pulse = new AbortController()

  const flash = async (tenths: number) => {
    pulse.abort()
    pulse = new AbortController()
    const { signal } = pulse
    contact.set(true)
    await clock.after(tenths * TENTH_MS, signal)
    if (!signal.aborted) contact.set(false)
  }

  const execute = (frame: DataView) => {
    const coil = frame.getUint16(2)
    const value = frame.getUint16(4)
    if (coil === FLASH_ON_COIL + channel - 1) void flash(value)
    if (coil === channel - 1) {
      pulse.abort()
      contact.set(value === ON)
    }
  }

  return {
    state: contact.state,
    receive(bytes) {
      for (const byte of bytes) {
        received.push(byte)
        // A board of the real kind waits for silence; here a byte that cannot begin a frame is thrown away.
        while (received.length > 0 && received[0] !== address) received.shift()
        if (received.length < FRAME_BYTES) continue
        const frame = Uint8Array.from(received)
        const crc = crc16Modbus(frame.subarray(0, 6))
        if (frame[1] !== WRITE_SINGLE_COIL || frame[6] !== (crc & 0xff) || frame[7] !== crc >> 8) {
          received.shift()
          continue
        }
        received = []
        contact.heard(frame)
        execute(new DataView(frame.buffer))
        send(frame)
      }
    },
  }
}
