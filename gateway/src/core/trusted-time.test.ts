import { describe, expect, test } from 'vitest'
import { atBoot, signedFloor, signedTime, type Told, type TrustedTime, tell } from './trusted-time.ts'

const T0 = Date.UTC(2026, 8, 1, 8)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A gate that booted an hour after its floor, with its wall right, and heard a signed time. */
const confirmed = (): TrustedTime => signedTime(atBoot(T0 - HOUR, at(T0, 0)), T0, at(T0, 0))
const at = (wallMs: number, monotonicMs: number) => ({ wallMs, monotonicMs })
const facts = ({ trustedMs, quality, wallMoved }: Told) => ({ trustedMs, quality, wallMoved })

describe('with a signed time', () => {
  test.each<[string, number, number, Partial<Told>]>([
    [
      'a minute later, the wall agrees',
      T0 + MINUTE,
      MINUTE,
      { trustedMs: T0 + MINUTE, quality: 'confirmed', wallMoved: null },
    ],
    ['the wall may be two minutes ahead', T0 + 3 * MINUTE, MINUTE, { trustedMs: T0 + 3 * MINUTE, wallMoved: null }],
    ['set two days back', T0 - 2 * DAY, MINUTE, { trustedMs: T0 + MINUTE, quality: 'confirmed', wallMoved: 'behind' }],
    ['set ten years back', T0 - 3650 * DAY, MINUTE, { trustedMs: T0 + MINUTE, wallMoved: 'behind' }],
    ['set three years ahead', T0 + 1095 * DAY, MINUTE, { trustedMs: T0 + MINUTE, wallMoved: 'ahead' }],
    ['set two minutes and a bit ahead', T0 + 3 * MINUTE + 1, MINUTE, { trustedMs: T0 + MINUTE, wallMoved: 'ahead' }],
    ['beyond 2038', Date.UTC(2038, 0, 19, 3, 14, 8), MINUTE, { trustedMs: T0 + MINUTE, wallMoved: 'ahead' }],
  ])('%s', (_what, wallMs, monotonicMs, told) => {
    expect(facts(tell(confirmed(), at(wallMs, monotonicMs)))).toMatchObject(told)
  })

  test('the wall’s leaving and coming back are each said once', () => {
    let state = confirmed()
    const said: (string | null)[] = []
    for (const [wall, mono] of [
      [0, 0],
      [DAY, 1],
      [DAY, 2],
      [3, 3],
      [4, 4],
    ] as const) {
      const told = tell(state, at(T0 + wall, mono))
      state = told.state
      said.push(told.wallMoved)
    }
    expect(said).toEqual([null, 'ahead', null, 'agrees', null])
  })

  test('an old signature, repeated, moves nothing back', () => {
    const later = signedTime(confirmed(), T0 + HOUR, at(T0 + HOUR, HOUR))
    const repeated = signedTime(later, T0, at(T0 + HOUR, HOUR + 1))
    expect(tell(repeated, at(T0 + HOUR, HOUR + 1)).trustedMs).toBe(T0 + HOUR)
    expect(repeated.floorMs).toBe(T0 + HOUR)
  })
})

describe('after a boot with no server in reach', () => {
  const boot = (wallMs: number) => tell(atBoot(T0, at(wallMs, 0)), at(wallMs, 0))

  test.each<[string, number, Partial<Told>]>([
    ['the wall at the floor is believed', T0, { trustedMs: T0, quality: 'unconfirmed' }],
    ['72 hours ahead is believed', T0 + 72 * HOUR, { trustedMs: T0 + 72 * HOUR, quality: 'unconfirmed' }],
    ['farther ahead is doubt', T0 + 72 * HOUR + 1, { trustedMs: T0, quality: 'doubt' }],
    ['two minutes behind the floor is the same time', T0 - 2 * MINUTE, { trustedMs: T0, quality: 'unconfirmed' }],
    ['farther behind is doubt', T0 - 2 * MINUTE - 1, { trustedMs: T0, quality: 'doubt' }],
    ['1970 is doubt', 0, { trustedMs: T0, quality: 'doubt' }],
  ])('%s', (_what, wallMs, told) => expect(facts(boot(wallMs))).toMatchObject(told))

  test('the wall does not raise the floor', () => {
    expect(boot(T0 + HOUR).state.floorMs).toBe(T0)
  })

  test('a later jump forward is not followed', () => {
    const told = tell(boot(T0 + HOUR).state, at(T0 + 3 * HOUR, MINUTE))
    expect(facts(told)).toEqual({ trustedMs: T0 + HOUR + MINUTE, quality: 'unconfirmed', wallMoved: 'ahead' })
  })

  test('doubt ends when the network sets a wall that woke in 1970', () => {
    const told = tell(boot(0).state, at(T0 + HOUR, MINUTE))
    expect(facts(told)).toEqual({ trustedMs: T0 + HOUR, quality: 'unconfirmed', wallMoved: null })
  })

  test('and a signed time ends it for good', () => {
    const told = tell(signedTime(boot(0).state, T0 + HOUR, at(0, MINUTE)), at(0, 2 * MINUTE))
    expect(facts(told)).toMatchObject({ trustedMs: T0 + HOUR + MINUTE, quality: 'confirmed' })
  })

  test.each<[string, TrustedTime, number, Partial<Told>]>([
    [
      'a signed past later than the wall is a floor, and doubt',
      atBoot(T0, at(T0, 0)),
      T0 + HOUR,
      { trustedMs: T0 + HOUR, quality: 'doubt' },
    ],
    [
      'one that the wall agrees with changes nothing',
      atBoot(T0, at(T0, 0)),
      T0 + MINUTE,
      { trustedMs: T0 + 2 * MINUTE, quality: 'unconfirmed' },
    ],
    [
      'a wall that nothing had spoken against is weighed anew',
      atBoot(0, at(T0, 0)),
      T0 - 30 * DAY,
      { trustedMs: T0, quality: 'doubt' },
    ],
    [
      'a time that a signature fixed stays',
      confirmed(),
      T0 - DAY,
      { trustedMs: T0 + 2 * MINUTE, quality: 'confirmed' },
    ],
  ])('%s', (_what, before, signedMs, told) => {
    const reading = at(T0 + 2 * MINUTE, 2 * MINUTE)
    const state = tell(before, at(T0, 0)).state
    expect(facts(tell(signedFloor(state, signedMs, reading), reading))).toMatchObject(told)
  })

  test('a wall set ahead since the start is not believed because a list came', () => {
    const state = tell(atBoot(T0, at(T0, 0)), at(T0 + 10 * HOUR, MINUTE)).state
    const later = at(T0 + 10 * HOUR, 2 * MINUTE)
    expect(tell(signedFloor(state, T0 + MINUTE, later), later)).toMatchObject({
      trustedMs: T0 + 2 * MINUTE,
      quality: 'unconfirmed',
    })
  })

  test('in doubt time still runs', () => {
    expect(tell(boot(0).state, at(0, HOUR)).trustedMs).toBe(T0 + HOUR)
  })
})

test('trusted time never falls, whatever the wall does', () => {
  let state = atBoot(T0, at(T0, 0))
  let last = 0
  let monotonicMs = 0
  for (let seed = 1; seed < 5_000; seed++) {
    const random = ((seed * 2_654_435_761) >>> 0) / 2 ** 32
    monotonicMs += Math.floor(random * 10_000)
    const wallMs = T0 + Math.floor((random - 0.5) * 10 * DAY)
    if (seed % 97 === 0)
      state = signedTime(state, T0 + monotonicMs - Math.floor(random * HOUR), at(wallMs, monotonicMs))
    const told = tell(state, at(wallMs, monotonicMs))
    expect(told.trustedMs).toBeGreaterThanOrEqual(last)
    last = told.trustedMs
    state = told.state
  }
})
