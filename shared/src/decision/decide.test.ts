import { describe, expect, test } from 'vitest'
import { type Attempt, isProven } from './attempt.ts'
import { conditionsOf } from './conditions.ts'
import { decide } from './decide.ts'
import { explain } from './explain.ts'
import { REFUSALS, type Refusal } from './refusals.ts'
import {
  AT,
  asCard,
  asReference,
  asStatic,
  body,
  type Change,
  certificate,
  found,
  good,
  inDoubt,
  inProof,
  inRow,
  onList,
  verdict,
} from './testing/good-attempt.ts'

/** One fault for each refusal. A new refusal does not compile until it has one. */
const faults: Record<Refusal, Change> = {
  malformed: attempt => ({
    ...attempt,
    row: null,
    presented: { kind: 'code', certificate: { found: 'malformed' }, proof: null },
  }),
  unknown_key: found('unknown_key'),
  stale_proof: inProof({ age: 'stale_proof' }),
  future_proof: inProof({ age: 'future_proof' }),
  bad_signature: found('bad_signature'),
  not_valid_yet: certificate({ notBeforeS: AT.epochS + 1 }),
  expired: certificate({ expiresS: AT.epochS }),
  wrong_gate: certificate({ groups: 0b011 }),
  unknown_pass: attempt => ({ ...attempt, row: null }),
  revoked: inRow({ status: 'revoked' }),
  superseded: inRow({ minGeneration: 4 }),
  dynamic_required: attempt =>
    asStatic({ ...attempt, row: attempt.row && { ...attempt.row, flags: { dynamicOnly: true } } }),
  outside_hours: attempt => ({ ...attempt, at: { ...attempt.at, minuteOfDay: 1080 } }),
  list_too_old: onList(73 * 3_600),
  clock_in_doubt: inDoubt,
  needs_secret: inProof({ held: 'no_secret' }),
  bad_proof: inProof({ held: 'bad' }),
  replayed: inProof({ replayed: true }),
}

/** The same faults where only the row can have them. */
const rowFaults: Partial<Record<Refusal, Change>> = {
  stale_proof: faults.stale_proof,
  future_proof: faults.future_proof,
  unknown_pass: faults.unknown_pass,
  revoked: faults.revoked,
  not_valid_yet: inRow({ notBeforeS: AT.epochS + 1 }),
  expired: inRow({ expiresS: AT.epochS }),
  wrong_gate: inRow({ groups: 0b011 }),
  superseded: faults.superseded,
  dynamic_required: faults.dynamic_required,
  outside_hours: faults.outside_hours,
  list_too_old: faults.list_too_old,
  clock_in_doubt: faults.clock_in_doubt,
  bad_proof: faults.bad_proof,
  replayed: faults.replayed,
}

/** What a clock in doubt cannot say: there the verdict of the pair is the doubt. */
const NEEDS_A_CLOCK: readonly string[] = ['stale_proof', 'future_proof', 'not_valid_yet', 'outside_hours']

const winner = (refusal: string, lesser: string) =>
  lesser === 'clock_in_doubt' && NEEDS_A_CLOCK.includes(refusal) ? lesser : refusal

describe('the order of refusals', () => {
  for (const [rank, refusal] of REFUSALS.entries()) {
    test(`${refusal} is refused as ${refusal}`, () => {
      expect(verdict(faults[refusal](good))).toBe(refusal)
    })

    for (const lesser of REFUSALS.slice(rank + 1)) {
      test(`of ${refusal} and ${lesser} it is ${winner(refusal, lesser)}`, () => {
        expect(verdict(faults[refusal](faults[lesser](good)))).toBe(winner(refusal, lesser))
      })
    }
  }
})

describe('the order of refusals where the row alone has the faults', () => {
  const order = Object.entries(rowFaults)
  for (const [name, base, skipped] of [
    ['a signed code', good, []],
    ['a reference', asReference(good), ['superseded', 'dynamic_required']],
  ] as const) {
    const of = order.filter(([refusal]) => !(skipped as readonly string[]).includes(refusal))
    for (const [rank, [refusal, fault]] of of.entries()) {
      test(`${name}: ${refusal} is refused as ${refusal}`, () => {
        expect(verdict(fault(base))).toBe(refusal)
      })
      for (const [lesser, lesserFault] of of.slice(rank + 1)) {
        test(`${name}: of ${refusal} and ${lesser} it is ${winner(refusal, lesser)}`, () => {
          expect(verdict(fault(lesserFault(base)))).toBe(winner(refusal, lesser))
        })
      }
    }
  }
})

describe('a proof', () => {
  test('of a phone that the list knows opens by the list', () => {
    expect(decide(asReference(good))).toEqual({ open: true, passId: body.passId, ground: 'list', objection: null })
  })

  test('that was not checked is as good as a bad one', () => {
    expect(verdict(inProof({ held: 'none' })(good))).toBe('bad_proof')
    expect(verdict(inProof({ held: 'none' })(asReference(good)))).toBe('bad_proof')
  })

  test('does not help a certificate that was not checked', () => {
    expect(verdict(found('unchecked')(good))).toBe('bad_signature')
  })

  test('is asked also of a pass newer than the list', () => {
    const newer = certificate({ serial: 51 })({ ...good, row: null })
    expect(verdict(newer)).toBe('open')
    expect(verdict(inProof({ held: 'bad' })(newer))).toBe('bad_proof')
    expect(verdict(inProof({ replayed: true })(newer))).toBe('replayed')
  })

  test('of a reference without its row is of an unknown pass, whatever its serial was', () => {
    expect(verdict({ ...asReference(good), row: null })).toBe('unknown_pass')
  })
})

describe('a static code', () => {
  test('opens where nothing asks for a moving one', () => {
    expect(verdict(asStatic(good))).toBe('open')
  })

  test('is refused where the policy takes none, also when it is newer than the list', () => {
    const strict = asStatic({
      ...good,
      list: { ...good.list, policy: { ...good.list.policy, staticPasses: 'refuse' } },
    })
    expect(verdict(strict)).toBe('dynamic_required')
    expect(verdict(certificate({ serial: 51 })({ ...strict, row: null }))).toBe('dynamic_required')
  })

  test('that is not for this list at all hears that first', () => {
    expect(verdict(faults.revoked(faults.dynamic_required(good)))).toBe('revoked')
  })

  test('a card is no code: a row for phones only does not refuse it', () => {
    expect(verdict(asCard(inRow({ flags: { dynamicOnly: true } })(good)))).toBe('open')
  })
})

describe('what is proven', () => {
  test.each<[boolean, string, Attempt]>([
    [true, 'a signed code with its proof', good],
    [true, 'a signed static code', asStatic(good)],
    [true, 'a revoked pass whose proof held', faults.revoked(good)],
    [true, 'a listed card', asCard(good)],
    [true, 'a reference whose proof held', asReference(good)],
    [false, 'an unknown card', asCard({ ...good, row: null })],
    [false, 'a forged certificate', faults.bad_signature(good)],
    [false, 'a certificate that was not checked', found('unchecked')(good)],
    [false, 'a certificate of an unknown key', faults.unknown_key(good)],
    [false, 'a bad proof', faults.bad_proof(good)],
    [false, 'a wallet that cannot be checked here', faults.needs_secret(good)],
    [false, 'a reference to somebody’s pass', inProof({ held: 'none' })(asReference(good))],
    [false, 'noise', faults.malformed(good)],
  ])('%s: %s', (proven, _what, attempt) => {
    expect(isProven(attempt)).toBe(proven)
  })
})

test('photo, escort and once hold if either certificate or row says so', () => {
  const flags = { ...body.flags, escort: true }
  expect(conditionsOf(good)).toEqual({ photoCheck: false, once: false, escort: false })
  expect(conditionsOf(certificate({ flags })(inRow({ flags: { photoCheck: true } })(good)))).toEqual({
    photoCheck: true,
    once: false,
    escort: true,
  })
  expect(conditionsOf(asReference(inRow({ flags: { once: true } })(good)))).toMatchObject({ once: true })
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
  expect(verdict(inRow({ groups: 0x80000009 })(good))).toBe('open')
  expect(verdict(certificate({ groups: 0x80000009 })(good))).toBe('open')
  expect(verdict(certificate({ groups: 0x80000004 })(good))).toBe('wrong_gate')
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
