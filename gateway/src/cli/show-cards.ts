import { join } from 'node:path'
import { Temporal } from '@gatehouse/shared/time.ts'
import { readGate } from '../config.ts'
import { type UnknownCard, unknownCardsOf } from '../store/unknown-cards.ts'
import { cannot } from './usage.ts'

/** `gateway cards`: reads beside a gate that may be running, and changes nothing. */
export function showCards({ config: path, limit, json }: { config: string; limit: string; json?: true }): void {
  const gate = readGate(path)
  if (!gate.ok) throw cannot(gate.failure)
  const { config, identity } = gate.value
  if (!/^[1-9][0-9]{0,3}$/.test(limit)) throw cannot('--limit must be a number from 1 to 9999')
  const cards = unknownCardsOf(join(config.data, 'journal.db'), Number(limit))
  if (json) process.stdout.write(`${JSON.stringify(cards)}\n`)
  else if (cards.length === 0) process.stdout.write('No unknown card was held to a reader of this gate yet.\n')
  else process.stdout.write(`${[HEAD, ...cards.map(card => row(card, identity.timeZone))].map(inColumns).join('\n')}\n`)
}

type Columns = readonly [at: string, lane: string, reader: string, technology: string, count: string, bits: string]

const HEAD: Columns = ['time', 'lane', 'reader', 'technology', 'bits', 'hexadecimal']
const WIDTHS = [21, 12, 12, 11, 5, 0]

function row({ atMs, lane, reader, card }: UnknownCard, timeZone: string): Columns {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDateTime()
  const seconds = at.toString({ smallestUnit: 'second' }).replace('T', ' ')
  return [seconds, lane, reader, card.technology, String(card.bitCount), card.bits.toUpperCase()]
}

function inColumns(columns: Columns): string {
  return columns.map((text, at) => text.padEnd(WIDTHS[at]!)).join(' ')
}
