import { codeOf } from '@gatehouse/shared/pass/testing/test-campus.ts'
import { describe, expect, test } from 'vitest'
import type { Reader } from './ports.ts'
import { memoryPort } from './testing/memory-port.ts'
import { card, made, oneLane, school } from './testing/one-lane.ts'
import { readerOf } from './testing/reader-of.ts'
import { NOW_S } from './testing/school.ts'

/** A lane with two scanners, each at the end of a line. */
async function scanners() {
  const lane = await oneLane()
  const fit = (id: string) => {
    const port = memoryPort()
    const reader = readerOf({ family: 'line', id }, { open: async () => port, clock: lane.clock })
    void lane.lane.serve(reader, new AbortController().signal)
    return (digits: string) => port.feed(`${digits}\r\n`)
  }
  const verdicts = async (count: number) =>
    (await lane.events(count)).map(({ decision, details }) => [details?.reader, decision?.refusal ?? decision?.ground])
  return { ...lane, left: fit('left'), right: fit('right'), verdicts }
}

const MOVING = codeOf.dynamic(made())
const PRINT = school.pass()
const OTHER = codeOf.static(made({ body: { ...made().body, passId: 'aaaaaaaaaaaaaaaa', serial: 1 } }))

describe('the same digits', () => {
  test('within 3 s at one reader are one event, however often and whatever comes between', async () => {
    const { left, clock, verdicts, releases } = await scanners()
    left(MOVING)
    await verdicts(1)
    clock.advance(2_999)
    left(MOVING)
    left(OTHER)
    left(MOVING)
    left('42')
    expect(await verdicts(3)).toEqual([
      ['left', 'list'],
      ['left', 'unknown_pass'],
      ['left', 'malformed'],
    ])
    expect(releases).toHaveLength(1)
  })

  test('at the reader beside it are a second attempt: a moving code was used, a print opens again', async () => {
    const { left, right, verdicts } = await scanners()
    left(MOVING)
    await verdicts(1)
    right(MOVING)
    await verdicts(2)
    left(PRINT)
    await verdicts(3)
    right(PRINT)
    expect(await verdicts(4)).toEqual([
      ['left', 'list'],
      ['right', 'replayed'],
      ['left', 'list'],
      ['right', 'list'],
    ])
  })

  test('after 3 s without a sight of them are a second attempt', async () => {
    const { left, clock, verdicts, releases } = await scanners()
    left(MOVING)
    await verdicts(1)
    clock.advance(3_000)
    left(MOVING)
    left(PRINT)
    await verdicts(3)
    clock.advance(3_000)
    left(PRINT)
    expect(await verdicts(4)).toEqual([
      ['left', 'list'],
      ['left', 'replayed'],
      ['left', 'list'],
      ['left', 'list'],
    ])
    expect(releases).toHaveLength(3)
  })
})

describe('a screenshot', () => {
  test('is used at once at its gate, and dead after 45 seconds at any other', async () => {
    const digits = codeOf.reference(made({ tS: NOW_S }))
    const [here, there, late] = [await scanners(), await scanners(), await scanners()]
    here.left(digits)
    await here.verdicts(1)
    here.right(digits)
    expect(await here.verdicts(2)).toEqual([
      ['left', 'list'],
      ['right', 'replayed'],
    ])
    there.clock.advance(45_000)
    there.left(digits)
    expect(await there.verdicts(1)).toEqual([['left', 'list']])
    late.clock.advance(46_000)
    late.left(digits)
    expect(await late.verdicts(1)).toEqual([['left', 'stale_proof']])
  })
})

describe('a card that is read badly', () => {
  const misread = { kind: 'misread', card: { technology: 'raw', bitCount: 26, bits: '80800040' } } as const

  for (const direction of ['in', 'out'] as const) {
    test(`opens nothing, ${direction}, and its bits are in no event`, async () => {
      const lane = await oneLane({ direction })
      const record = await lane.present(misread)
      expect(record).toMatchObject({ kind: 'refused', decision: { refusal: 'malformed' }, details: { misread: 'yes' } })
      expect(JSON.stringify(record)).not.toContain('80800040')
      expect(lane.misread).toEqual(['80800040'])
      expect(lane.releases).toEqual([])
    })
  }
})

test('the person at the reader is told how it went, after the door was', async () => {
  const lane = await oneLane()
  const told: string[] = []
  const reader: Reader = {
    id: 'card',
    async *scans() {
      for (const bits of ['01000734e0', '0f00badcad'])
        yield { readerId: 'card', credential: card(bits), atMs: lane.clock.monotonicMs() }
    },
    tell: outcome => told.push(`${outcome}, ${lane.releases.length} released`),
  }
  await lane.lane.serve(reader, new AbortController().signal)
  expect(told).toEqual(['granted, 1 released', 'refused, 1 released'])
})
