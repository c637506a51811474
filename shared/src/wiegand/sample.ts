import { fail, ok, type Result } from '../result.ts'
import { binaryOf, type Frame } from './bits.ts'
import type { CardNumbers } from './frame.ts'

/** Two cards agree by chance too easily; beyond twenty, one more says nothing new. */
export const SAMPLES_MIN = 3
export const SAMPLES_MAX = 20

export const BITS_MIN = 8
export const BITS_MAX = 128
const TEXT_MAX = 40

/** What a reader made of a card: bits, or the text that it typed. */
export type Seen = ({ readonly kind: 'bits' } & Frame) | { readonly kind: 'text'; readonly text: string }

/** One card held to the reader. A facility code that is not printed, or not known, is null. */
export type Sample = { readonly seen: Seen; readonly printed: CardNumbers }

/**
 * Why nothing can be learnt. `same_card`: fewer than three different ones. `two_numbers`: one card, two numbers.
 * `mixed`: bits and text. `bit_counts`: frames of different length, so two kinds of card. `malformed`: no bits, no digits.
 */
export type SamplesProblem = 'too_few' | 'too_many' | 'malformed' | 'mixed' | 'two_numbers' | 'same_card' | 'bit_counts'

export type Samples =
  | { readonly kind: 'bits'; readonly binaries: readonly string[]; readonly printed: readonly CardNumbers[] }
  | { readonly kind: 'text'; readonly texts: readonly string[]; readonly printed: readonly CardNumbers[] }

/** Different cards, all of one kind. A card that was held there twice counts once. */
export function samplesOf(samples: readonly Sample[]): Result<Samples, SamplesProblem> {
  if (samples.length < SAMPLES_MIN) return fail('too_few')
  if (samples.length > SAMPLES_MAX) return fail('too_many')
  if (samples.some(isMalformed)) return fail('malformed')
  if (new Set(samples.map(({ seen }) => seen.kind)).size > 1) return fail('mixed')
  const cards = new Map<string, Sample>()
  for (const sample of samples) {
    const name = nameOf(sample.seen)
    const before = cards.get(name)
    if (before && !samePrinted(before.printed, sample.printed)) return fail('two_numbers')
    cards.set(name, sample)
  }
  const different = [...cards.values()]
  if (different.length < SAMPLES_MIN) return fail('same_card')
  const printed = different.map(sample => sample.printed)
  const texts = different.flatMap(({ seen }) => (seen.kind === 'text' ? [seen.text] : []))
  if (texts.length > 0) return ok({ kind: 'text', texts, printed })
  const binaries = different.flatMap(({ seen }) => (seen.kind === 'bits' ? [binaryOf(seen)] : []))
  return new Set(binaries.map(({ length }) => length)).size > 1
    ? fail('bit_counts')
    : ok({ kind: 'bits', binaries, printed })
}

function isMalformed({ seen, printed }: Sample): boolean {
  if (printed.number < 0n || (printed.facility ?? 0n) < 0n) return true
  if (seen.kind === 'text') return !/^[0-9a-fA-F]+$/.test(seen.text) || seen.text.length > TEXT_MAX
  const { bitCount, bits } = seen
  return (
    bitCount < BITS_MIN ||
    bitCount > BITS_MAX ||
    !/^[0-9a-fA-F]+$/.test(bits) ||
    bits.length !== Math.ceil(bitCount / 8) * 2
  )
}

function nameOf(seen: Seen): string {
  return seen.kind === 'text' ? seen.text.toLowerCase() : `${seen.bitCount} ${binaryOf(seen)}`
}

function samePrinted(a: CardNumbers, b: CardNumbers): boolean {
  return a.number === b.number && a.facility === b.facility
}
