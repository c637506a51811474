import { COIL_OFF, COIL_ON } from '../doors/modbus.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { modbusServer } from './modbus-server.ts'
import { timedContacts } from './timed-contacts.ts'

const READ_COILS = 0x01
const READ_INPUTS = 0x02
const WRITE_COIL = 0x05
const WRITE_REGISTERS = 0x10
const EXCEPTION_BIT = 0x80
const UNKNOWN_FUNCTION = 1
const UNKNOWN_ADDRESS = 2

const FLASH_ON_COIL = 0x0200
const FLASH_OFF_COIL = 0x0400
const COILS = 32
const LC_REGISTER = 3
const LC_REGISTERS_A_CHANNEL = 5
const LC_FLASH_ON = 4
const TENTH_MS = 100

type Settings = { readonly address: number; readonly framing: 'rtu' | 'tcp' }

/** `flash`: coils from 0x0200 and 0x0400 on end a pulse by themselves; `lc`: registers do; `coil`: nothing does. */
type Model = 'flash' | 'coil' | 'lc'

export const modbusDevice = (settings: Settings, far: FarEnd) => modbusRelays('flash', settings, far)
export const coilDevice = (settings: Settings, far: FarEnd) => modbusRelays('coil', settings, far)
export const lcDevice = ({ address }: Pick<Settings, 'address'>, far: FarEnd) =>
  modbusRelays('lc', { address, framing: 'rtu' }, far)

/** A relay board on Modbus: looks at address and check, echoes what it did, tells its coils and inputs. */
function modbusRelays(model: Model, settings: Settings, { send, clock }: FarEnd): BoardDevice {
  const contacts = timedContacts(clock)
  const closed = new Set<number>()

  const writeCoil = (coil: number, value: number): boolean => {
    if (coil < COILS && (value === COIL_ON || value === COIL_OFF)) contacts.set(coil + 1, value === COIL_ON)
    else if (model !== 'flash' || coil < FLASH_ON_COIL) return false
    else if (coil >= FLASH_OFF_COIL) contacts.flash(coil - FLASH_OFF_COIL + 1, false, value * TENTH_MS)
    else contacts.flash(coil - FLASH_ON_COIL + 1, true, value * TENTH_MS)
    return true
  }
  const writeRegisters = (register: number, mode: number, tenths: number): boolean => {
    const at = register - LC_REGISTER
    if (model !== 'lc' || at % LC_REGISTERS_A_CHANNEL !== 0) return false
    contacts.flash(at / LC_REGISTERS_A_CHANNEL + 1, mode === LC_FLASH_ON, tenths * TENTH_MS)
    return true
  }

  const execute = (request: Uint8Array): Uint8Array => {
    const view = new DataView(request.buffer, request.byteOffset)
    const [asked] = request as unknown as [number]
    const refused = (exception: number) => Uint8Array.of(asked | EXCEPTION_BIT, exception)
    switch (asked) {
      case READ_COILS:
        return bitsAnswer(asked, view.getUint16(3), contacts.isOn)
      case READ_INPUTS:
        return bitsAnswer(asked, view.getUint16(3), channel => closed.has(channel))
      case WRITE_COIL:
        return writeCoil(view.getUint16(1), view.getUint16(3)) ? request : refused(UNKNOWN_ADDRESS)
      case WRITE_REGISTERS:
        return writeRegisters(view.getUint16(1), view.getUint16(6), view.getUint16(8))
          ? request.subarray(0, 5)
          : refused(UNKNOWN_ADDRESS)
      default:
        return refused(UNKNOWN_FUNCTION)
    }
  }

  return {
    state: contacts.state,
    onChange: contacts.onChange,
    contact(channel, isClosed) {
      if (isClosed) closed.add(channel)
      else closed.delete(channel)
    },
    ...modbusServer({ ...settings, send, heard: contacts.heard, execute }),
  }
}

/** Function, how many bytes, a bit for each from the first, the lowest first. */
export function bitsAnswer(asked: number, count: number, isOn: (channel: number) => boolean): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(count / 8))
  for (let at = 0; at < count; at++) if (isOn(at + 1)) bytes[at >> 3]! |= 1 << (at & 7)
  return Uint8Array.of(asked, bytes.length, ...bytes)
}
