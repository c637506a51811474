import { crc16Modbus } from '../doors/modbus.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { relayContacts } from './relay-contacts.ts'

const FRAME_BYTES = 8
const WRITE_SINGLE_COIL = 0x05
const FLASH_ON_COIL = 0x0200
const FLASH_OFF_COIL = 0x0400
const COILS = 32
const TENTH_MS = 100
const ON = 0xff00

/** A flash-on relay board on Modbus RTU: looks at address and CRC, echoes what it did, ends a pulse by itself. */
export function modbusDevice({ address }: { readonly address: number }, { send, clock }: FarEnd): BoardDevice {
  const contacts = relayContacts()
  const pulses = new Map<number, AbortController>()
  let received: number[] = []

  const set = (channel: number, energised: boolean) => {
    pulses.get(channel)?.abort()
    contacts.set(channel, energised)
  }
  const flash = async (channel: number, energised: boolean, tenths: number) => {
    set(channel, energised)
    const pulse = new AbortController()
    pulses.set(channel, pulse)
    await clock.after(tenths * TENTH_MS, pulse.signal)
    if (!pulse.signal.aborted) contacts.set(channel, !energised)
  }

  const execute = (frame: DataView) => {
    const coil = frame.getUint16(2)
    const value = frame.getUint16(4)
    if (coil < COILS) set(coil + 1, value === ON)
    else if (coil >= FLASH_OFF_COIL) void flash(coil - FLASH_OFF_COIL + 1, false, value)
    else if (coil >= FLASH_ON_COIL) void flash(coil - FLASH_ON_COIL + 1, true, value)
  }

  return {
    state: contacts.state,
    onChange: contacts.onChange,
    contact() {},
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
        contacts.heard(frame)
        execute(new DataView(frame.buffer))
        send(frame)
      }
    },
  }
}
