import { ascii, concat } from '@gatehouse/shared/bytes.ts'
import type { HidRelayModel } from '../doors/hid-relay.ts'
import type { BoardDevice } from './device.ts'
import { type RelayContacts, relayContacts } from './relay-contacts.ts'

const DCTTECH_SERIAL = 'GATE1'
const DCTTECH_ON = 0xff
const DCTTECH_OFF = 0xfd
const DCTTECH_RELAYS = 8
const LCUS_START = 0xa0

/** A relay board with a HID chip, of one of three makes. What its make does not know it ignores. */
export function hidRelayDevice({ model }: { readonly model: HidRelayModel }): BoardDevice {
  const contacts = relayContacts()
  const { state, onChange } = contacts
  const device = { state, onChange, contact() {}, receive() {} }
  switch (model) {
    case 'dcttech':
      return { ...device, features: dcttechFeatures(contacts) }
    case 'ucreatefun':
      return { ...device, receive: report => ucreatefun(contacts, report) }
    case 'lcus-hid':
      return { ...device, receive: report => lcus(contacts, report) }
  }
}

function dcttechFeatures(contacts: RelayContacts): NonNullable<BoardDevice['features']> {
  return {
    set(report) {
      const [, command = 0, channel = 0] = report
      if (channel < 1 || channel > DCTTECH_RELAYS) return true
      if (command !== DCTTECH_ON && command !== DCTTECH_OFF) return true
      contacts.heard(report)
      contacts.set(channel, command === DCTTECH_ON)
      return true
    },
    get(reportId) {
      const relays = Array.from({ length: DCTTECH_RELAYS }, (_, at) => (contacts.isOn(at + 1) ? 1 << at : 0))
      const state = Uint8Array.of(
        0,
        0,
        relays.reduce((all, relay) => all | relay),
      )
      // By id 0 it is put behind the id; by id 1 it is written over it.
      return concat(new Uint8Array(reportId === 0 ? 1 : 0), ascii(DCTTECH_SERIAL), state)
    },
  }
}

function ucreatefun(contacts: RelayContacts, report: Uint8Array): void {
  const [, word = 0] = report
  const channel = word & 0x0f
  if (channel === 0 || (word & 0xf0) % 0xf0 !== 0) return
  contacts.heard(report)
  contacts.set(channel, word > 0x0f)
}

function lcus(contacts: RelayContacts, report: Uint8Array): void {
  const [, start = 0, channel = 0, state = 0, sum = 0] = report
  if (start !== LCUS_START || ((start + channel + state) & 0xff) !== sum) return
  contacts.heard(report)
  contacts.set(channel, state === 1)
}
