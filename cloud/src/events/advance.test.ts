import { createHash } from 'node:crypto'
import { chain as chained, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import type { ChainedEvent, EventRecord } from '@gatehouse/shared/events/record.ts'
import { expect, test } from 'vitest'
import { type Advance, advance, letterKey } from './advance.ts'
import { readEvent } from './read-event.ts'

const GATE = 'gate-north'
const START = { sequence: 0, hash: FIRST_PREVIOUS }
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

function record(sequence: number, change: Partial<EventRecord> = {}): EventRecord {
  return {
    gate: GATE,
    sequence,
    kind: 'boot',
    listVersion: 0,
    policyHash: '0'.repeat(64),
    trustedTimeMs: 1_700_000_000_000 + sequence,
    wallTimeMs: 0,
    monotonicMs: 0,
    bootId: '6a0c9d7e-2f57-4a44-9f0e-3ab0f6f5a001',
    clockQuality: 'confirmed',
    ...change,
  }
}

/** Events 1 to `count` of one journal. */
function journal(count: number, change: (sequence: number) => Partial<EventRecord> = () => ({})): ChainedEvent[] {
  const events: ChainedEvent[] = []
  for (let sequence = 1; sequence <= count; sequence++) {
    events.push(chained(sha256, events.at(-1)?.hash ?? FIRST_PREVIOUS, record(sequence, change(sequence))))
  }
  return events
}

const events = journal(6)
const [e1, e2, e3, e4, e5] = events as [ChainedEvent, ChainedEvent, ChainedEvent, ChainedEvent, ChainedEvent]

type Given = {
  from?: typeof START
  stored?: ChainedEvent[]
  letters?: string[]
  skipGap?: boolean
  mayBeginAgain?: boolean
}

function step(items: readonly unknown[], given: Given = {}) {
  const { from = START, stored = [], letters = [], skipGap = false, mayBeginAgain = false } = given
  return advance(
    from,
    items.map(item => readEvent(sha256, GATE, item)),
    { events: new Map(stored.map(({ record: { sequence }, hash }) => [sequence, [hash]])), letters: new Set(letters) },
    { skipGap, mayBeginAgain },
  )
}
const at = ({ record: { sequence }, hash }: ChainedEvent) => ({ sequence, hash })
const storedOf = ({ store }: Advance) => store.map(({ event }) => event.record.sequence)
const lettersOf = ({ letters }: Advance) => letters.map(({ sequence, reason }) => [sequence, reason])

test('events in order are stored, and the chain ends at the last', () => {
  const answer = step([e1, e2, e3])
  expect(storedOf(answer)).toEqual([1, 2, 3])
  expect(answer.chain).toEqual(at(e3))
  expect(answer.gapAt).toBeNull()
})

test('events out of order in what came together are put in order', () => {
  expect(step([e3, e1, e2]).chain).toEqual(at(e3))
})

test('a replay changes nothing', () => {
  const answer = step([e1, e2], { from: at(e2), stored: [e1, e2] })
  expect(answer).toEqual({ chain: at(e2), store: [], letters: [], gapAt: null })
})

test('the same event twice in one batch is stored once', () => expect(storedOf(step([e1, e1]))).toEqual([1]))

test('a replay with new events behind it goes on from them', () => {
  const answer = step([e1, e2, e3], { from: at(e2), stored: [e1, e2] })
  expect(storedOf(answer)).toEqual([3])
})

test('a known sequence with another hash is a fork, and the chain stays', () => {
  const other = chained(sha256, e1.hash, record(2, { kind: 'alarm' }))
  const answer = step([other], { from: at(e2), stored: [e1, e2] })
  expect(lettersOf(answer)).toEqual([[2, 'fork']])
  expect(answer.chain).toEqual(at(e2))
})

test('a known sequence at another time is a fork', () => {
  const other = chained(sha256, e1.hash, record(2, { trustedTimeMs: 1 }))
  expect(lettersOf(step([other], { from: at(e2), stored: [e1, e2] }))).toEqual([[2, 'fork']])
})

test('two events that claim one place: the first stands, the second is a fork', () => {
  const other = chained(sha256, e1.hash, record(2, { kind: 'alarm' }))
  const answer = step([e1, e2, other])
  expect(storedOf(answer)).toEqual([1, 2])
  expect(lettersOf(answer)).toEqual([[2, 'fork']])
})

test('what is behind a gap waits, and the chain says how far it is', () => {
  const answer = step([e1, e3, e4])
  expect(storedOf(answer)).toEqual([1])
  expect(answer.chain).toEqual(at(e1))
  expect(answer.gapAt).toBe(2)
})

test('a gap that was given up is kept as missing, and what is behind it is stored', () => {
  const answer = step([e4, e5], { from: at(e1), skipGap: true })
  expect(storedOf(answer)).toEqual([4, 5])
  expect(answer.letters).toMatchObject([{ sequence: 2, reason: 'missing', raw: '2-3' }])
  expect(answer.chain).toEqual(at(e5))
})

test('what was missing and comes after all is stored', () => {
  const answer = step([e2, e3], { from: at(e5), stored: [e1, e4, e5], letters: [letterKey(2, '2-3')] })
  expect(storedOf(answer)).toEqual([2, 3])
  expect(answer.chain).toEqual(at(e5))
})

const poison: Record<string, (event: ChainedEvent) => unknown> = {
  malformed: ({ record, ...event }) => ({ ...event, record: { ...record, kind: 'party' } }),
  bad_hash: ({ record, ...event }) => ({ ...event, record: { ...record, kind: 'alarm' } }),
  wrong_gate: ({ previous }) => chained(sha256, previous, record(2, { gate: 'gate-south' })),
}

for (const [reason, spoil] of Object.entries(poison)) {
  test(`an event that is ${reason} is kept with the reason, and the others are stored`, () => {
    const answer = step([e1, spoil(e2), e3])
    expect(storedOf(answer)).toEqual([1, 3])
    expect(lettersOf(answer)).toEqual([[2, reason]])
    expect(answer.chain).toEqual(at(e3))
  })
}

test('an event with a broken hash at the end is passed too: the next batch goes on from it', () => {
  const broken = poison.bad_hash!(e2)
  const first = step([e1, broken])
  expect(first.chain).toEqual(at(e2))
  expect(storedOf(step([e3], { from: first.chain }))).toEqual([3])
})

for (const rubbish of [null, 7, 'text', [], {}, { record: null }]) {
  test(`${JSON.stringify(rubbish)} in the place of an event is kept, and the chain goes on past it`, () => {
    const answer = step([e1, rubbish, e3])
    expect(storedOf(answer)).toEqual([1, 3])
    expect(lettersOf(answer)).toEqual([[2, 'malformed']])
    expect(answer.chain).toEqual(at(e3))
  })
}

test('rubbish at the end is kept, and the chain waits for what says where it goes on', () => {
  const answer = step([e1, 'rubbish'])
  expect(lettersOf(answer)).toEqual([[2, 'malformed']])
  expect(answer.chain).toEqual(at(e1))
  const again = step(['rubbish', e3], { from: answer.chain, letters: [letterKey(2, '"rubbish"')] })
  expect(again.letters).toEqual([])
  expect(again.chain).toEqual(at(e3))
})

test('a dead letter that comes again is not kept twice', () => {
  const broken = poison.malformed!(e2)
  const [letter] = step([e1, broken, e3]).letters
  const again = step([e1, broken, e3], { from: at(e3), stored: [e1, e3], letters: [letterKey(2, letter!.raw)] })
  expect(again).toEqual({ chain: at(e3), store: [], letters: [], gapAt: null })
})

test('an event that does not go on from the one before it is kept, and what goes on from it is stored', () => {
  const stray = chained(sha256, 'f'.repeat(64), record(2))
  const after = chained(sha256, stray.hash, record(3))
  const answer = step([e1, stray, after])
  expect(storedOf(answer)).toEqual([1, 3])
  expect(lettersOf(answer)).toEqual([[2, 'wrong_previous']])
})

test('another gate’s event in a batch does not take the place of this gate’s', () => {
  const answer = step([e1, poison.wrong_gate!(e2), e2, e3])
  expect(storedOf(answer)).toEqual([1, 2, 3])
  expect(lettersOf(answer)).toEqual([[2, 'wrong_gate']])
})

for (const [what, change] of [
  ['a time after the year 9999', { trustedTimeMs: 9_007_199_254_740_991 }],
  ['a list version beyond the column', { listVersion: 2_147_483_648 }],
  ['a NUL in a name', { lane: 'in\u0000' }],
  ['a lone surrogate', { details: { text: '\ud800' } }],
] as const) {
  test(`${what} is malformed and stops nothing`, () => {
    let made: unknown
    try {
      made = chained(sha256, e1.hash, record(2, change))
    } catch {
      made = { previous: e1.hash, hash: e2.hash, record: record(2, change) }
    }
    expect(lettersOf(step([e1, made]))).toEqual([[2, 'malformed']])
  })
}

test('a record of more than 4 KB is too large', () => {
  const details = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`d${at}`, 'x'.repeat(490)]))
  expect(lettersOf(step([e1, chained(sha256, e1.hash, record(2, { details }))]))).toEqual([[2, 'too_large']])
})

const [n1, n2] = journal(2, () => ({ kind: 'alarm' })) as [ChainedEvent, ChainedEvent]

test('a mini-PC that was newly enrolled counts from 1 again', () => {
  const answer = step([n1, n2], { from: at(e5), stored: events, mayBeginAgain: true })
  expect(storedOf(answer)).toEqual([1, 2])
  expect(answer.chain).toEqual(at(n2))
})

test('one that was enrolled again and kept its journal goes on', () => {
  const answer = step([events[5]], { from: at(e5), stored: events.slice(0, 5), mayBeginAgain: true })
  expect(storedOf(answer)).toEqual([6])
})

test('a replay of the first event is no new beginning', () => {
  expect(step([e1], { from: at(e5), stored: events, mayBeginAgain: true }).chain).toEqual(at(e5))
})

test('without an enrolment a second first event is a fork', () => {
  expect(lettersOf(step([n1], { from: at(e5), stored: events }))).toEqual([[1, 'fork']])
})
