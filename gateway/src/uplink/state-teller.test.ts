import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import { expect, onTestFinished, test } from 'vitest'
import { handClock } from '../testing/hand-clock.ts'
import { stateTeller } from './state-teller.ts'

const settled = () => new Promise(resolve => setImmediate(resolve))

function telling() {
  const clock = handClock()
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const told: GateState[] = []
  let now: GateState = { online: true, waiting: 0, inside: 0 }
  const teller = stateTeller(() => now, clock, stop.signal)
  teller.connect(async state => void told.push(state))
  /** Something changes, and so much time goes by. */
  const change = async (changed: Partial<GateState>, ms: number) => {
    now = { ...now, ...changed }
    teller.touch()
    clock.advance(ms)
    await settled()
  }
  return { told, change, clock }
}

test('not every passage is a message, and the last one is told in the end', async () => {
  const { told, change, clock } = telling()
  for (let inside = 1; inside <= 20; inside++) await change({ inside }, 300)
  expect(told.map(({ inside }) => inside)).toEqual([0])
  clock.advance(10_000)
  await settled()
  expect(told.map(({ inside }) => inside)).toEqual([0, 20])
})

test('who is inside is told along with anything else, at once', async () => {
  const { told, change } = telling()
  await change({ inside: 3 }, 300)
  await change({ inside: 4, listVersion: 7 }, 300)
  expect(told.at(-1)).toMatchObject({ inside: 4, listVersion: 7 })
})

test('nothing that has not changed is told again', async () => {
  const { told, change, clock } = telling()
  await change({}, 300)
  clock.advance(60_000)
  await settled()
  expect(told).toHaveLength(1)
})
