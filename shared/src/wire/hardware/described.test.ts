import { describe, expect, test } from 'vitest'
import { describedHardware, type LanePlace } from './described.ts'

const PLACES: readonly LanePlace[] = [
  { lane: 'in', name: 'Way in', direction: 'in', groups: [0, 3] },
  { lane: 'out', name: 'Way out', direction: 'out', groups: [0] },
]
const RELAYS = { family: 'lcus', id: 'relays', port: { kind: 'serial', path: '/dev/ttyUSB1' } }
const QR = { family: 'line', id: 'qr', port: { kind: 'tcp', host: '10.0.0.5', port: 4001 } }
const IN = { lane: 'in', readers: [QR], door: { output: { board: 'relays', channel: 1 } } }
const OUT = {
  lane: 'out',
  readers: [{ ...QR, port: { ...QR.port, port: 4002 } }],
  door: { output: { board: 'relays', channel: 2 } },
}

const read = (description: { boards?: unknown[]; lanes?: unknown[] }) =>
  describedHardware(PLACES, { boards: [RELAYS], lanes: [IN, OUT], ...description })
const mistakes = (description: Parameters<typeof read>[0]) =>
  (read(description).mistakes ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
const withReader = (change: object) => ({ lanes: [{ ...IN, readers: [{ ...QR, ...change }] }, OUT] })
const withDoor = (change: object) => ({ lanes: [{ ...IN, door: { ...IN.door, ...change } }, OUT] })

test('lanes come in the order of the access points, with their names, ways and groups', () => {
  const { hardware } = read({ lanes: [OUT, IN] })
  expect(hardware!.lanes).toMatchObject([
    { ...PLACES[0], door: { pulseMs: 700, output: { channel: 1 } } },
    { ...PLACES[1], door: { output: { channel: 2 } } },
  ])
})

test('an access point may say more than its lane needs', () => {
  const more = PLACES.map((place, at) => ({ ...place, id: String(at) }))
  expect(describedHardware(more, { boards: [RELAYS], lanes: [IN, OUT] }).mistakes).toBeNull()
})

test('a name that a description gives a lane is of no account', () => {
  expect(read({ lanes: [{ ...IN, name: 'Back door', groups: [30] }, OUT] }).hardware!.lanes[0]).toMatchObject(
    PLACES[0]!,
  )
})

describe('a mistake is said in plain words at its place in the description', () => {
  const own = { bits: 26, number: { from: 9, to: 24 } }
  const twn3 = (format: unknown) => withReader({ family: 'twn3', format })
  test.each<[string, Parameters<typeof read>[0], string[]]>([
    ['nothing', {}, []],
    [
      'a host that is not typed yet',
      withReader({ port: { kind: 'tcp', host: '', port: 4001 } }),
      ['lanes.0.readers.0.port.host: is missing'],
    ],
    ['a number that is a word', withDoor({ pulseMs: 'long' }), ['lanes.0.door.pulseMs: must be a whole number']],
    [
      'a number that is not there',
      withReader({ port: { kind: 'tcp', host: 'h' } }),
      ['lanes.0.readers.0.port.port: is missing'],
    ],
    ['a number too small', withDoor({ pulseMs: 1 }), ['lanes.0.door.pulseMs: must be at least 100']],
    ['a number too large', withDoor({ pulseMs: 90_000 }), ['lanes.0.door.pulseMs: must be at most 30000']],
    ['no reader', { lanes: [{ ...IN, readers: [] }, OUT] }, ['lanes.0.readers: needs at least one']],
    ['a family that is none', withReader({ family: 'lines' }), ['lanes.0.readers.0.family: is none of the choices']],
    [
      'a name with a blank',
      withReader({ id: 'my reader' }),
      ['lanes.0.readers.0.id: lower-case letters, digits and hyphens, at most 31'],
    ],
    ['a format that is none', twn3('h1'), ['lanes.0.readers.0.format: is none of the choices']],
    ['a format not chosen', twn3(undefined), ['lanes.0.readers.0.format: is missing']],
    ['an own format without bits', twn3({ number: own.number }), ['lanes.0.readers.0.format.bits: is missing']],
    [
      'an own format of a typed card, deep inside',
      withReader({ reads: 'card', card: { base: 'hex', bitCount: 26, format: { ...own, number: { from: 9 } } } }),
      ['lanes.0.readers.0.card.format.number.to: is missing'],
    ],
    [
      'a board that is not there',
      withDoor({ output: { board: 'relay', channel: 1 } }),
      ['lanes.0.door.output.board: there is no board relay; there is relays'],
    ],
    [
      'in the order of the description',
      { lanes: [OUT, { ...IN, door: { ...IN.door, pulseMsMax: 100 } }] },
      ['lanes.1.door.pulseMsMax: must not be shorter than the pulse'],
    ],
    ['noise', { boards: [7], lanes: [null, IN, OUT] }, ['lanes.0.lane: is no access point of this gate']],
  ])('%s', (_what, description, expected) => expect(mistakes(description)).toEqual(expected))
})
