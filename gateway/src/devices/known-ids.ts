/** What a USB id is likely to be, and which family reads or drives it. A guess: chips such as the CH340 are in many things. */
export type KnownId = { readonly is: string; readonly families: readonly string[] }

const KNOWN: Readonly<Record<string, KnownId>> = {
  '1a86:7523': {
    is: 'CH340 serial chip: an LCUS relay, a SainSmart board, a card reader, many others',
    families: ['lcus', 'sainsmart16', 'rdm6300'],
  },
  '1a86:55d4': { is: 'CH9102 serial chip', families: [] },
  '0403:6001': {
    is: 'FTDI FT232R serial chip: an RS-485 adapter, a KMTronic relay, many others',
    families: ['kmtronic', 'modbus-flash', 'lc'],
  },
  '0403:6015': { is: 'FTDI FT231X serial chip', families: [] },
  '10c4:ea60': { is: 'CP210x serial chip: many readers and adapters', families: [] },
  '067b:2303': { is: 'PL2303 serial chip', families: [] },
  '04d8:000a': { is: 'Microchip CDC: a Numato or a KMTronic board', families: ['numato', 'kmtronic'] },
  '09d8:0420': { is: 'Elatec TWN4', families: ['twn4'] },
  '09d8:0410': { is: 'Elatec TWN4 as a keyboard', families: ['wedge'] },
  '0c27:3bfa': { is: 'RF IDeas pcProx', families: ['pcprox'] },
  '16c0:05df': { is: 'dcttech HID relay (USBRelay), or another device with a shared id', families: ['hid-relay'] },
  '0519:2018': { is: 'Ucreatefun HID relay', families: ['hid-relay'] },
  '5131:2007': { is: 'LCUS relay with a HID chip', families: ['hid-relay'] },
  '2e8a:000a': { is: 'Raspberry Pi Pico: perhaps a door controller of our own', families: ['controller'] },
}

const VENDORS: Readonly<Record<string, KnownId>> = {
  '0c2e': { is: 'Honeywell scanner', families: ['line', 'wedge', 'hid-pos'] },
  '1eab': { is: 'Newland scanner', families: ['line', 'wedge', 'hid-pos'] },
  '05e0': { is: 'Zebra (Symbol) scanner', families: ['line', 'zebra-ssi', 'wedge', 'hid-pos'] },
  '05f9': { is: 'Datalogic scanner', families: ['line', 'wedge', 'hid-pos'] },
  '09d8': { is: 'Elatec reader', families: ['twn4', 'wedge'] },
  '0c27': { is: 'RF IDeas reader', families: ['pcprox', 'wedge'] },
  '2a19': { is: 'Numato board', families: ['numato'] },
}

export function knownId(vendorId: string, productId: string): KnownId | null {
  return KNOWN[`${vendorId}:${productId}`] ?? VENDORS[vendorId] ?? null
}
