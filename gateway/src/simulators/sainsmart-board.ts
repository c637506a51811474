import { ascii, fromHex } from '@gatehouse/shared/bytes.ts'
import { COIL_ON } from '../doors/modbus.ts'
import { asciiFrame, lrc } from '../doors/modbus-ascii.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { bitsAnswer } from './modbus-board.ts'
import { relayContacts } from './relay-contacts.ts'

const ADDRESS = 0xfe
const READ_COILS = 0x01
const WRITE_COIL = 0x05
const WRITE_COILS = 0x0f
const RELAYS = 16
const LINE_CHARS_MAX = 64

/** A SainSmart board with 16 relays: Modbus ASCII at address FE. It echoes a command where `echoes`, and otherwise says nothing to it. */
export function sainsmartDevice(_config: unknown, { send }: FarEnd, echoes = true): BoardDevice {
  const contacts = relayContacts()
  let line = ''
  const execute = (request: Uint8Array): Uint8Array | null => {
    const view = new DataView(request.buffer, request.byteOffset)
    if (request[0] === READ_COILS) return bitsAnswer(READ_COILS, RELAYS, contacts.isOn)
    if (request[0] === WRITE_COIL) contacts.set(view.getUint16(1) + 1, view.getUint16(3) === COIL_ON)
    else if (request[0] === WRITE_COILS) {
      const bits = request[6]! | (request[7]! << 8)
      for (let at = 0; at < RELAYS; at++) contacts.set(at + 1, ((bits >> at) & 1) === 1)
    } else return null
    return echoes ? request.subarray(0, 5) : null
  }
  const take = (digits: string) => {
    const bytes = fromHex(digits)
    if (bytes === null || bytes.length < 7 || bytes[0] !== ADDRESS || lrc(bytes) !== 0) return
    contacts.heard(ascii(`:${digits}\r\n`))
    const answer = execute(bytes.slice(1, -1))
    if (answer !== null) send(asciiFrame(ADDRESS, answer))
  }
  return {
    state: contacts.state,
    onChange: contacts.onChange,
    contact() {},
    receive(bytes) {
      for (const char of String.fromCharCode(...bytes)) {
        line = char === ':' ? char : (line + char).slice(-LINE_CHARS_MAX)
        if (line.startsWith(':') && line.endsWith('\r\n')) take(line.slice(1, -2))
      }
    },
  }
}
