import { framesIn } from '../doors/frames.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { relayContacts } from './relay-contacts.ts'

const START = 0xff
const FRAME_BYTES = 3
const ASK_ONE = 0x03
const ALL = 0x09
const GAP_MS_MAX = 1_000

/** A KMTronic board: says nothing to a command, and its state when asked, as boards of so many relays do. */
export function kmtronicDevice({ relays }: { readonly relays: number }, { send, clock }: FarEnd): BoardDevice {
  const contacts = relayContacts()
  const isKnown = (relay: number, what: number) =>
    (relay >= 1 && relay <= relays && (what <= 1 || (what === ASK_ONE && relays <= 2))) ||
    (relay === ALL && what === 0 && relays > 2)
  const frames = framesIn(bytes => {
    if (bytes[0] !== START) return 0
    if (bytes.length < FRAME_BYTES) return null
    return isKnown(bytes[1]!, bytes[2]!) ? FRAME_BYTES : 0
  }, GAP_MS_MAX)
  const stateOf = (relay: number) => (contacts.isOn(relay) ? 1 : 0)
  return {
    state: contacts.state,
    onChange: contacts.onChange,
    contact() {},
    receive(bytes) {
      for (const frame of frames(bytes, clock.monotonicMs())) {
        const [, relay, what] = frame as unknown as [number, number, number]
        contacts.heard(frame)
        if (relay === ALL) send(Uint8Array.from({ length: relays }, (_, at) => stateOf(at + 1)))
        else if (what === ASK_ONE) send(Uint8Array.of(START, relay, stateOf(relay)))
        else contacts.set(relay, what === 1)
      }
    },
  }
}
