import { ascii, toHex } from '@gatehouse/shared/bytes.ts'
import type { Card } from '@gatehouse/shared/list/card.ts'

/** A PIN or a number plate, as lists keep it: its characters in ASCII. */
export function characterCard(technology: 'pin' | 'plate', characters: string): Card {
  return { technology, bitCount: characters.length * 8, bits: toHex(ascii(characters)) }
}
