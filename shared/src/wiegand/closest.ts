import { WIEGAND_NAMES, type WiegandName } from '../wire/hardware/card-format.ts'
import { bytesReversed, frameOf } from './bits.ts'
import { layoutOf } from './formats.ts'
import { type CardNumbers, decodeFrame } from './frame.ts'
import { type Hypothesis, hypothesesOf } from './hypotheses.ts'
import type { Reading } from './readings.ts'

/** What comes closest where no setting fits all cards, and why it does not, in sentences. */
export function closestOf(readings: readonly Reading[], printed: readonly CardNumbers[]): string[] {
  const found = [...oddOneOut(readings, printed), ...turned(readings, printed)]
  if (found.length > 0) return found
  return [
    ...(nearestNamed(readings, printed) ?? []),
    'No run of bits says the printed numbers on all cards: they may be numbers of the seller and not of the card. Such cards are known by their bits alone, with the format raw.',
  ]
}

/** All cards but one agree. */
function oddOneOut(readings: readonly Reading[], printed: readonly CardNumbers[]): string[] {
  if (printed.length < 3) return []
  return printed.flatMap((numbers, odd) => {
    const without = <Value>(values: readonly Value[]) => values.filter((_, at) => at !== odd)
    const others = readings.map(reading => ({ ...reading, binaries: without(reading.binaries) }))
    const [best] = hypothesesOf(others, without(printed))
    if (best === undefined || best.rank > 4) return []
    return [
      `All cards but number ${wordsOf(numbers)} are ${nameOf(best)}: look again at what is printed on that one, or leave it out.`,
    ]
  })
}

/** The bits fit a named format once they are turned round or over, which no setting does. */
function turned(readings: readonly Reading[], printed: readonly CardNumbers[]): string[] {
  const named = (turn: (binary: string) => string) => {
    const fit = readings.map((reading): Reading => ({ ...reading, binaries: reading.binaries.map(turn) }))
    return hypothesesOf(fit, printed).find(({ parity }) => parity === 'checked')
  }
  const over = named(binary => Array.from(binary, bit => (bit === '0' ? '1' : '0')).join(''))
  const backwards = named(binary => [...binary].reverse().join(''))
  const bytes = readings.filter(({ typed, binaries }) => typed === null && binaries[0]!.length % 8 === 0)
  const lastFirst = bytes.some(({ binaries }) =>
    binaries.every((binary, at) => BigInt(`0b${bytesReversed(binary)}`) === printed[at]!.number),
  )
  return [
    ...(over ? [`With every bit turned over the cards are ${nameOf(over)}: the wires D0 and D1 are swapped.`] : []),
    ...(backwards
      ? [
          `Read from the last bit to the first the cards are ${nameOf(backwards)}: the reader must be set to send the first bit first.`,
        ]
      : []),
    ...(lastFirst
      ? [
          'The printed number is the bits with the last byte first: set the reader the other way round, or take raw, by which cards are known without their printed numbers.',
        ]
      : []),
  ]
}

function nearestNamed(readings: readonly Reading[], printed: readonly CardNumbers[]): string[] | null {
  const faults = readings.flatMap(({ binaries }) =>
    WIEGAND_NAMES.filter(name => layoutOf(name).bits === binaries[0]!.length).map(name =>
      binaries.flatMap((binary, at) => faultOf(binary, name, printed[at]!)),
    ),
  )
  return faults.toSorted((a, b) => a.length - b.length)[0] ?? null
}

function faultOf(binary: string, name: WiegandName, printed: CardNumbers): string[] {
  const decoded = decodeFrame(frameOf(binary), name)
  if (!decoded.ok)
    return decoded.failure === 'length'
      ? []
      : [`As ${name}, card ${wordsOf(printed)} fails the parity of bit ${decoded.at.join(' and ')}.`]
  const { facility, number } = decoded.value
  if (number !== printed.number) return [`As ${name}, card ${wordsOf(printed)} says number ${number}.`]
  if (printed.facility !== null && facility !== printed.facility)
    return [`As ${name}, card ${wordsOf(printed)} says facility code ${facility ?? 'none'}.`]
  return []
}

function nameOf({ setting }: Hypothesis): string {
  const format = setting.kind === 'format' ? setting.format : setting.card.format
  return typeof format === 'string' ? format : `of ${format.bits} bits`
}

function wordsOf({ facility, number }: CardNumbers): string {
  return facility === null ? String(number) : `${facility}:${number}`
}
