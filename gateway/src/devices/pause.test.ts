import { describe, expect, test } from 'vitest'
import { keptBoard } from '../doors/kept-board.ts'
import type { Health } from '../ports.ts'
import { handClock } from '../testing/hand-clock.ts'
import { memoryBoard } from '../testing/memory-board.ts'
import { pauseUntilPlugged } from './pause.ts'

const never = new AbortController().signal
const nothing = (signal: AbortSignal) =>
  new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))

describe('a pause before a device is opened again', () => {
  test('is waited out where nothing is plugged in', async () => {
    const clock = handClock()
    const pause = pauseUntilPlugged(100, { clock, plugged: nothing }, never)
    clock.advance(100)
    expect(await pause).toBe(false)
  })

  test('is waited out where nobody can say', async () => {
    const clock = handClock()
    const pause = pauseUntilPlugged(100, { clock }, never)
    clock.advance(100)
    expect(await pause).toBe(false)
  })

  test('ends when something is plugged in, and leaves nobody waiting', async () => {
    const clock = handClock()
    const told: AbortSignal[] = []
    const plugged = async (signal: AbortSignal) => void told.push(signal)
    expect(await pauseUntilPlugged(100, { clock, plugged }, never)).toBe(true)
    expect(told[0]!.aborted).toBe(true)
  })

  test('ends when it is told to, and nothing was plugged in', async () => {
    const stop = new AbortController()
    const pause = pauseUntilPlugged(100, { clock: handClock(), plugged: nothing }, stop.signal)
    stop.abort()
    expect(await pause).toBe(false)
  })
})

test('a board is opened at once when it is plugged in', async () => {
  const board = memoryBoard()
  board.unplug(true)
  let plug = () => {}
  const down = Promise.withResolvers<void>()
  const up = Promise.withResolvers<void>()
  const stop = new AbortController()
  const kept = keptBoard({
    name: '/dev/hidraw0',
    driver: board,
    outputs: [{ channel: 1, energised: 'unlock', pulseMs: 700, pulseMsMax: 30_000 }],
    report: (health: Health) => (health.up ? up : down).resolve(),
    tell() {},
    clock: handClock(),
    random: () => 1,
    plugged: () =>
      new Promise(resolve => {
        plug = resolve
      }),
  })
  const running = kept.run(stop.signal)
  await down.promise
  board.unplug(false)
  // Its clock stands still: no pause would ever be over.
  plug()
  await up.promise
  expect(board.told).toEqual(['open', '1 off'])
  stop.abort()
  await running
})
