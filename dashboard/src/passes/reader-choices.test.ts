import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { expect, test } from 'vitest'
import { firstChoice, readerChoices } from './reader-choices.ts'

const card = { id: 'card', reads: 'card' as const, up: true }
const lane = { lane: 'in', readers: [card, { id: 'qr', reads: 'code' as const, up: true }] }
const gate = (change: object) =>
  ({
    gateId: 'n',
    name: 'North gate',
    online: true,
    lanes: [lane],
    accessPoints: [{ lane: 'in', name: 'In' }],
    ...change,
  }) as unknown as Gate

test('readers of codes are no choice, and one reader is called by its access point', () => {
  expect(readerChoices([gate({})])).toEqual([
    { key: 'n in card', gateId: 'n', gate: 'North gate', lane: 'in', reader: 'card', name: 'In', problem: null },
  ])
})

test('two readers of a lane are told apart', () => {
  const two = gate({ lanes: [{ ...lane, readers: [card, { ...card, id: 'long' }] }] })
  expect(readerChoices([two]).map(({ name }) => name)).toEqual(['In, card', 'In, long'])
})

test('a gate that is offline, and a reader that is down, say so', () => {
  const down = gate({ gateId: 's', lanes: [{ ...lane, readers: [{ ...card, up: false }] }] })
  expect(readerChoices([gate({ online: false }), down]).map(({ problem }) => problem)).toEqual([
    'offline',
    'not working',
  ])
})

test('the one used last comes first, unless it does not work', () => {
  const [north, south] = [gate({}), gate({ gateId: 's' })]
  expect(firstChoice(readerChoices([north, south]), 's in card')?.key).toBe('s in card')
  expect(firstChoice(readerChoices([north, gate({ gateId: 's', online: false })]), 's in card')?.key).toBe('n in card')
  expect(firstChoice(readerChoices([north]), 'gone')?.key).toBe('n in card')
  expect(firstChoice([], null)).toBeUndefined()
})
