import type { CardText, CustomFormat, WiegandFormat } from '../wire/hardware/card-format.ts'
import { bitsIn, type Field, layoutOf, widthOf } from './formats.ts'

/** Where in the format, and what a person can do about it. */
export type FormatMistake = { readonly path: (string | number)[]; readonly message: string }

/** Every mistake of a format of the installer's own; none of a format that has a name. */
export function formatMistakes(format: WiegandFormat): FormatMistake[] {
  return typeof format === 'string' ? [] : customFormatMistakes(format)
}

export function customFormatMistakes(format: CustomFormat): FormatMistake[] {
  const fields = [
    { name: 'facility', field: format.facility },
    { name: 'number', field: format.number },
  ].flatMap(({ name, field }) => (field ? [{ name, field }] : []))
  return [
    ...fields.flatMap(({ name, field }) => fieldMistakes(name, field, format)),
    ...(format.facility && overlap(format.facility, format.number)
      ? [{ path: ['number'], message: 'facility code and card number share bits' }]
      : []),
    ...format.parity.flatMap((_, at) => parityMistakes(format, at)),
  ]
}

function fieldMistakes(name: string, { from, to }: Field, { bits, parity }: CustomFormat): FormatMistake[] {
  const mistakes: FormatMistake[] = []
  if (to < from) mistakes.push({ path: [name, 'to'], message: 'is before its first bit' })
  if (Math.max(from, to) >= bits)
    mistakes.push({ path: [name, 'to'], message: `the last bit of ${bits} is ${bits - 1}: bits are counted from 0` })
  for (const { at } of parity)
    if (from <= at && at <= to) mistakes.push({ path: [name], message: `bit ${at} is parity and cannot be here too` })
  return mistakes
}

function parityMistakes({ bits, parity }: CustomFormat, index: number): FormatMistake[] {
  const { at, over } = parity[index]!
  const path = (...rest: string[]) => ['parity', index, ...rest]
  const mistakes: FormatMistake[] = []
  if (at >= bits) mistakes.push({ path: path('at'), message: `the last bit of ${bits} is ${bits - 1}` })
  if (parity.findIndex(other => other.at === at) < index)
    mistakes.push({ path: path('at'), message: `bit ${at} is parity twice` })
  const backwards = over.split(',').find(part => bitsIn(part).length === 0)
  if (backwards !== undefined) mistakes.push({ path: path('over'), message: `${backwards} runs backwards` })
  const counted = bitsIn(over)
  if (counted.some(bit => bit >= bits))
    mistakes.push({ path: path('over'), message: `the last bit of ${bits} is ${bits - 1}` })
  if (counted.every(bit => bit === at)) mistakes.push({ path: path('over'), message: 'counts no bit but itself' })
  const later = parity.slice(index + 1).find(other => other.at !== at && counted.includes(other.at))
  if (later)
    mistakes.push({
      path: path('over'),
      message: `counts bit ${later.at}, a parity that is set after it: put that one in front`,
    })
  return mistakes
}

/** Every mistake in how a text is read as a card. */
export function cardTextMistakes({ bitCount, reversed, format }: CardText): FormatMistake[] {
  const mistakes = formatMistakes(
    format === 'em4100' || format === 'iso14443a' || format === 'iso15693' ? 'raw' : format,
  ).map(({ path, message }) => ({ path: ['format', ...path], message }))
  if (reversed && bitCount % 8 !== 0)
    mistakes.push({ path: ['reversed'], message: 'only whole bytes can be turned round: bits must be a multiple of 8' })
  const counts = bitCountsOf(format)
  if (counts !== null && !counts.includes(bitCount)) {
    const name = typeof format === 'string' ? format : 'this format'
    const instead = format === 'em4100' ? '; for a reader that types fewer, raw' : ''
    mistakes.push({ path: ['bitCount'], message: `${name} has ${counts.join(' or ')} bits${instead}` })
  } else if (typeof format === 'object' && bitCount !== format.bits && hasOtherBits(format))
    mistakes.push({
      path: ['bitCount'],
      message: `must be ${format.bits}: the format has bits in no field, and the fields alone do not say them`,
    })
  return mistakes
}

/** How many bits a text may stand for; null where any number will do. */
function bitCountsOf(format: CardText['format']): readonly number[] | null {
  if (format === 'raw') return null
  if (format === 'em4100') return [40]
  // ISO/IEC 14443-3: single, double and triple size UID.
  if (format === 'iso14443a') return [32, 56, 80]
  if (format === 'iso15693') return [64]
  const { bits, facility, number } = layoutOf(format)
  return [bits, (facility ? widthOf(facility) : 0) + widthOf(number)]
}

function hasOtherBits({ bits, facility, number, parity }: CustomFormat): boolean {
  return (facility ? widthOf(facility) : 0) + widthOf(number) + parity.length < bits
}

function overlap(a: Field, b: Field): boolean {
  return a.from <= b.to && b.from <= a.to
}
