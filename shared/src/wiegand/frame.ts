import { fail, ok, type Result } from '../result.ts'
import type { CustomFormat, WiegandName } from '../wire/hardware/card-format.ts'
import { binaryOf, binaryOfNumber, type Frame, frameOf, numberOf } from './bits.ts'
import { type Field, type Layout, layoutOf, type Parity, widthOf } from './formats.ts'

/** What is printed on a card. A format without a facility code has null. */
export type CardNumbers = { readonly facility: bigint | null; readonly number: bigint }

/** Why numbers do not go on a card of a format. */
export type NotEncoded = 'facility_missing' | 'no_facility' | 'facility_out_of_range' | 'number_out_of_range'

/** What a frame says, or why it says nothing. `at`: the parity bits that do not hold, the first on the wire in front. */
export type DecodedFrame =
  | { readonly ok: true; readonly value: CardNumbers }
  | { readonly ok: false; readonly failure: 'length' }
  | { readonly ok: false; readonly failure: 'parity'; readonly at: readonly number[] }

/** The whole frame of a card, parity included. Bits that the format gives no meaning are zero. */
export function encodeFrame(numbers: CardNumbers, format: WiegandName | CustomFormat): Result<Frame, NotEncoded> {
  const layout = layoutOf(format)
  const fields = fieldsOf(numbers, layout)
  if (!fields.ok) return fields
  const bits = Array.from({ length: layout.bits }, () => '0')
  const put = ({ from }: Field, binary: string) => bits.splice(from, binary.length, ...binary)
  if (layout.facility) put(layout.facility, fields.value.facility)
  put(layout.number, fields.value.number)
  for (const parity of layout.parity) {
    bits[parity.at] = '0'
    if (!holds(parity, bits)) bits[parity.at] = '1'
  }
  return ok(frameOf(bits.join('')))
}

/** The numbers on the card that a frame came from. Never of a frame whose parity does not hold. */
export function decodeFrame(frame: Frame, format: WiegandName | CustomFormat): DecodedFrame {
  const layout = layoutOf(format)
  if (frame.bitCount !== layout.bits) return { ok: false, failure: 'length' }
  const binary = binaryOf(frame)
  const broken = layout.parity.filter(parity => !holds(parity, binary)).map(({ at }) => at)
  if (broken.length > 0) return { ok: false, failure: 'parity', at: broken.toSorted((a, b) => a - b) }
  return {
    ok: true,
    value: {
      facility: layout.facility && numberOf(fieldIn(binary, layout.facility)),
      number: numberOf(fieldIn(binary, layout.number)),
    },
  }
}

/** Facility code and number as bits, each as wide as its field; no facility code is no bits. */
export function fieldsOf(
  { facility, number }: CardNumbers,
  layout: Layout,
): Result<{ readonly facility: string; readonly number: string }, NotEncoded> {
  if (layout.facility === null && facility !== null) return fail('no_facility')
  if (layout.facility !== null && facility === null) return fail('facility_missing')
  const facilityBits = layout.facility === null ? '' : binaryOfNumber(facility!, widthOf(layout.facility))
  if (facilityBits === null) return fail('facility_out_of_range')
  const numberBits = binaryOfNumber(number, widthOf(layout.number))
  return numberBits === null ? fail('number_out_of_range') : ok({ facility: facilityBits, number: numberBits })
}

export function fieldIn(binary: string, { from, to }: Field): string {
  return binary.slice(from, to + 1)
}

/** The largest number that a field can say. */
export function mostOf(field: Field): bigint {
  return (1n << BigInt(widthOf(field))) - 1n
}

export function holds({ kind, over }: Parity, bits: ArrayLike<string>): boolean {
  const ones = over.reduce((sum, bit) => sum + (bits[bit] === '1' ? 1 : 0), 0)
  return ones % 2 === (kind === 'even' ? 0 : 1)
}
