import { describe, expect, test } from 'vitest'
import {
  acceptConfiguration,
  CONFIGURATION_REFUSALS,
  type ConfigurationFacts,
  type ConfigurationRefusal,
  GateConfiguration,
} from './gate-configuration.ts'

const configuration = GateConfiguration.parse({
  tenant: 'test-campus',
  gate: 'gate-north-1',
  version: 5,
  issuedAtMs: Date.UTC(2026, 8, 1, 8),
  boards: [{ family: 'lcus', id: 'relays', port: { kind: 'serial', path: '/dev/ttyUSB1' } }],
  lanes: [
    {
      lane: 'in',
      name: 'Way in',
      direction: 'in',
      groups: [0],
      readers: [{ family: 'line', id: 'qr', port: { kind: 'tcp', host: '10.0.0.5', port: 4001 } }],
      door: { output: { board: 'relays', channel: 1 } },
    },
  ],
})
const facts: ConfigurationFacts = { tenant: 'test-campus', gate: 'gate-north-1', highest: 4, settled: [4, 3] }

type Change = { readonly said?: object; readonly facts?: Partial<ConfigurationFacts> }

const accept = (...changes: readonly Change[]) =>
  acceptConfiguration(
    Object.assign({}, configuration, ...changes.map(({ said }) => said)),
    Object.assign({}, facts, ...changes.map(change => change.facts)),
  )
const verdict = (...changes: readonly Change[]) => {
  const accepted = accept(...changes)
  return accepted.is === 'refused' ? accepted.refused : accepted.is
}

const faults: Record<ConfigurationRefusal, Change> = {
  malformed: { said: { issuedAtMs: 'now' } },
  other_gate: { said: { gate: 'gate-south-1' } },
  older_version: { facts: { highest: 6 } },
  invalid: { said: { lanes: [] } },
}

test('a newer configuration for this gate is taken, whole', () => {
  expect(accept()).toEqual({ is: 'new', configuration })
})

for (const [rank, refusal] of CONFIGURATION_REFUSALS.entries()) {
  test(`${refusal} is refused as ${refusal}`, () => expect(verdict(faults[refusal])).toBe(refusal))
  for (const lesser of CONFIGURATION_REFUSALS.slice(rank + 1)) {
    test(`${refusal} outranks ${lesser}`, () => expect(verdict(faults[lesser], faults[refusal])).toBe(refusal))
  }
}

describe('a configuration', () => {
  test.each<[string, Change, string]>([
    ['of another school', { said: { tenant: 'other-campus' } }, 'other_gate'],
    ['of version 0', { said: { version: 0 } }, 'malformed'],
    ['with a word more', { said: { also: 'open' } }, 'invalid'],
    ['that is in force', { facts: { highest: 5, settled: [5] } }, 'known'],
    ['that did not hold', { facts: { highest: 5, settled: [4, 5] } }, 'known'],
    ['taken before, of which nothing is left', { facts: { highest: 5, settled: [] } }, 'new'],
    ['older than the highest, of which nothing is left', { facts: { highest: 6, settled: [] } }, 'older_version'],
    ['that leaves versions out', { said: { version: 900 } }, 'new'],
  ])('%s', (_what, change, expected) => expect(verdict(change)).toBe(expected))

  test('says every mistake of its parts, and then of the whole, each with its place', () => {
    const [lane] = configuration.lanes
    const badParts = { lanes: [{ ...lane, direction: 'up', door: { ...lane!.door, pulseMs: 1 } }] }
    expect(accept({ said: badParts })).toMatchObject({
      version: 5,
      mistakes: [
        expect.stringMatching(/^lanes\[0\]\.direction: /),
        expect.stringMatching(/^lanes\[0\]\.door\.pulseMs: /),
      ],
    })
    const badWhole = {
      boards: [
        { family: 'lcus', id: 'relays', port: { kind: 'serial', path: 'ttyUSB1', baudRate: 9600, parity: 'none' } },
      ],
      lanes: [{ ...lane, door: { ...lane!.door, output: { board: 'relay', channel: 1 } } }],
    }
    expect(accept({ said: badWhole })).toMatchObject({
      mistakes: [
        'lanes[0].door.output.board: there is no board relay; there is relays',
        'boards[0].port.path: must begin with /, such as /dev/serial/by-id/…',
      ],
    })
  })

  test('noise is malformed', () => {
    for (const noise of [null, 'open', [], 7])
      expect(acceptConfiguration(noise, facts)).toMatchObject({ refused: 'malformed' })
  })
})
