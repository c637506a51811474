/** Choices whose own word says too little, by their field. */
const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  port: {
    serial: 'Serial device of this machine',
    tcp: 'Serial server on the network (TCP)',
    hid: 'USB device',
    'hid-tcp': 'USB device through a server (TCP)',
  },
  energised: {
    unlock: 'open: a strike, or a turnstile’s contact',
    lock: 'locked: a magnet',
  },
  reads: { code: 'codes', card: 'cards', plate: 'number plates', pin: 'PINs' },
  end: { line: 'CR, LF or both', etx: 'STX … ETX', gap: '50 ms of silence' },
  active: { closed: 'the contact is closed', open: 'the contact is open' },
  format: {
    h10301: 'H10301, 26 bits',
    d10202: 'D10202, 33 bits',
    h10306: 'H10306 or N10002, 34 bits',
    c1k35s: 'Corporate 1000, 35 bits',
    h10302: 'H10302, 37 bits',
    h10304: 'H10304, 37 bits with facility',
    c1k48s: 'Corporate 1000, 48 bits',
    raw: 'raw: all bits are the card',
    own: 'a layout of your own',
    em4100: 'EM4100',
    iso14443a: 'ISO 14443 A',
    iso15693: 'ISO 15693',
  },
}

export function optionWords(field: string, word: string | number): string {
  return WORDS[field]?.[word] ?? String(word)
}
