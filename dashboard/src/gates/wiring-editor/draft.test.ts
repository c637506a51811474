import type { Hardware } from '@gatehouse/shared/wire/hardware/diff.ts'
import { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import { expect, test } from 'vitest'
import {
  descriptionOf,
  draftOf,
  isSameDraft,
  ofFamily,
  renamed,
  withBoard,
  withOnlyBoard,
  withReader,
} from './draft.ts'

const SENT: Hardware = HardwareConfig.parse({
  boards: [{ family: 'numato', id: 'relays', port: { kind: 'serial', path: '/dev/ttyUSB1' } }],
  lanes: [
    {
      lane: 'in',
      name: 'In',
      direction: 'in',
      groups: [0],
      readers: [{ family: 'line', id: 'qr', port: { kind: 'tcp', host: '10.0.0.5', port: 4001 } }],
      door: {
        output: { board: 'relays', channel: 1 },
        contacts: { sensor: { board: 'relays', channel: 2 } },
      },
    },
  ],
})
const POINTS = [{ lane: 'in' }, { lane: 'out' }]

test('what was sent is begun with, and an access point that it does not have is empty', () => {
  const draft = draftOf(SENT, POINTS)
  expect(descriptionOf(draft).lanes).toMatchObject([
    { lane: 'in', readers: SENT.lanes[0]!.readers, door: SENT.lanes[0]!.door },
    { lane: 'out', readers: [], door: { pulseMs: 700, energised: 'unlock' } },
  ])
  expect(isSameDraft(draft, draftOf(SENT, POINTS))).toBe(true)
  expect(isSameDraft(draft, { ...draft, boards: withBoard(draft.boards) })).toBe(false)
})

test('one more has a name that is free, and a key that nothing had', () => {
  const two = withReader(withReader([]))
  expect(two.map(({ values }) => values.id)).toEqual(['reader', 'reader-2'])
  const [, second] = two
  expect(withReader([second!]).map(({ values, key }) => [values.id, key])).toEqual([
    ['reader-2', 1],
    ['reader', 2],
  ])
})

test('of another family it keeps its name, and its line where it has one of that kind', () => {
  const [qr] = SENT.lanes[0]!.readers
  expect(ofFamily('reader', qr as never, 'rdm6300')).toEqual({ family: 'rdm6300', id: 'qr', port: qr!.port })
  expect(ofFamily('reader', qr as never, 'wedge')).toMatchObject({
    family: 'wedge',
    id: 'qr',
    port: { kind: 'hid' },
    layout: 'us',
  })
  expect(ofFamily('reader', qr as never, 'wedge')).not.toHaveProperty('end')
})

test('a board by another name keeps its doors and contacts', () => {
  const before = draftOf(SENT, POINTS)
  const boards = before.boards.map(board => ({ ...board, values: { ...board.values, id: 'strike' } }))
  expect(descriptionOf(renamed(before, 0, { ...before, boards })).lanes[0]!.door).toMatchObject({
    output: { board: 'strike', channel: 1 },
    contacts: { sensor: { board: 'strike', channel: 2 } },
  })
})

test('a door without a board takes the only one there is', () => {
  const [, out] = withOnlyBoard(draftOf(SENT, POINTS)).lanes
  expect(out!.door.output).toMatchObject({ board: 'relays' })
  const two = withOnlyBoard({ ...draftOf(SENT, POINTS), boards: withBoard(draftOf(SENT, POINTS).boards) })
  expect(two.lanes[1]!.door.output).not.toHaveProperty('board')
})
