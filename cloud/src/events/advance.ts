import { FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import type { LetterReason, ReadEvent } from './read-event.ts'

/** How far a gate's chain is stored without a gap, and the hash there. */
export type Chain = { readonly sequence: number; readonly hash: string }

export type GoodEvent = { readonly event: ChainedEvent; readonly canonical: string }

export type Letter = {
  readonly sequence: number | null
  readonly reason: LetterReason
  readonly detail: string
  readonly raw: string
}

/** What is already kept of the sequences in question. */
export type Known = {
  /** Hashes stored under a sequence; several where a gate's mini-PC was replaced. */
  readonly events: ReadonlyMap<number, readonly string[]>
  /** Dead letters, by what was kept of them. */
  readonly letters: ReadonlySet<string>
}

export type Advance = {
  readonly chain: Chain
  readonly store: readonly GoodEvent[]
  readonly letters: readonly Letter[]
  /** The first sequence that is waited for, when something behind it is here already. */
  readonly gapAt: number | null
}

export type AdvanceOptions = {
  /** The events before the first of these are given up: they were waited for, and the gate does not have them. */
  readonly skipGap: boolean
  /** The gate was enrolled since its chain last moved: a new mini-PC counts from 1 again, the old one goes on. */
  readonly mayBeginAgain: boolean
}

/** The name under which a dead letter is recognised when it comes again. */
export const letterKey = (sequence: number | null, raw: string) => `${sequence ?? ''}\n${raw}`

/**
 * What becomes of the events of one gate, in the order of the chain. Pure: the caller holds the chain's lock and
 * brings what is known.
 *
 * A known event is a replay and nothing happens; a known sequence that says something else is a fork. What cannot be
 * stored becomes a dead letter and the chain goes on behind it. What is behind a gap waits at the gate, which sends
 * again from the ack.
 */
export function advance(
  from: Chain,
  items: readonly ReadEvent[],
  known: Known,
  { skipGap, mayBeginAgain }: AdvanceOptions,
): Advance {
  let chain = mayBeginAgain && items.some(item => isNewBeginning(item, known)) ? BEGINNING : from
  let gapAt: number | null = null
  const store: GoodEvent[] = []
  const stored = new Map(known.events)
  const letters: Letter[] = []
  const kept = new Set(known.letters)

  const keep = (sequence: number | null, reason: LetterReason, detail: string, raw: string) => {
    const key = letterKey(sequence, raw)
    if (!kept.has(key)) letters.push({ sequence, reason, detail, raw })
    kept.add(key)
  }
  const put = (good: GoodEvent) => {
    store.push(good)
    stored.set(good.event.record.sequence, [good.event.hash])
  }

  for (const { item, sequence, hash } of placed(items)) {
    if (sequence === null) {
      if (!item.good) keep(null, item.reason, item.detail, item.raw)
      continue
    }
    const raw = item.good
      ? `{"previous":"${item.event.previous}","hash":"${item.event.hash}","record":${item.canonical}}`
      : item.raw

    if (sequence <= chain.sequence) {
      const before = stored.get(sequence)
      if (!item.good) keep(sequence, item.reason, item.detail, raw)
      else if (before === undefined && !kept.has(letterKey(sequence, raw))) put(item)
      else if (before !== undefined && !before.includes(item.event.hash)) {
        keep(sequence, 'fork', `sequence ${sequence} is stored with the hash ${before.join(', ')}`, raw)
      }
      continue
    }

    if (sequence > chain.sequence + 1) {
      if (!skipGap) {
        gapAt ??= chain.sequence + 1
        continue
      }
      const first = chain.sequence + 1
      const last = sequence - 1
      keep(
        first,
        'missing',
        `events ${first} to ${last} never came, and the gate does not have them`,
        `${first}-${last}`,
      )
      chain = { sequence: last, hash: item.good ? item.event.previous : chain.hash }
    }

    if (hash === null) {
      // The chain cannot be followed past an event that does not say its own hash, until the one behind it does.
      if (!item.good) keep(sequence, item.reason, item.detail, raw)
      gapAt ??= sequence
      continue
    }
    if (!item.good) keep(sequence, item.reason, item.detail, raw)
    else if (item.event.previous === chain.hash) put(item)
    else keep(sequence, 'wrong_previous', `the event before it has the hash ${chain.hash}`, raw)
    chain = { sequence, hash }
  }
  return { chain, store, letters, gapAt }
}

const BEGINNING: Chain = { sequence: 0, hash: FIRST_PREVIOUS }

function isNewBeginning(item: ReadEvent, known: Known): boolean {
  if (!item.good) return false
  const { previous, hash, record } = item.event
  return record.sequence === 1 && previous === FIRST_PREVIOUS && known.events.get(1)?.includes(hash) !== true
}

type Placed = { readonly item: ReadEvent; readonly sequence: number | null; readonly hash: string | null }

/** By sequence; one that does not say its own stands where the batch had it, and has the hash that the next one names. */
function placed(items: readonly ReadEvent[]): readonly Placed[] {
  const sequences = items.map(item => (item.good ? item.event.record.sequence : item.sequence))
  const taken = new Set(sequences)
  for (const [at, sequence] of sequences.entries()) {
    if (sequence !== null) continue
    const before = sequences[at - 1] ?? null
    const after = sequences[at + 1] ?? null
    const place = before !== null ? before + 1 : after !== null ? after - 1 : null
    if (place === null || place < 1 || taken.has(place)) continue
    sequences[at] = place
    taken.add(place)
  }
  const previousOf = new Map(
    items.flatMap(item => (item.good ? [[item.event.record.sequence, item.event.previous] as const] : [])),
  )
  return items
    .map((item, at) => {
      const sequence = sequences[at] ?? null
      const next = sequence === null ? undefined : previousOf.get(sequence + 1)
      return { item, sequence, hash: item.good ? item.event.hash : (next ?? item.hash) }
    })
    .toSorted(inOrder)
}

/** Of two that claim one place the readable one is first: it is more likely to be what the chain goes on from. */
function inOrder(a: Placed, b: Placed): number {
  const apart = (a.sequence ?? Number.MAX_SAFE_INTEGER) - (b.sequence ?? Number.MAX_SAFE_INTEGER)
  return apart === 0 ? Number(b.item.good) - Number(a.item.good) : apart
}
