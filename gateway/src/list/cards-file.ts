import { fromHex } from '@gatehouse/shared/bytes.ts'
import { BIT_COUNTS, type Card, TECHNOLOGIES, type Technology } from '@gatehouse/shared/list/card.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import { binaryOf, frameOf } from '@gatehouse/shared/wiegand/bits.ts'
import { cardOfNumbers } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import { readPrinted } from '@gatehouse/shared/wiegand/printed.ts'
import { WIEGAND_NAMES } from '@gatehouse/shared/wire/hardware/card-format.ts'

/** u32: the last moment a list can say. */
const NEVER_S = 0xffffffff

const COLUMNS = ['card', 'technology', 'name', 'from', 'until'] as const

/** A card of a site that has no cloud. */
export type ListedCard = {
  readonly card: Card
  readonly name: string
  readonly notBeforeS: number
  readonly expiresS: number
}

type CsvRecord = { readonly line: number; readonly fields: readonly string[] }

/**
 * The cards of a CSV file with a heading: `card` (hexadecimal; raw bits that are no whole bytes with their count behind, as
 * `fff8/13`), and if wanted `technology` (em4100), `name`, `from` and `until` (dates; the last day counts whole). On failure
 * every bad line, by its number.
 */
export function readCards(records: readonly CsvRecord[], timeZone: string): Result<ListedCard[], string> {
  const [heading, ...rows] = records
  const columns = heading?.fields.map(name => name.toLowerCase()) ?? []
  const strange = columns.filter(name => !COLUMNS.includes(name as (typeof COLUMNS)[number]))
  if (!columns.includes('card') || strange.length > 0) {
    return fail(
      `line 1: the heading must name card, and may name technology, name, from and until${strange.length > 0 ? `; it names ${strange.join(', ')}` : ''}`,
    )
  }
  const cards: ListedCard[] = []
  const mistakes: string[] = []
  const lines = new Map<string, number>()
  for (const { line, fields } of rows) {
    const read = readCard(Object.fromEntries(columns.map((name, at) => [name, fields[at] ?? ''])), timeZone)
    if (!read.ok) {
      mistakes.push(`line ${line}: ${read.failure}`)
      continue
    }
    const { technology, bitCount, bits } = read.value.card
    const key = `${technology} ${bitCount} ${bits}`
    const before = lines.get(key)
    if (before !== undefined) mistakes.push(`line ${line}: the same card as in line ${before}`)
    lines.set(key, line)
    cards.push(read.value)
  }
  if (rows.length === 0) mistakes.push('there is no card in the file')
  return mistakes.length === 0 ? ok(cards) : fail(mistakes.join('\n'))
}

function readCard(row: { readonly [column: string]: string }, timeZone: string): Result<ListedCard, string> {
  const technology = (row.technology || 'em4100') as Technology
  if (!TECHNOLOGIES.includes(technology))
    return fail(`${technology} is no technology; there is ${TECHNOLOGIES.join(', ')}`)
  const card = cardIn((row.card ?? '').trim(), technology)
  if (!card.ok) return card
  const notBeforeS = row.from ? startOf(row.from, 0, timeZone) : 0
  const expiresS = row.until ? startOf(row.until, 1, timeZone) : NEVER_S
  if (notBeforeS === null) return fail('from must be a date such as 2026-09-01')
  if (expiresS === null) return fail('until must be a date such as 2027-07-31')
  if (expiresS <= notBeforeS) return fail('until is before from')
  return ok({ card: card.value, name: row.name ?? '', notBeforeS, expiresS })
}

/** Of a Wiegand format also as it is printed, facility code and number: `123:4567`. */
function cardIn(text: string, technology: Technology): Result<Card, string> {
  const format = WIEGAND_NAMES.find(name => name === technology)
  if (format && /^\d+:\d+$/.test(text)) {
    const card = cardOfNumbers(readPrinted(text)!, format)
    return card ? ok(card) : fail(`${technology} has no card ${text}`)
  }
  const [digits = '', count] = text.toLowerCase().replace(/[\s:]/g, '').split('/')
  const bytes = fromHex(digits)?.length ?? 0
  const fixed = BIT_COUNTS[technology]
  const bitCount = fixed ?? (count === undefined ? bytes * 8 : Number(count))
  if (bytes === 0 || bytes > 32 || Math.ceil(bitCount / 8) !== bytes || (fixed !== undefined && count !== undefined)) {
    return fail(`the card must be ${fixed ? `${Math.ceil(fixed / 8)} bytes` : 'whole bytes'} in hexadecimal`)
  }
  const card = { technology, bitCount, bits: digits }
  if (frameOf(binaryOf(card)).bits !== digits)
    return fail(`the card is ${bitCount} bits, left-justified: what is behind them must be 0`)
  return ok(card)
}

/** Unix seconds of the beginning of a day, or of one after it, on that wall; null when it is no date. */
function startOf(date: string, daysLater: number, timeZone: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null
  try {
    const day = Temporal.PlainDate.from(date, { overflow: 'reject' }).add({ days: daysLater })
    const epochS = day.toZonedDateTime(timeZone).epochMilliseconds / 1000
    return epochS < 0 || epochS > NEVER_S ? null : epochS
  } catch {
    return null
  }
}
