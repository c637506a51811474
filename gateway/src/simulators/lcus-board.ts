import type { BoardDevice } from './device.ts'
import { relayContacts } from './relay-contacts.ts'

const START = 0xa0
const FRAME_BYTES = 4

/** An LCUS board: takes `A0`, channel, state, sum; answers nothing; keeps its state until told. */
export function lcusDevice(): BoardDevice {
  const contacts = relayContacts()
  let received: number[] = []
  return {
    state: contacts.state,
    onChange: contacts.onChange,
    contact() {},
    receive(bytes) {
      for (const byte of bytes) {
        received.push(byte)
        if (received[0] !== START) received = []
        if (received.length < FRAME_BYTES) continue
        const frame = Uint8Array.from(received)
        received = []
        if (((frame[0]! + frame[1]! + frame[2]!) & 0xff) !== frame[3]) continue
        contacts.heard(frame)
        contacts.set(frame[1]!, frame[2] === 1)
      }
    },
  }
}
