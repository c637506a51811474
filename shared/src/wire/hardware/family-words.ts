import type { BoardFamily, PulseTiming } from './board-config.ts'
import type { ReaderFamily } from './reader-config.ts'

/** What a person chooses by, where the name of a family says nothing. */
export type FamilyWords = { readonly title: string; readonly purpose: string }

export const READER_WORDS: Readonly<Record<ReaderFamily, FamilyWords>> = {
  line: {
    title: 'Scanner or reader that sends text',
    purpose: 'Most QR scanners on USB serial, RS-232 or a serial server.',
  },
  rdm6300: { title: 'RDM6300, ID-12 or ID-20', purpose: '125 kHz EM4100 cards and fobs.' },
  twn4: { title: 'Elatec TWN4', purpose: 'Cards of many kinds, by the Simple Protocol.' },
  pn532: { title: 'PN532', purpose: 'MIFARE and other 13.56 MHz cards, on a serial adapter.' },
  gm65: {
    title: 'GM65 scanner module',
    purpose: 'QR codes in a turnstile’s lid; the gate switches it to frames with a check.',
  },
  'zebra-ssi': { title: 'Zebra scanner, SSI', purpose: 'QR codes, each packet acknowledged.' },
  wie232: { title: 'WIE232 converter', purpose: 'A Wiegand reader behind a converter to RS-232.' },
  s4a: { title: 'S4A reader', purpose: 'A reader that sends ten decimal digits.' },
  twn3: { title: 'Elatec TWN3', purpose: 'HID Prox and other 125 kHz cards, as text.' },
  keypad: { title: 'Keypad', purpose: 'PINs, beside or without a card.' },
  wedge: { title: 'USB scanner that types', purpose: 'A scanner or reader that is a keyboard to the machine.' },
  'hid-pos': { title: 'USB scanner, HID POS', purpose: 'A scanner set to “HID POS”: no keyboard layout to get wrong.' },
  pcprox: { title: 'RF IDeas pcProx', purpose: 'HID Prox and other cards on USB.' },
}

export const BOARD_WORDS: Readonly<Record<BoardFamily, FamilyWords>> = {
  lcus: { title: 'LCUS USB relay', purpose: 'One to eight relays with a CH340 chip.' },
  kmtronic: { title: 'KMTronic relay', purpose: 'One to eight relays, USB or RS-485.' },
  numato: { title: 'Numato relay', purpose: 'Relays and inputs, USB.' },
  sainsmart16: { title: 'SainSmart 16 channels', purpose: 'Sixteen relays, USB.' },
  'hid-relay': { title: 'USB relay without a driver', purpose: 'dcttech “USBRelay” and its relatives, by HID.' },
  'modbus-flash': {
    title: 'Modbus relay that ends its pulse',
    purpose: 'Waveshare and others with flash-on; with inputs. The best of the cheap ones for a door.',
  },
  'modbus-coil': { title: 'Modbus relay', purpose: 'Any board that sets coils; inputs where it has them.' },
  lc: { title: 'LC Technology or bestep Modbus relay', purpose: 'Relays and inputs with its own timer.' },
  gpio: { title: 'Pins of this machine', purpose: 'Relays and contacts on a Raspberry Pi’s header.' },
  digicon: { title: 'Digicon or Catrax turnstile', purpose: 'The turnstile’s own board, with its passages.' },
  'mach-power': { title: 'Mach-Power tripod', purpose: 'The turnstile’s own board on RS-485.' },
  'gate-7e': { title: 'Swing gate, 0x7E protocol', purpose: 'The gate’s own board, with its passages.' },
  controller: {
    title: 'Gatehouse door controller',
    purpose: 'Our own firmware: pulse, contacts and tamper at the door.',
  },
}

/** Who ends a pulse, and what that means when nobody is left to end it. */
export const PULSE_WORDS: Readonly<Record<PulseTiming, string>> = {
  'hardware-timed': 'the relay ends the pulse',
  'software-timed': 'software-timed: if the mini-PC dies within a pulse, the lock stays as it is until it runs again',
}
