import { describe, expect, test } from 'vitest'
import type { Health } from '../ports.ts'
import { handClock } from '../testing/hand-clock.ts'
import { type MemoryPort, memoryPort } from '../testing/memory-port.ts'
import { readerOf } from '../testing/reader-of.ts'
import { keepOpen } from './keep-open.ts'

function kept(ports: (MemoryPort | Error)[]) {
  const clock = handClock()
  let plug = () => {}
  const healths: Health[] = []
  const stop = new AbortController()
  const reader = keepOpen({
    open: async () => {
      const port = ports.shift() ?? new Error('there is no /dev/ttyUSB0: plug the device in')
      if (port instanceof Error) throw port
      return port
    },
    make: open => readerOf({ family: 'line', id: 'qr' }, { open, clock }),
    report: health => healths.push(health),
    clock,
    random: () => 1,
    plugged: () =>
      new Promise(resolve => {
        plug = resolve
      }),
  })
  const scans = reader.scans(stop.signal)[Symbol.asyncIterator]()
  return { clock, healths, scans, stop, plug: () => plug() }
}

describe('a reader kept open', () => {
  test('is opened again after it was lost, and half a code before is not joined to what comes after', async () => {
    const [first, second] = [memoryPort(), memoryPort()]
    const { clock, healths, scans } = kept([first, second])
    first.feed('12')
    const scan = scans.next()
    first.hangUp(new Error('/dev/ttyUSB0 is gone: plug the device in again'))
    await clock.waiting()
    second.feed('34\r\n')
    clock.advance(100)
    expect((await scan).value.credential).toEqual({ kind: 'code', text: '34' })
    expect(healths).toEqual([
      { up: true },
      { up: false, problem: '/dev/ttyUSB0 is gone: plug the device in again' },
      { up: true },
    ])
    expect(first.closed).toBe(true)
  })

  test('pauses grow, and never beyond a second and a half', async () => {
    const port = memoryPort()
    const fault = new Error('there is none')
    const { clock, scans } = kept([fault, fault, fault, fault, fault, fault, port])
    const scan = scans.next()
    for (const pauseMs of [100, 200, 400, 800, 1_500, 1_500]) {
      await clock.waiting()
      clock.advance(pauseMs - 1)
      await clock.waiting()
      clock.advance(1)
      await new Promise(resolve => setImmediate(resolve))
    }
    port.feed('1\r\n')
    expect((await scan).value.credential.text).toBe('1')
  })

  test('is opened at once when something is plugged in, and the pauses begin anew', async () => {
    const port = memoryPort()
    const fault = new Error('there is none')
    const { clock, scans, plug } = kept([fault, fault, fault, fault, port])
    const scan = scans.next()
    for (const pauseMs of [100, 200]) {
      await clock.waiting()
      clock.advance(pauseMs)
      await new Promise(resolve => setImmediate(resolve))
    }
    await clock.waiting()
    plug()
    // It was there and could not be opened yet: the next pause is the first again, not the fourth.
    await new Promise(resolve => setImmediate(resolve))
    await clock.waiting()
    clock.advance(100)
    port.feed('1\r\n')
    expect((await scan).value.credential.text).toBe('1')
  })

  test('ends at once when told to, also within a pause', async () => {
    const { clock, scans, stop } = kept([])
    const scan = scans.next()
    await clock.waiting()
    stop.abort()
    expect((await scan).done).toBe(true)
  })
})
