import type { Card } from '../list/card.ts'
import type { CardText } from '../wire/hardware/card-format.ts'
import { binaryOfNumber, bytesReversed, frameOf } from './bits.ts'
import { type CardOfBits, cardOfBits, cardOfFields } from './card-of-bits.ts'
import { layoutOf } from './formats.ts'

/** 128 bits are 39 decimal digits; a reader that types more is set to something else. */
const DIGITS_MAX = 40

export type CardOfText = CardOfBits | { readonly kind: 'malformed' }

/**
 * Which card a text is that a reader types: digits that stand for as many bits, the most significant in front.
 *
 * Zeros in front count in hexadecimal: what is shorter lost its beginning. Decimal digits may be fewer, as many readers
 * leave zeros out. What stands for more bits is malformed, and so is anything between, before or behind the digits.
 */
export function readCardText(text: string, as: CardText): CardOfText {
  const binary = bitsOfText(text, as)
  if (binary === null) return { kind: 'malformed' }
  const frame = frameOf(binary)
  const { format } = as
  if (format === 'em4100' || format === 'iso14443a' || format === 'iso15693')
    return { kind: 'card', card: { technology: format, ...frame } satisfies Card }
  if (format === 'raw' || frame.bitCount === layoutOf(format).bits) return cardOfBits(frame, format)
  return cardOfFields(frame, format)
}

/** The bits, one digit a bit; null when the text is no number of as many bits. */
export function bitsOfText(
  text: string,
  { base, bitCount, reversed }: Pick<CardText, 'base' | 'bitCount' | 'reversed'>,
): string | null {
  if (text.length > DIGITS_MAX) return null
  if (!(base === 'hex' ? /^[0-9a-fA-F]+$/ : /^\d+$/).test(text)) return null
  if (base === 'hex' && text.length < Math.ceil(bitCount / 4)) return null
  const binary = binaryOfNumber(BigInt(base === 'hex' ? `0x${text}` : text), bitCount)
  return binary !== null && reversed ? bytesReversed(binary) : binary
}
