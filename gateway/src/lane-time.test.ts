import { DEFAULT_LEASE } from '@gatehouse/shared/list/documents.ts'
import { codeOf } from '@gatehouse/shared/pass/testing/test-campus.ts'
import { describe, expect, test } from 'vitest'
import { handClock } from './testing/hand-clock.ts'
import { card, code, LISTED, made, oneLane, school } from './testing/one-lane.ts'
import { NOW_S, passRow, type TestListChange } from './testing/school.ts'

const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

describe('hours', () => {
  test('hours are those of the gate’s wall: 09:59 in Berlin is 07:59 in UTC', async () => {
    const policy: TestListChange['policy'] = {
      newerThanList: 'open',
      profiles: { 1: { name: 'Morning', windows: [{ day: 2, fromMinute: 0, untilMinute: 600 }], onHolidays: [] } },
    }
    const { present, clock } = await oneLane({ list: { passes: [passRow({ profile: 1 })], policy } })
    clock.setWall(NOW_S * 1000 - 60_000)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted' })
    clock.setWall(NOW_S * 1000)
    expect(await present(LISTED)).toMatchObject({ decision: { refusal: 'outside_hours' } })
  })

  test('on a holiday are the holiday’s, by the date on the gate’s wall', async () => {
    const always = [1, 2, 3, 4, 5, 6, 7].map(day => ({ day, fromMinute: 0, untilMinute: 1440 }))
    const policy: TestListChange['policy'] = {
      profiles: { 1: { name: 'Always but on holidays', windows: always, onHolidays: [] } },
      holidays: { '2026-09-02': { name: 'Founder’s day', hours: null } },
    }
    const { present, clock } = await oneLane({
      list: { passes: [passRow({ profile: 1, expiresS: NOW_S + 9 * DAY_S })], policy },
    })
    // 22:00 UTC is midnight in Berlin.
    clock.advance((14 * HOUR_S - 1) * 1000)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted' })
    clock.advance(1_000)
    expect(await present(LISTED)).toMatchObject({ decision: { refusal: 'outside_hours' } })
  })
})

describe('the age of the list', () => {
  const NEWER = () => code(school.pass({ passId: 'aaaaaaaaaaaaaaaa', serial: 101, expiresS: NOW_S + 30 * DAY_S }))
  const lasting = { passes: [passRow({ expiresS: NOW_S + 30 * DAY_S })] }

  test('counts from its own date, grades what opens, and each event says it', async () => {
    const { present, clock } = await oneLane({ list: lasting })
    expect(await present(NEWER())).toMatchObject({ decision: { ground: 'signature' }, listIssuedAtS: NOW_S - 60 })
    clock.advance(15 * 60_000)
    expect(await present(NEWER())).toMatchObject({ decision: { refusal: 'list_too_old' } })
    clock.advance(71 * HOUR_S * 1000)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted', listIssuedAtS: NOW_S - 60 })
    clock.advance(HOUR_S * 1000)
    expect(await present(LISTED)).toMatchObject({ decision: { refusal: 'list_too_old' } })
  })

  test('is graded by the rules of this gate before those of its school', async () => {
    const policy: TestListChange['policy'] = {
      gates: {
        'gate-north-1': { lease: { ...DEFAULT_LEASE, guardPresent: true } },
        'gate-south-1': { lease: { ...DEFAULT_LEASE, whenOld: 'closed' } },
      },
    }
    const { present, clock } = await oneLane({ list: { ...lasting, policy } })
    clock.advance(HOUR_S * 1000)
    expect(await present(NEWER())).toMatchObject({ decision: { ground: 'signature' } })
    clock.advance(47 * HOUR_S * 1000)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted' })
  })

  test('keeps nobody in', async () => {
    const { present, clock } = await oneLane({ list: lasting, direction: 'out' })
    clock.advance(10 * DAY_S * 1000)
    expect(await present(LISTED)).toMatchObject({ decision: { ground: 'leaving', objection: 'list_too_old' } })
  })

  test('a gate that never had a list lets nobody in on a signature, and lets all out', async () => {
    const { present } = await oneLane({ list: null })
    const event = await present(NEWER())
    expect(event).toMatchObject({ decision: { refusal: 'list_too_old' }, listVersion: 0 })
    expect(event).not.toHaveProperty('listIssuedAtS')
    const out = await oneLane({ list: null, direction: 'out' })
    expect(await out.present(card('0000000001'))).toMatchObject({ decision: { ground: 'leaving' } })
  })
})

describe('the clock', () => {
  test('a wall set back three days is said and not followed', async () => {
    const { present, clock, journal } = await oneLane()
    await present(LISTED)
    clock.setWall((NOW_S - 3 * 86_400) * 1000)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted', trustedTimeMs: NOW_S * 1000 })
    expect(journal.after(0, 10).map(({ record }) => [record.kind, record.details?.wall])).toEqual([
      ['granted', undefined],
      ['clock', 'behind'],
      ['granted', undefined],
    ])
  })

  test('a gate that wakes in 1970 decides by the date of its last list, in doubt, and says so', async () => {
    const first = await oneLane()
    first.recorder.heardTime(NOW_S * 1000)
    const clock = handClock(5_000)
    const recorder = first.recorderWith(clock)
    expect(recorder.now()).toMatchObject({ trustedMs: NOW_S * 1000, quality: 'doubt', wallMs: 5_000 })
    clock.advance(1_000)
    expect(recorder.now().trustedMs).toBe(NOW_S * 1000 + 1_000)
    clock.setWall((NOW_S + 86_400) * 1000)
    expect(recorder.now()).toMatchObject({ trustedMs: (NOW_S + 86_400) * 1000, quality: 'unconfirmed' })
    expect(first.kinds()).toEqual(['clock', 'clock'])
  })

  const ALL_WEEK = {
    1: {
      name: 'Always',
      windows: [1, 2, 3, 4, 5, 6, 7].map(day => ({ day, fromMinute: 0, untilMinute: 1440 })),
      onHolidays: [],
    },
  }

  test('in doubt opens for listed cards, for no code and for no pass with hours, until a server says the time', async () => {
    const { present, recorder, clock } = await oneLane({ clock: handClock(5_000), floorMs: (NOW_S - 60) * 1000 })
    expect(await present(LISTED)).toMatchObject({ kind: 'granted', clockQuality: 'doubt', wallTimeMs: 5_000 })
    const moving = codeOf.dynamic(made())
    expect(await present(code(moving))).toMatchObject({
      decision: { refusal: 'clock_in_doubt' },
      credential: { proof: 'proven', code: { timeS: NOW_S, held: 'good' } },
    })
    expect(await present(code(school.pass()))).toMatchObject({ decision: { refusal: 'clock_in_doubt' } })
    recorder.heardPresentTime(NOW_S * 1000)
    clock.advance(1_000)
    expect(await present(code(moving))).toMatchObject({ kind: 'granted', clockQuality: 'confirmed' })

    const timed = await oneLane({
      clock: handClock(5_000),
      floorMs: NOW_S * 1000,
      list: { passes: [passRow({ profile: 1 })], policy: { profiles: ALL_WEEK } },
    })
    expect(await timed.present(LISTED)).toMatchObject({ decision: { refusal: 'clock_in_doubt' } })
  })

  test('in doubt opens for nobody where the rules of this gate say so', async () => {
    const { present } = await oneLane({
      clock: handClock(5_000),
      floorMs: NOW_S * 1000,
      list: { policy: { gates: { 'gate-north-1': { whenClockInDoubt: 'closed' } } } },
    })
    expect(await present(LISTED)).toMatchObject({ decision: { refusal: 'clock_in_doubt' } })
  })

  test('of a gate that was off for eight weeks is in doubt, and its list in the last resort: staff by their cards', async () => {
    const after = () => ({ clock: handClock((NOW_S + 56 * DAY_S) * 1000), floorMs: NOW_S * 1000 })
    const expiresS = NOW_S + 365 * DAY_S
    const student = await oneLane({ ...after(), list: { passes: [passRow({ expiresS })] } })
    expect(await student.present(LISTED)).toMatchObject({
      clockQuality: 'doubt',
      trustedTimeMs: NOW_S * 1000,
      decision: { refusal: 'list_too_old' },
    })
    const staff = await oneLane({ ...after(), list: { passes: [passRow({ expiresS, class: 'staff' })] } })
    expect(await staff.present(LISTED)).toMatchObject({ kind: 'granted', clockQuality: 'doubt' })
  })

  test('is not in doubt a few seconds behind the last signature: two clocks are never one', async () => {
    const { present } = await oneLane({ clock: handClock((NOW_S - 30) * 1000), floorMs: NOW_S * 1000 })
    expect(await present(code(codeOf.dynamic(made())))).toMatchObject({
      kind: 'granted',
      clockQuality: 'unconfirmed',
      trustedTimeMs: NOW_S * 1000,
    })
  })
})
