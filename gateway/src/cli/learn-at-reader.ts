import type { Card } from '@gatehouse/shared/list/card.ts'
import { numbersOfCard } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import { encodeFrame } from '@gatehouse/shared/wiegand/frame.ts'
import { readPrinted } from '@gatehouse/shared/wiegand/printed.ts'
import { SAMPLES_MAX, SAMPLES_MIN, type Sample, type Seen } from '@gatehouse/shared/wiegand/sample.ts'
import { WIEGAND_NAMES } from '@gatehouse/shared/wire/hardware/card-format.ts'
import type { UnknownCard } from '../store/unknown-cards.ts'

export type LearnAtReaderNeeds = {
  /** Unknown and misread cards of the reader, the newest first. */
  newest(): readonly UnknownCard[]
  /** What the person types. */
  readonly lines: AsyncIterable<string>
  say(sentence: string): void
}

/**
 * Asks for cards at a reader and for what is printed on each, until an empty line or the end of what is typed. A line takes
 * the newest card that came since the line before; none is taken twice.
 */
export async function learnAtReader({ newest, lines, say }: LearnAtReaderNeeds): Promise<Sample[]> {
  const samples: Sample[] = []
  let before = newest()
  say(
    `Hold a card to the reader, then type what is printed on it, 123:4567 or 4567. At least ${SAMPLES_MIN} cards; an empty line ends.`,
  )
  for await (const line of lines) {
    if (line.trim() === '') break
    const printed = readPrinted(line)
    if (printed === null) {
      say('That is no card number: type 123:4567, or 4567 where no facility code is printed.')
      continue
    }
    const now = newest()
    const [seen] = now
    if (seen === undefined || isSameCard(seen, before[0])) {
      say('No card came since then: hold it to the reader first. A card that the list knows is not taken.')
      continue
    }
    before = now
    const bits = bitsOf(seen.card)
    if (bits === null) {
      say(`The reader knows what this is by itself (${seen.card.technology}): there is no format to learn.`)
      continue
    }
    samples.push({ seen: bits, printed })
    say(`Card ${samples.length}: ${bits.bitCount} bits, ${bits.bits.toUpperCase()}.`)
    if (samples.length === SAMPLES_MAX) break
  }
  return samples
}

function isSameCard(a: UnknownCard, b: UnknownCard | undefined): boolean {
  return b !== undefined && a.atMs === b.atMs && a.card.bits === b.card.bits && a.card.bitCount === b.card.bitCount
}

/** The frame as the reader gave it: of a format that it is set to already, put together again. */
function bitsOf(card: Card): (Seen & { readonly kind: 'bits' }) | null {
  if (card.technology === 'raw') return { kind: 'bits', bitCount: card.bitCount, bits: card.bits }
  const format = WIEGAND_NAMES.find(name => name === card.technology)
  const numbers = numbersOfCard(card)
  if (format === undefined || numbers === null) return null
  const frame = encodeFrame(numbers, format)
  return frame.ok ? { kind: 'bits', ...frame.value } : null
}
