import { LaneConfig } from '@gatehouse/shared/wire/hardware/lane-config.ts'
import { describe, expect, test } from 'vitest'
import type { Happening } from '../core/passage.ts'
import type { Evidence } from '../ports.ts'
import { oneLane } from '../testing/one-lane.ts'
import { recordHappening } from './record-happening.ts'

const PASS = '92ac63853fc0633b'
const lane = (direction: 'in' | 'out') =>
  LaneConfig.parse({
    lane: 'main',
    name: 'Main',
    direction,
    groups: [0],
    readers: [{ family: 'line', id: 'qr', port: { kind: 'tcp', host: 'x', port: 1 } }],
    door: { output: { board: 'relays', channel: 1 } },
  })
const by = (kind: Happening['kind']): Happening => ({ kind, grant: { sequence: 4, passId: PASS }, details: {} })

async function told(...happenings: readonly [Happening['kind'], Evidence, ('in' | 'out')?][]) {
  const { recorder, journal } = await oneLane()
  for (const [kind, evidence, direction = 'in'] of happenings)
    recordHappening(recorder, { lane: lane(direction), happening: by(kind), evidence })
  return { inside: journal.isInside(PASS), records: journal.after(0, 10).map(({ record }) => record) }
}

describe('what happened at a door', () => {
  test('is an event that names the pass and the grant', async () => {
    const { records } = await told(['passage', 'passage'])
    expect(records[0]).toMatchObject({ kind: 'passage', lane: 'main', passId: PASS, details: { grant: 4 } })
  })

  test('who went in is inside, and who came out is not', async () => {
    expect((await told(['passage', 'passage'])).inside).toBe(true)
    expect((await told(['passage', 'passage'], ['passage', 'passage', 'out'])).inside).toBe(false)
  })

  test('who was let through and did not go is where they were', async () => {
    expect((await told(['no_passage', 'passage'])).inside).toBe(null)
    expect((await told(['passage', 'passage'], ['no_passage', 'passage', 'out'])).inside).toBe(true)
  })

  test('an opening is a passage only where nothing else tells of one', async () => {
    expect((await told(['opened', 'passage'])).inside).toBe(null)
    expect((await told(['opened', 'opening'])).inside).toBe(true)
  })
})

test('without any contact the grant is all that is known', async () => {
  const inward = await oneLane()
  const granted = await inward.present({
    kind: 'card',
    card: { technology: 'em4100', bitCount: 40, bits: '01000734e0' },
  })
  expect(inward.journal.isInside(granted!.passId!)).toBe(true)
})

test('a release that failed leaves nobody inside', async () => {
  const inward = await oneLane({ door: { ok: false, failure: 'no_answer' } })
  await inward.present({ kind: 'card', card: { technology: 'em4100', bitCount: 40, bits: '01000734e0' } })
  expect(inward.journal.insideCount()).toBe(0)
})
