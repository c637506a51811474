import type { CardText } from '../wire/hardware/card-format.ts'
import { bitsOfText } from './card-text.ts'
import { LAYOUTS, widthOf } from './formats.ts'
import { BITS_MAX, BITS_MIN, type Samples } from './sample.ts'

/** One way to make bits of what a reader said, and the bits it makes of every card. */
export type Reading = {
  /** How the text is read; null where the reader gives bits. */
  readonly typed: Pick<CardText, 'base' | 'bitCount' | 'reversed'> | null
  readonly binaries: readonly string[]
  readonly fit: Fit
}

/**
 * `usual`: as many bits as such a text usually stands for. `rounded`: up to so many hexadecimal digits. `zeros`: there may be
 * zeros in front of a named format, which must prove itself.
 */
export type Fit = 'usual' | 'rounded' | 'zeros'

/** Whole frames of the named formats, and their fields alone. */
const NAMED_COUNTS = Object.values(LAYOUTS).flatMap(({ bits, facility, number }) => [
  bits,
  (facility ? widthOf(facility) : 0) + widthOf(number),
])
const BYTE_COUNTS = [24, 32, 40, 56, 64, 80, 128]

/** Every way to read all of the cards, at most some sixty. */
export function readingsOf(samples: Samples): Reading[] {
  if (samples.kind === 'bits') return [{ typed: null, binaries: samples.binaries, fit: 'usual' }]
  const { texts } = samples
  const digits = Math.max(...texts.map(text => text.length))
  return [
    ...hexCounts(digits).flatMap(([count, fit]) => readingsAs('hex', count, fit, texts)),
    ...decimalCounts(texts).flatMap(([count, fit]) => readingsAs('decimal', count, fit, texts)),
  ]
}

function readingsAs(base: CardText['base'], bitCount: number, fit: Fit, texts: readonly string[]): Reading[] {
  return (bitCount % 8 === 0 ? [false, true] : [false]).flatMap(reversed => {
    const typed = { base, bitCount, reversed }
    const binaries = texts.flatMap(text => bitsOfText(text, typed) ?? [])
    return binaries.length === texts.length ? [{ typed, binaries, fit }] : []
  })
}

function hexCounts(digits: number): (readonly [number, Fit])[] {
  const most = digits * 4
  // Digits are rounded up to four bits, or to a byte.
  const fewest = most - (digits % 2 === 0 ? 7 : 3)
  const rounded = Array.from({ length: most - fewest + 1 }, (_, at) => fewest + at)
  return different([...rounded, ...NAMED_COUNTS])
    .filter(count => count >= BITS_MIN && count <= Math.min(most, BITS_MAX))
    .map(count => [count, count === most ? 'usual' : count >= fewest ? 'rounded' : 'zeros'])
}

/** Texts all of one length are filled up with zeros, to the length of the largest number there is. */
function decimalCounts(texts: readonly string[]): (readonly [number, Fit])[] {
  if (!texts.every(text => /^\d+$/.test(text))) return []
  const needed = Math.max(...texts.map(text => BigInt(text).toString(2).length))
  const fitting = BYTE_COUNTS.filter(count => count >= needed)
  const filled = fitting.find(count => texts.every(({ length }) => length === digitsOf(count)))
  const usual = filled ?? fitting[0]
  return different([...fitting, ...NAMED_COUNTS.filter(count => count >= needed)]).map(count => [
    count,
    count === usual ? 'usual' : 'zeros',
  ])
}

function digitsOf(bitCount: number): number {
  return ((1n << BigInt(bitCount)) - 1n).toString().length
}

function different(counts: readonly number[]): number[] {
  return [...new Set(counts)].toSorted((a, b) => b - a)
}
