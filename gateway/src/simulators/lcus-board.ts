import { type RelayBoard, relayContact } from './relay-board.ts'

const START = 0xa0
const FRAME_BYTES = 4

/** An LCUS board: takes `A0`, channel, state, sum; answers nothing; keeps its state until told. */
export function lcusBoard({ channel }: { readonly channel: number }): RelayBoard {
  const contact = relayContact()
  let received: number[] = []
  return {
    state: contact.state,
    receive(bytes) {
      for (const byte of bytes) {
        received.push(byte)
        if (received[0] !== START) received = []
        if (received.length < FRAME_BYTES) continue
        const frame = Uint8Array.from(received)
        received = []
        if (((frame[0]! + frame[1]! + frame[2]!) & 0xff) !== frame[3]) continue
        contact.heard(frame)
        if (frame[1] === channel) contact.set(frame[2] === 1)
      }
    },
  }
}
