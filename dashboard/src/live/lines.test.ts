import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { expect, test } from 'vitest'
import { LINES_MAX, type LiveAct, lineKey, meets, NO_LINES, nextLines } from './lines.ts'
import { pulseOf } from './pulse.ts'

const line = (sequence: number, change: Partial<AccessLine> = {}): AccessLine => ({
  gateId: 'north-gate',
  gateName: 'North gate',
  sequence,
  kind: 'granted',
  lane: 'in',
  laneName: 'Turnstile 1',
  direction: 'in',
  at: new Date(Date.UTC(2026, 10, 25, 8, 0, sequence)).toISOString(),
  receivedAt: new Date(Date.UTC(2026, 10, 25, 8, 0, sequence)).toISOString(),
  passId: null,
  holder: null,
  technology: 'em4100',
  refusal: null,
  objection: null,
  listVersion: 1,
  ...change,
})

const arrived = (...lines: AccessLine[]): LiveAct => ({ is: 'arrived', lines, atS: 1000 })
const filled = (...lines: AccessLine[]): LiveAct => ({ is: 'filled', lines })
const scrolled = (atTop: boolean): LiveAct => ({ is: 'scrolled', atTop })
const paused: LiveAct = { is: 'paused' }
const resumed: LiveAct = { is: 'resumed' }

const rules: readonly [rule: string, acts: readonly LiveAct[], shown: string, waiting: string][] = [
  ['nothing has come', [], '', ''],
  ['what comes stands at the top', [arrived(line(1)), arrived(line(2))], '2 1', ''],
  ['a frame has its oldest first and is shown newest first', [arrived(line(1), line(2), line(3))], '3 2 1', ''],
  ['an event is shown once, however often it comes', [arrived(line(1)), arrived(line(1)), filled(line(1))], '1', ''],
  ['an event is shown once, also when one frame brings it twice', [arrived(line(1), line(1))], '1', ''],
  ['what a gate kept comes in where it belongs', [arrived(line(1), line(4)), arrived(line(2))], '4 2 1', ''],
  [
    'the service fills what the feed missed',
    [arrived(line(1)), arrived(line(5)), filled(line(4), line(3))],
    '5 4 3 1',
    '',
  ],
  [
    'while paused nothing moves and what comes is counted',
    [arrived(line(1)), paused, arrived(line(2), line(3))],
    '1',
    '3 2',
  ],
  ['going on brings in what waited', [arrived(line(1)), paused, arrived(line(2)), resumed], '2 1', ''],
  ['further down nothing moves either', [arrived(line(1)), scrolled(false), arrived(line(2))], '1', '2'],
  ['back at the top it comes in', [arrived(line(1)), scrolled(false), arrived(line(2)), scrolled(true)], '2 1', ''],
  ['paused and scrolled both hold', [paused, scrolled(false), arrived(line(1)), scrolled(true)], '', '1'],
  ['going on further down still holds', [paused, scrolled(false), arrived(line(1)), resumed], '', '1'],
  ['what waits is not counted twice', [paused, arrived(line(1)), arrived(line(1))], '', '1'],
  ['what is shown does not wait as well', [arrived(line(1)), paused, filled(line(1), line(2))], '1', '2'],
]
for (const [rule, acts, shown, waiting] of rules) {
  test(rule, () => {
    const state = acts.reduce(nextLines, NO_LINES)
    expect(state.lines.map(({ sequence }) => sequence).join(' ')).toBe(shown)
    expect(state.waiting.map(({ sequence }) => sequence).join(' ')).toBe(waiting)
  })
}

test('two gates may have the same sequence', () => {
  const south = line(1, { gateId: 'south-gate' })
  expect(nextLines(NO_LINES, arrived(line(1), south)).lines).toHaveLength(2)
  expect(lineKey(line(1))).not.toBe(lineKey(south))
})

test('times are compared as times: one without milliseconds is not later than one with', () => {
  const early = line(1, { at: '2026-11-25T08:00:01Z' })
  const late = line(2, { at: '2026-11-25T08:00:01.500Z' })
  expect(nextLines(NO_LINES, arrived(late, early)).lines.map(({ sequence }) => sequence)).toEqual([2, 1])
})

test('the page keeps no more than it can show, the newest', () => {
  const many = Array.from({ length: LINES_MAX + 50 }, (_, at) => line(at + 1))
  const { lines } = nextLines(NO_LINES, arrived(...many))
  expect(lines).toHaveLength(LINES_MAX)
  expect(lines[0]!.sequence).toBe(LINES_MAX + 50)
})

test('a gap is closed when a page of the service meets what is known, also what waits', () => {
  const state = [arrived(line(1)), paused, arrived(line(5))].reduce(nextLines, NO_LINES)
  expect(meets(state, [line(9), line(8)])).toBe(false)
  expect(meets(state, [line(6), line(5)])).toBe(true)
  expect(meets(state, [line(2), line(1)])).toBe(true)
})

test('nothing new draws nothing new', () => {
  const state = nextLines(NO_LINES, arrived(line(1)))
  expect(nextLines(state, arrived(line(1)))).toBe(state)
  expect(nextLines(state, scrolled(true))).toBe(state)
})

test('scans count in the minute of their gate; a started gate is no scan, and a repeated event counts once', () => {
  const acts = [arrived(line(1), line(2), line(3, { kind: 'boot' })), arrived(line(2))]
  const { pulse } = acts.reduce(nextLines, NO_LINES)
  expect(pulseOf(pulse, 'north-gate', 1000).at(-1)).toBe(2)
  expect(pulseOf(pulse, 'north-gate', 1059).at(0)).toBe(2)
  expect(pulseOf(pulse, 'north-gate', 1060)).toEqual(new Array(60).fill(0))
  expect(pulseOf(pulse, 'south-gate', 1000)).toEqual(new Array(60).fill(0))
})
