import { expect, test } from 'vitest'
import { healthOf, troublesOf } from './trouble.ts'

const well = {
  name: 'North gate',
  online: true,
  enrolled: true,
  lanes: [{ lane: 'in', readers: [{ id: 'card', up: true }], door: { up: true, pulse: 'hardware-timed' as const } }],
}
const lane = well.lanes[0]!

test('a gate that is well has nothing to say', () => {
  expect(troublesOf(well)).toEqual([])
  expect(healthOf(well)).toBe('online')
})

test('a reader that is down is a fault, in its own words where it has some', () => {
  const silent = { ...well, lanes: [{ ...lane, readers: [{ id: 'card', up: false }] }] }
  const telling = { ...well, lanes: [{ ...lane, readers: [{ id: 'card', up: false, problem: 'no permission' }] }] }
  expect(healthOf(silent)).toBe('fault')
  expect(troublesOf(silent)).toEqual(['reader card of lane in does not answer'])
  expect(troublesOf(telling)).toEqual(['no permission'])
})

test('a door that is down is a fault', () =>
  expect(healthOf({ ...well, lanes: [{ ...lane, door: { up: false, pulse: 'hardware-timed' } }] })).toBe('fault'))

test('a fire alarm that has released a door is said before anything else', () => {
  const door = { up: true, pulse: 'hardware-timed' as const, evacuating: true }
  expect(troublesOf({ ...well, lanes: [{ ...lane, door }] })).toEqual([
    'Fire alarm: lane in is released and is not locked again until it is over',
  ])
})

test('offline outweighs what the gate said last', () => {
  const gone = { ...well, online: false, lanes: [{ ...lane, readers: [{ id: 'card', up: false }] }] }
  expect(healthOf(gone)).toBe('offline')
  expect(troublesOf(gone)).toEqual(['North gate is offline'])
})

test('a gate without a mini-PC is not offline but not enrolled', () =>
  expect(healthOf({ ...well, online: false, enrolled: false, lanes: [] })).toBe('not enrolled'))
