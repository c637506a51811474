import { describe, expect, test } from 'vitest'
import { EMPTY_POLICY } from '../list/policy.ts'
import type { PassRow } from '../list/snapshot.ts'
import type { PassBody } from '../pass/body.ts'
import type { Attempt } from './attempt.ts'
import { decide } from './decide.ts'
import { explain } from './explain.ts'
import { REFUSALS, type Refusal } from './refusals.ts'

/** Wednesday 2 September 2026, 10:00 on the gate's wall. */
const AT = { epochS: 1_788_336_000, dayOfWeek: 3, minuteOfDay: 600 }
const DAY_S = 86_400

const body: PassBody = {
  type: 0x11,
  kid: 7,
  passId: '92ac63853fc0633b',
  notBeforeS: AT.epochS - DAY_S,
  expiresS: AT.epochS + DAY_S,
  groups: 0b101,
  class: 'student',
  flags: { photoCheck: false, once: false, escort: false, printed: false },
  profile: 0,
  generation: 3,
  serial: 40,
}

const row: PassRow = {
  passId: body.passId,
  notBeforeS: body.notBeforeS,
  expiresS: body.expiresS,
  groups: body.groups,
  status: 'active',
  class: 'student',
  profile: 1,
  minGeneration: 3,
}

/** A good day: a signed pass with its row, at its gate, in its hours. */
const good: Attempt = {
  presented: { kind: 'code', certificate: { found: 'signed', body } },
  row,
  list: {
    serialMax: 50,
    policy: {
      ...EMPTY_POLICY,
      profiles: { 1: { name: 'school days', windows: [{ day: 3, fromMinute: 480, untilMinute: 1080 }] } },
    },
  },
  lane: { groups: 0b100, direction: 'in' },
  at: AT,
}

type Change = (attempt: Attempt) => Attempt

const certificate =
  (change: Partial<PassBody>): Change =>
  attempt =>
    attempt.presented.kind === 'code' && attempt.presented.certificate.found !== 'malformed'
      ? {
          ...attempt,
          presented: {
            kind: 'code',
            certificate: {
              ...attempt.presented.certificate,
              body: { ...attempt.presented.certificate.body, ...change },
            },
          },
        }
      : attempt
const inRow =
  (change: Partial<PassRow>): Change =>
  attempt => ({ ...attempt, row: attempt.row && { ...attempt.row, ...change } })
const found =
  (what: 'unknown_key' | 'bad_signature'): Change =>
  attempt =>
    attempt.presented.kind === 'code' && attempt.presented.certificate.found !== 'malformed'
      ? { ...attempt, presented: { kind: 'code', certificate: { ...attempt.presented.certificate, found: what } } }
      : attempt

/** One fault for each refusal. A new refusal does not compile until it has one. */
const faults: Record<Refusal, Change> = {
  malformed: attempt => ({ ...attempt, row: null, presented: { kind: 'code', certificate: { found: 'malformed' } } }),
  unknown_key: found('unknown_key'),
  bad_signature: found('bad_signature'),
  not_valid_yet: certificate({ notBeforeS: AT.epochS + 1 }),
  expired: certificate({ expiresS: AT.epochS }),
  wrong_gate: certificate({ groups: 0b011 }),
  unknown_pass: attempt => ({ ...attempt, row: null }),
  revoked: inRow({ status: 'revoked' }),
  superseded: inRow({ minGeneration: 4 }),
  outside_hours: attempt => ({ ...attempt, at: { ...attempt.at, minuteOfDay: 1080 } }),
}

/** Faults that cannot hold together: what was not found has neither key nor row, and a moment is either early or late. */
const APART: ReadonlySet<string> = new Set(['unknown_key bad_signature'])

describe('the order of refusals', () => {
  for (const [rank, refusal] of REFUSALS.entries()) {
    test(`${refusal} is refused as ${refusal}`, () => {
      expect(verdict(faults[refusal](good))).toBe(refusal)
    })

    for (const lesser of REFUSALS.slice(rank + 1)) {
      if (APART.has(`${refusal} ${lesser}`)) continue
      test(`${refusal} outranks ${lesser}`, () => {
        expect(verdict(faults[refusal](faults[lesser](good)))).toBe(refusal)
      })
    }
  }
})

describe('what opens', () => {
  test('a signed pass with its row opens by the list', () => {
    expect(decide(good)).toEqual({ open: true, passId: body.passId, ground: 'list', objection: null })
  })

  test('a card opens by its row', () => {
    expect(decide({ ...good, presented: { kind: 'card' } })).toMatchObject({ open: true, ground: 'list' })
  })

  test('a pass newer than the list opens on its signature', () => {
    expect(decide(certificate({ serial: 51 })({ ...good, row: null }))).toMatchObject({
      open: true,
      ground: 'signature',
    })
  })

  test('unless the policy says that the list alone decides', () => {
    const attempt = {
      ...good,
      row: null,
      list: { ...good.list, policy: { ...good.list.policy, newerThanList: 'refuse' as const } },
    }
    expect(verdict(certificate({ serial: 51 })(attempt))).toBe('unknown_pass')
  })

  test('a pass as old as the list and not on it is unknown', () => {
    expect(verdict(certificate({ serial: 50 })({ ...good, row: null }))).toBe('unknown_pass')
  })
})

describe('a row can only narrow', () => {
  const card: Attempt = { ...good, presented: { kind: 'card' } }

  test.each<[Refusal, Change]>([
    ['revoked', inRow({ status: 'revoked' })],
    ['revoked', inRow({ status: 'suspended' })],
    ['revoked', inRow({ status: 'lost' })],
    ['not_valid_yet', inRow({ notBeforeS: AT.epochS + 1 })],
    ['expired', inRow({ expiresS: AT.epochS })],
    ['wrong_gate', inRow({ groups: 0b010 })],
    ['outside_hours', inRow({ profile: 9 })],
  ])('%s on the row refuses card and code', (refusal, change) => {
    expect(verdict(change(card))).toBe(refusal)
    expect(verdict(change(good))).toBe(refusal)
  })

  test('a revoked pass whose certificate says wrong gate hears the certificate first', () => {
    expect(verdict(certificate({ groups: 0b010 })(inRow({ status: 'revoked' })(good)))).toBe('wrong_gate')
  })

  test('and hears revoked when only the row says either', () => {
    expect(verdict(inRow({ status: 'revoked', groups: 0b010 })(good))).toBe('revoked')
    expect(verdict(inRow({ status: 'revoked', groups: 0b010, expiresS: 1 })(card))).toBe('revoked')
  })

  test('a card has no generation to supersede', () => {
    expect(verdict(inRow({ minGeneration: 9 })(card))).toBe('open')
  })
})

describe('edges of time', () => {
  test.each<[string, Change, string]>([
    ['the first second', certificate({ notBeforeS: AT.epochS }), 'open'],
    ['the last second', certificate({ expiresS: AT.epochS + 1 }), 'open'],
    ['the first minute of the hours', attempt => ({ ...attempt, at: { ...AT, minuteOfDay: 480 } }), 'open'],
    ['the minute before the hours', attempt => ({ ...attempt, at: { ...AT, minuteOfDay: 479 } }), 'outside_hours'],
    ['the same hours of another day', attempt => ({ ...attempt, at: { ...AT, dayOfWeek: 4 } }), 'outside_hours'],
  ])('%s', (_when, change, expected) => {
    expect(verdict(change(good))).toBe(expected)
  })
})

describe('leaving', () => {
  const leaving = (attempt: Attempt): Attempt => ({ ...attempt, lane: { ...attempt.lane, direction: 'out' } })

  test.each(REFUSALS.filter(refusal => refusal !== 'malformed'))(
    'is not refused for %s, and the objection is kept',
    refusal => {
      expect(decide(leaving(faults[refusal](good)))).toMatchObject({
        open: true,
        ground: 'leaving',
        objection: refusal,
      })
    },
  )

  test('what is no credential at all opens nothing: noise on a line is not a person', () => {
    expect(decide(leaving(faults.malformed(good)))).toEqual({ open: false, passId: null, refusal: 'malformed' })
  })
})

test('groups are bits, the 32nd too, and a group set that no policy has is the wrong gate', () => {
  expect(verdict(inRow({ groups: 0x40000004 })(good))).toBe('open')
  expect(verdict(inRow({ groups: 0x80000004 })(good))).toBe('wrong_gate')
})

test('the same facts give the same decision', () => {
  expect(decide(structuredClone(good))).toEqual(decide(good))
})

test('each refusal is explained to both sides', () => {
  for (const refusal of REFUSALS) {
    expect(explain(refusal).visitor.length).toBeGreaterThan(5)
    expect(explain(refusal).guard.length).toBeGreaterThan(20)
  }
})

function verdict(attempt: Attempt): string {
  const decision = decide(attempt)
  return decision.open ? 'open' : decision.refusal
}
