import { ascii, concat, fromHex } from '../bytes.ts'

/**
 * The identity spaces of a card. The technology is what the number means, not the reader that saw it.
 *
 * `em4100`: 40 bits. `iso14443a`: the UID as sent in anticollision. `iso15693`. A Wiegand layout's name, such as `h10301`:
 * facility code and number, without parity. `raw`: all bits as they came, where no named layout is configured. `pin`, `plate`:
 * the characters in ASCII.
 */
export const TECHNOLOGIES = [
  'em4100',
  'iso14443a',
  'iso15693',
  'h10301',
  'd10202',
  'h10306',
  'c1k35s',
  'h10302',
  'h10304',
  'c1k48s',
  'raw',
  'pin',
  'plate',
] as const
export type Technology = (typeof TECHNOLOGIES)[number]

/** What a card said, in the one form that readers, lists and the cloud all keep. Zeros are never dropped. */
export type Card = {
  readonly technology: Technology
  /** How many bits count. */
  readonly bitCount: number
  /** The bits, left-justified, as lower-case hexadecimal. */
  readonly bits: string
}

/** Bytes kept of the keyed fingerprint. */
export const CARD_KEY_BYTES = 12

/**
 * What is hashed for a card: u8 length of technology, technology in ASCII, u16 bit count, bits left-justified.
 * cardKey = HMAC-SHA-256(card secret of the scope, this)[0..12). A card number is never stored or sent as it is:
 * an unsalted hash of a 4-byte UID falls in three hours on one core.
 */
export function cardKeyMessage({ technology, bitCount, bits }: Card): Uint8Array {
  const name = ascii(technology)
  const data = fromHex(bits)
  if (data === null || data.length !== Math.ceil(bitCount / 8) || bitCount < 1 || bitCount > 0xffff) {
    throw new Error(`a ${technology} card of ${bitCount} bits needs ${Math.ceil(bitCount / 8)} bytes`)
  }
  return concat(Uint8Array.of(name.length), name, Uint8Array.of(bitCount >> 8, bitCount & 0xff), data)
}

/** How many bits a technology always has, where it always has as many. */
export const BIT_COUNTS: Partial<Record<Technology, number>> = {
  em4100: 40,
  iso15693: 64,
  h10301: 24,
  d10202: 31,
  h10306: 32,
  c1k35s: 32,
  h10302: 35,
  h10304: 35,
  c1k48s: 45,
}
