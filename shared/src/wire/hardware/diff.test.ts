import { expect, test } from 'vitest'
import { type Change, type Hardware, hardwareChanges } from './diff.ts'
import { HardwareConfig } from './hardware-config.ts'

const BEFORE: Hardware = HardwareConfig.parse({
  boards: [{ family: 'modbus-flash', id: 'relays', port: { kind: 'tcp', host: '10.0.0.9', port: 502 } }],
  lanes: [
    {
      lane: 'in',
      name: 'Way in',
      direction: 'in',
      groups: [0],
      readers: [
        { family: 'line', id: 'qr', port: { kind: 'serial', path: '/dev/ttyACM0' } },
        { family: 'twn3', id: 'card', port: { kind: 'serial', path: '/dev/ttyUSB0' }, format: 'h10301' },
      ],
      door: { output: { board: 'relays', channel: 1 } },
    },
  ],
})
const [LANE] = BEFORE.lanes as [Hardware['lanes'][number]]
const [QR, CARD] = LANE.readers as [(typeof LANE.readers)[number], (typeof LANE.readers)[number]]
const [BOARD] = BEFORE.boards as [Hardware['boards'][number]]

const withLane = (change: object): Hardware => ({ ...BEFORE, lanes: [{ ...LANE, ...change } as typeof LANE] })
const withQr = (change: object) => withLane({ readers: [{ ...QR, ...change }, CARD] })
const withDoor = (change: object) => withLane({ door: { ...LANE.door, ...change } })

test.each<[string, Hardware, Change[]]>([
  ['nothing', structuredClone(BEFORE), []],
  ['a pulse', withDoor({ pulseMs: 1_500 }), [{ place: 'Way in: door', what: 'Pulse, ms: 700 → 1500' }]],
  [
    'another relay',
    withDoor({ output: { board: 'relays', channel: 2 } }),
    [{ place: 'Way in: door', what: 'Relay, Channel: 1 → 2' }],
  ],
  [
    'a contact',
    withDoor({ contacts: { sensor: { board: 'relays', channel: 3, active: 'open' } } }),
    [{ place: 'Way in: door', what: 'Contacts, Door sensor: none → relays 3 open' }],
  ],
  ['a switch', withQr({ aimId: true }), [{ place: 'Way in: reader qr', what: 'Sends an AIM id: no → yes' }]],
  ['a text', withQr({ prefix: '$$' }), [{ place: 'Way in: reader qr', what: 'Prefix: none → $$' }]],
  [
    'a baud rate',
    withQr({ port: { ...QR.port, baudRate: 115_200 } }),
    [{ place: 'Way in: reader qr', what: 'Line, Baud rate: 9600 → 115200' }],
  ],
  [
    'another kind of line',
    withQr({ port: { kind: 'tcp', host: '10.0.0.5', port: 4001 } }),
    [{ place: 'Way in: reader qr', what: 'Line: serial /dev/ttyACM0 9600 none → tcp 10.0.0.5 4001' }],
  ],
  [
    'another format',
    withLane({ readers: [QR, { ...CARD, format: { bits: 26, number: { from: 9, to: 24 }, parity: [] } }] }),
    [{ place: 'Way in: reader card', what: 'Card format: h10301 → 26 9 24 none' }],
  ],
  [
    'another family',
    withLane({ readers: [QR, { family: 'rdm6300', id: 'card', port: CARD.port }] }),
    [{ place: 'Way in: reader card', what: 'Elatec TWN3 → RDM6300, ID-12 or ID-20' }],
  ],
  ['a reader less', withLane({ readers: [QR] }), [{ place: 'Way in: reader card', what: 'taken away' }]],
  [
    'a reader by another name',
    withQr({ id: 'scanner' }),
    [
      { place: 'Way in: reader scanner', what: 'new: Scanner or reader that sends text' },
      { place: 'Way in: reader qr', what: 'taken away' },
    ],
  ],
  [
    'a board’s address',
    { ...BEFORE, boards: [{ ...BOARD, address: 7 } as typeof BOARD] },
    [{ place: 'board relays', what: 'Modbus address: 1 → 7' }],
  ],
])('%s', (_what, after, changes) => expect(hardwareChanges(BEFORE, after)).toEqual(changes))

test('what was not there before is new, whole', () => {
  expect(hardwareChanges(null, BEFORE)).toEqual([
    { place: 'board relays', what: 'new: Modbus relay that ends its pulse' },
    { place: 'Way in: reader qr', what: 'new: Scanner or reader that sends text' },
    { place: 'Way in: reader card', what: 'new: Elatec TWN3' },
    { place: 'Way in: door', what: 'new: relay 1 of relays, pulse 700 ms' },
  ])
})
