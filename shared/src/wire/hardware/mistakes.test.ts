import { expect, test } from 'vitest'
import { HardwareConfig } from './hardware-config.ts'

const tcp = (port: number) => ({ kind: 'tcp', host: '192.0.2.20', port })
const on = (board: string, channel: number) => ({ board, channel })
const BOARDS = [
  { family: 'modbus-flash', id: 'relays', port: tcp(1) },
  { family: 'digicon', id: 'turnstile', port: tcp(2) },
  { family: 'kmtronic', id: 'four', relays: 4, port: tcp(3) },
]

/** What is said of one door on these boards. */
function said(door: object, boards: readonly object[] = BOARDS): string[] {
  const lane = { lane: 'in', name: 'In', direction: 'in', groups: [0], door }
  const readers = [{ family: 'line', id: 'qr', port: tcp(9) }]
  const read = HardwareConfig.safeParse({ boards, lanes: [{ ...lane, readers }] })
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`)
}

test.each([
  ['a door that is right', { output: on('relays', 1), pulseMs: 700 }, []],
  [
    'a time that the board cannot count',
    { output: on('relays', 1), pulseMs: 750 },
    ['door.pulseMs: must be a multiple of 100: modbus-flash counts in tenths of a second'],
  ],
  [
    'a magnet on a turnstile',
    { output: on('turnstile', 1), energised: 'lock' },
    ['door.energised: digicon is a turnstile and knows no magnet: leave it at unlock'],
  ],
  [
    'a relay that the board does not have',
    { output: on('four', 5) },
    ['door.output.channel: kmtronic has outputs 1 to 4'],
  ],
  [
    'a channel before the first',
    { output: on('relays', 0) },
    ['door.output.channel: modbus-flash has outputs 1 to 32'],
  ],
  [
    'a contact on a board without inputs',
    { output: on('relays', 1), contacts: { passage: on('four', 1) } },
    ['door.contacts.passage.channel: a kmtronic board has no inputs'],
  ],
  [
    'two contacts that are one',
    { output: on('relays', 1), contacts: { passage: on('relays', 3), sensor: on('relays', 3) } },
    ['door.contacts: two contacts of lane in are the same input'],
  ],
  [
    'a board that is not there',
    { output: on('relay', 1) },
    ['door.output.board: there is no board relay; there is relays, turnstile, four'],
  ],
  [
    'a longest release that is shorter than the pulse',
    { output: on('relays', 1), pulseMs: 800, pulseMsMax: 700 },
    ['door.pulseMsMax: must not be shorter than the pulse'],
  ],
])('%s', (_name, door, expected) => {
  expect(said(door)).toEqual(expected)
})

test('a door may name its board in place, and doors on one line share it', () => {
  const door = (channel: number) => ({ family: 'lcus', port: tcp(5), channel })
  const lanes = ['in', 'out'].map((lane, at) => ({
    lane,
    name: lane,
    direction: 'in',
    groups: [0],
    readers: [{ family: 'line', id: 'qr', port: tcp(10 + at) }],
    door: door(at + 1),
  }))
  const { boards, lanes: read } = HardwareConfig.parse({ lanes })
  expect(boards).toEqual([{ family: 'lcus', id: 'board-1', port: tcp(5) }])
  expect(read.map(({ door: { output } }) => output)).toEqual([on('board-1', 1), on('board-1', 2)])
})
