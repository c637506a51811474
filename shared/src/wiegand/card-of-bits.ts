import type { Card } from '../list/card.ts'
import { type CustomFormat, WIEGAND_NAMES, type WiegandFormat, type WiegandName } from '../wire/hardware/card-format.ts'
import { binaryOf, type Frame, frameOf, numberOf } from './bits.ts'
import { layoutOf, widthOf } from './formats.ts'
import { type CardNumbers, decodeFrame, encodeFrame, fieldsOf } from './frame.ts'

/** A card, or bits that are none of the format: those are kept as they came, and never as a number. */
export type CardOfBits = { readonly kind: 'card' | 'misread'; readonly card: Card }

/**
 * Which card a whole frame is, parity included, under the format that its reader is set to.
 *
 * A named format: facility code and number without parity. A format of the installer's own: parity is checked, and all bits
 * of the frame are the identity, so that no two formats meet in one card. `raw`: the bits as they came, nothing checked.
 */
export function cardOfBits(frame: Frame, format: WiegandFormat): CardOfBits {
  const card = rawCard(frame)
  if (format === 'raw') return { kind: 'card', card }
  const decoded = decodeFrame(frame, format)
  if (!decoded.ok) return { kind: 'misread', card }
  return { kind: 'card', card: typeof format === 'string' ? namedCard(decoded.value, format)! : card }
}

/**
 * Which card the bits of the fields are, facility code in front, from a reader that keeps parity to itself. The same
 * card as from one that does not: the frame of a format of the installer's own is put together again.
 */
export function cardOfFields(fields: Frame, format: WiegandFormat): CardOfBits {
  const card = rawCard(fields)
  if (format === 'raw') return { kind: 'card', card }
  const numbers = numbersOfFields(fields, format)
  return numbers === null ? { kind: 'misread', card } : { kind: 'card', card: cardOfNumbers(numbers, format)! }
}

/** The card on which these numbers are printed; null where the format has no such numbers. */
export function cardOfNumbers(numbers: CardNumbers, format: WiegandName | CustomFormat): Card | null {
  if (typeof format === 'string') return namedCard(numbers, format)
  const frame = encodeFrame(numbers, format)
  return frame.ok ? rawCard(frame.value) : null
}

/** The numbers of a card of a named format: what was printed on it. Null of any other card. */
export function numbersOfCard(card: Card): CardNumbers | null {
  const format = WIEGAND_NAMES.find(name => name === card.technology)
  return format ? numbersOfFields(card, format) : null
}

function numbersOfFields(fields: Frame, format: WiegandName | CustomFormat): CardNumbers | null {
  const { facility, number } = layoutOf(format)
  const facilityBits = facility ? widthOf(facility) : 0
  if (fields.bitCount !== facilityBits + widthOf(number)) return null
  const binary = binaryOf(fields)
  return {
    facility: facility && numberOf(binary.slice(0, facilityBits)),
    number: numberOf(binary.slice(facilityBits)),
  }
}

function namedCard(numbers: CardNumbers, format: WiegandName): Card | null {
  const fields = fieldsOf(numbers, layoutOf(format))
  return fields.ok ? { technology: format, ...frameOf(fields.value.facility + fields.value.number) } : null
}

function rawCard(frame: Frame): Card {
  return { technology: 'raw', ...frameOf(binaryOf(frame)) }
}
