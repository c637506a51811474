import type { CardNumbers } from './frame.ts'

/**
 * What a person types from a card: `4567`, `123:4567` or, as EM4100 cards have it, `072,09186`: a facility code and a number.
 * A number may be hexadecimal with 0x in front. Null when it is none of these.
 */
export function readPrinted(text: string): CardNumbers | null {
  const read = /^(?:(\d{1,39})[:,])?(\d{1,39}|0x[0-9a-f]{1,32})$/i.exec(text.trim())
  if (read === null) return null
  const [, facility, number] = read
  return { facility: facility === undefined ? null : BigInt(facility), number: BigInt(number!) }
}
