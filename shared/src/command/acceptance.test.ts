import { expect, test } from 'vitest'
import { acceptCommand, COMMAND_REFUSALS, type CommandFacts, type CommandRefusal, remember } from './acceptance.ts'
import type { Command } from './command.ts'

const NOW = Date.UTC(2026, 8, 1, 8)
const ID = '0199f0a0-0000-7000-8000-000000000001'

const command: Command = {
  id: ID,
  tenant: 'test-campus',
  gate: 'gate-north-1',
  operator: '0199f0a0-0000-7000-8000-00000000000a',
  reason: 'enrol a card',
  issuedAtMs: NOW - 100,
  expiresAtMs: NOW + 4_900,
  order: {
    do: 'arm_reader',
    lane: 'in',
    reader: 'card',
    forS: 60,
    sealTo: { kid: 'test-campus/enrolment/1', kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) },
  },
}
const facts: CommandFacts = {
  tenant: 'test-campus',
  gate: 'gate-north-1',
  retained: false,
  nowMs: NOW,
  clockQuality: 'confirmed',
  obeyed: { byId: new Map(), beforeBootMs: 0 },
}
type Change = { readonly command?: object; readonly facts?: Partial<CommandFacts> }

const verdict = (...changes: readonly Change[]): CommandRefusal | 'ok' => {
  const changed = Object.assign({}, command, ...changes.map(change => change.command))
  const accepted = acceptCommand(changed, Object.assign({}, facts, ...changes.map(change => change.facts)))
  return accepted.ok ? 'ok' : accepted.failure
}

const faults: Record<CommandRefusal, Change> = {
  retained: { facts: { retained: true } },
  malformed: { command: { reason: '' } },
  other_gate: { command: { gate: 'gate-south-1' } },
  clock_in_doubt: { facts: { clockQuality: 'doubt' } },
  in_the_future: { command: { issuedAtMs: NOW + 5_001, expiresAtMs: NOW + 10_000 } },
  expired: { command: { issuedAtMs: NOW - 5_000, expiresAtMs: NOW } },
  replayed: { facts: { obeyed: { byId: new Map([[ID, NOW + 4_900]]), beforeBootMs: 0 } } },
}

test('a command for this gate and this moment is taken', () => expect(verdict()).toBe('ok'))

/** Its beginning cannot be ahead while its end is over. */
const NEVER_TOGETHER = ['in_the_future expired']

for (const [rank, refusal] of COMMAND_REFUSALS.entries()) {
  test(`${refusal} is refused as ${refusal}`, () => expect(verdict(faults[refusal])).toBe(refusal))
  for (const lesser of COMMAND_REFUSALS.slice(rank + 1)) {
    if (NEVER_TOGETHER.includes(`${refusal} ${lesser}`)) continue
    test(`${refusal} outranks ${lesser}`, () => expect(verdict(faults[lesser], faults[refusal])).toBe(refusal))
  }
}

test.each<[string, Change, CommandRefusal | 'ok']>([
  ['of another school', { command: { tenant: 'other-campus' } }, 'other_gate'],
  ['that lives for six seconds', { command: { expiresAtMs: NOW + 5_901 } }, 'malformed'],
  ['that ends before it begins', { command: { expiresAtMs: NOW - 200 } }, 'malformed'],
  ['with a word more', { command: { also: 'open' } }, 'malformed'],
  ['for something else', { command: { order: { do: 'open', lane: 'in' } } }, 'malformed'],
  ['that arms for an hour', { command: { order: { ...command.order, forS: 3_600 } } }, 'malformed'],
  ['of a clock five seconds ahead', { command: { issuedAtMs: NOW + 5_000, expiresAtMs: NOW + 9_000 } }, 'ok'],
  ['in its last millisecond', { command: { issuedAtMs: NOW - 4_999, expiresAtMs: NOW + 1 } }, 'ok'],
  ['by a clock that nobody confirmed', { facts: { clockQuality: 'unconfirmed' } }, 'ok'],
  ['beside another', { facts: { obeyed: { byId: new Map([['another', NOW + 1]]), beforeBootMs: 0 } } }, 'ok'],
  [
    'signed before one that was obeyed before the restart',
    { facts: { obeyed: { byId: new Map(), beforeBootMs: NOW } } },
    'replayed',
  ],
  [
    'signed after what was obeyed before the restart',
    { facts: { obeyed: { byId: new Map(), beforeBootMs: NOW - 101 } } },
    'ok',
  ],
])('a command %s', (_what, change, expected) => expect(verdict(change)).toBe(expected))

test('noise is malformed', () => {
  for (const noise of [null, 'open', [], 7]) expect(acceptCommand(noise, facts)).toMatchObject({ failure: 'malformed' })
})

test('what was obeyed is remembered until it has expired, and no longer', () => {
  const first = remember(facts.obeyed, command, NOW)
  expect(acceptCommand(command, { ...facts, obeyed: first })).toMatchObject({ failure: 'replayed' })
  const second = remember(first, { ...command, id: 'second', expiresAtMs: NOW + 9_000 }, NOW + 4_899)
  expect([...second.byId.keys()]).toEqual([ID, 'second'])
  const third = remember(second, { ...command, id: 'third' }, NOW + 4_900)
  expect([...third.byId.keys()]).toEqual(['second', 'third'])
})
