import type { PulseTiming } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { DoorConfig } from '@gatehouse/shared/wire/hardware/door-config.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { interlock } from '../core/interlock.ts'
import { handClock } from '../testing/hand-clock.ts'
import { memoryBoard } from '../testing/memory-board.ts'
import { fittedDoor } from './door.ts'
import { keptBoard } from './kept-board.ts'

const settled = () => new Promise(resolve => setImmediate(resolve))
const on = (channel: number) => ({ board: 'relays', channel })
const ann = { sequence: 7, passId: 'ann' }

type Settings = { readonly channel?: number } & Record<string, unknown>

/** Doors on one board in memory, both real but for the line. */
async function doors(settings: Record<string, Settings>, pulse: PulseTiming = 'hardware-timed') {
  const clock = handClock()
  const driver = memoryBoard(pulse)
  const configs = Object.entries(settings).map(([lane, { channel = 1, ...rest }]) => ({
    lane,
    config: DoorConfig.parse({ output: on(channel), ...rest }),
  }))
  const told: string[] = []
  const evacuating: string[] = []
  const board = keptBoard({
    name: 'relays',
    driver,
    outputs: configs.map(({ config }) => ({ ...config, channel: config.output.channel })),
    report() {},
    tell: event => {
      for (const door of made.values()) door.heard('relays', event)
    },
    clock,
    random: () => 1,
  })
  const lock = interlock()
  const made = new Map(
    configs.map(({ lane, config }) => [
      lane,
      fittedDoor({
        lane,
        config,
        board,
        tellsPassages: false,
        interlock: lock,
        clock,
        happened: ({ kind, grant, details }) =>
          told.push([lane, kind, grant?.passId, ...Object.values(details)].filter(Boolean).join(' ')),
        evacuating: yes => evacuating.push(`${lane} ${yes}`),
      }),
    ]),
  )
  const stop = new AbortController()
  const running = Promise.all([board.run(stop.signal), ...[...made.values()].map(door => door.run(stop.signal))])
  const end = async () => {
    stop.abort()
    await running
  }
  onTestFinished(end)
  await settled()
  const contact = (channel: number, closed: boolean) => driver.tell({ kind: 'input', channel, closed })
  const release = (lane: string) => made.get(lane)!.release(clock.monotonicMs(), ann)
  const advance = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  return { clock, driver, told, evacuating, release, contact, advance, end }
}

describe('a turnstile with a passage contact', () => {
  const wired = { in: { contacts: { passage: on(1) } } }

  test('somebody is let through and goes', async () => {
    const { driver, told, release, contact, advance } = await doors(wired)
    contact(1, false)
    expect(await release('in')).toEqual({ ok: true, value: null })
    await advance(900)
    contact(1, true)
    expect(driver.told).toEqual(['open', '1 off', '1 on 700 ms'])
    expect(told).toEqual(['in passage ann'])
  })

  test('somebody is let through and stays', async () => {
    const { told, release, contact, advance } = await doors(wired)
    contact(1, false)
    await release('in')
    await advance(5_999)
    expect(told).toEqual([])
    await advance(1)
    expect(told).toEqual(['in no_passage ann'])
  })

  test('a contact that opens when somebody goes', async () => {
    const { told, release, contact } = await doors({ in: { contacts: { passage: { ...on(1), active: 'open' } } } })
    contact(1, true)
    await release('in')
    contact(1, false)
    expect(told).toEqual(['in passage ann'])
  })

  test('a grant that cannot be carried out expects nobody', async () => {
    const { clock, driver, told, release, contact, advance } = await doors(wired)
    contact(1, false)
    driver.unplug(true)
    driver.lose()
    await settled()
    expect(await release('in')).toEqual({ ok: false, failure: 'absent' })
    await advance(7_000)
    expect(told).toEqual([])
    expect(clock.monotonicMs()).toBe(7_000)
  })
})

describe('two directions of a turnstile', () => {
  const wired = { in: { interlock: 'turnstile' }, out: { channel: 2, interlock: 'turnstile' } }

  test('are never released at the same time', async () => {
    const { driver, release, advance } = await doors(wired, 'software-timed')
    const [first, second] = [release('in'), release('out')]
    await first
    await settled()
    expect(driver.told.slice(-1)).toEqual(['1 on'])
    await advance(700)
    expect(driver.told.slice(-1)).toEqual(['1 off'])
    await advance(100)
    expect(await second).toEqual({ ok: true, value: null })
    expect(driver.told.slice(-1)).toEqual(['2 on'])
  })

  test('the second one is told when it would come too late', async () => {
    const { driver, release } = await doors({ in: { ...wired.in, pulseMs: 5_000 }, out: wired.out }, 'software-timed')
    await release('in')
    expect(await release('out')).toEqual({ ok: false, failure: 'interlocked' })
    expect(driver.told.filter(one => one === '2 on')).toEqual([])
  })

  test('a release that failed keeps nobody waiting', async () => {
    const { driver, release, advance } = await doors(
      { in: { ...wired.in, pulseMs: 5_000 }, out: wired.out },
      'software-timed',
    )
    driver.unplug(true)
    driver.lose()
    await settled()
    expect(await release('in')).toEqual({ ok: false, failure: 'absent' })
    driver.unplug(false)
    await advance(1_500)
    expect(await release('out')).toEqual({ ok: true, value: null })
  })

  test('the inner door of a mantrap stays shut while the outer one is open', async () => {
    const { release, contact } = await doors({
      outer: { interlock: 'trap', contacts: { sensor: on(1) } },
      inner: { channel: 2, interlock: 'trap' },
    })
    contact(1, false)
    await release('outer')
    contact(1, true)
    expect(await release('inner')).toEqual({ ok: false, failure: 'interlocked' })
  })
})

describe('a door with a fire alarm', () => {
  const wired = { door: { energised: 'lock', contacts: { fireAlarm: { ...on(4), active: 'open' }, sensor: on(1) } } }

  test('is not locked again while the alarm lasts, not even at the stop', async () => {
    const { driver, told, evacuating, release, contact, advance, end } = await doors(wired, 'software-timed')
    contact(4, true)
    contact(1, false)
    await release('door')
    contact(4, false)
    await advance(5_000)
    expect(driver.told).toEqual(['open', '1 on', '1 off'])
    expect(evacuating).toEqual(['door true'])
    // Whoever is let through now finds it open: a pulse would end that.
    expect(await release('door')).toEqual({ ok: true, value: null })
    expect(driver.told).toEqual(['open', '1 on', '1 off'])
    contact(1, true)
    expect(told).toEqual(['door alarm fire_alarm', 'door opened ann'])
    await end()
    expect(driver.told).toEqual(['open', '1 on', '1 off', 'close'])
  })

  test('is locked again when it is over', async () => {
    const { driver, evacuating, contact, advance } = await doors(wired, 'software-timed')
    contact(4, true)
    contact(4, false)
    contact(4, true)
    await advance(0)
    expect(driver.told).toEqual(['open', '1 on', '1 on'])
    expect(evacuating).toEqual(['door true', 'door false'])
  })

  test('a lost contact of the alarm is an alarm', async () => {
    const { driver, told, contact } = await doors(wired)
    contact(4, true)
    driver.lose()
    await settled()
    expect(told).toEqual(['door alarm fire_input_lost'])
  })
})

describe('a magnet, which holds by current', () => {
  test('rests on, is off for a pulse that we end, and on at the stop', async () => {
    const { driver, release, advance, end } = await doors({ door: { energised: 'lock' } }, 'software-timed')
    await release('door')
    await advance(700)
    await end()
    expect(driver.told).toEqual(['open', '1 on', '1 off', '1 on', '1 on', 'close'])
  })

  test('is let go for a time that the board ends', async () => {
    const { driver, release } = await doors({ door: { energised: 'lock' } })
    await release('door')
    expect(driver.told).toEqual(['open', '1 on', '1 off 700 ms'])
  })
})

test('a board that does not end a pulse when told is opened again, and begins at rest', async () => {
  const { driver, release, advance } = await doors({ door: {} }, 'software-timed')
  await release('door')
  driver.lose()
  await settled()
  await advance(1_500)
  expect(driver.told.slice(0, 3)).toEqual(['open', '1 off', '1 on'])
  expect(driver.told.slice(-2)).toEqual(['open', '1 off'])
})

test('a line that ends while its board is made safe was never up', async () => {
  const clock = handClock()
  const ended = Promise.withResolvers<void>()
  const healths: boolean[] = []
  const board = keptBoard({
    name: 'relays',
    driver: {
      pulse: 'hardware-timed',
      open: async () => ({
        set: () => new Promise(() => {}),
        flash: null,
        listen: () => ended.promise,
        async [Symbol.asyncDispose]() {},
      }),
    },
    outputs: [{ channel: 1, energised: 'unlock', pulseMs: 700, pulseMsMax: 30_000 }],
    report: ({ up }) => healths.push(up),
    tell() {},
    clock,
    random: () => 1,
  })
  const stop = new AbortController()
  const running = board.run(stop.signal)
  await settled()
  ended.resolve()
  await settled()
  expect(healths).toEqual([false])
  stop.abort()
  await running
})

test('what waited its turn while the line was lost is not sent', async () => {
  const clock = handClock()
  const told: string[] = []
  const lost = Promise.withResolvers<void>()
  let answer = (_ok: { ok: true; value: null }) => {}
  const board = keptBoard({
    name: 'relays',
    driver: {
      pulse: 'hardware-timed',
      open: async () => ({
        set: async () => ({ ok: true, value: null }),
        flash(channel) {
          told.push(`flash ${channel}`)
          return new Promise(resolve => {
            answer = resolve
          })
        },
        listen: () => lost.promise,
        async [Symbol.asyncDispose]() {},
      }),
    },
    outputs: [1, 2].map(channel => ({ channel, energised: 'unlock', pulseMs: 700, pulseMsMax: 30_000 })),
    report() {},
    tell() {},
    clock,
    random: () => 1,
  })
  const stop = new AbortController()
  const running = board.run(stop.signal)
  await settled()
  const [first, second] = [board.release(1, 0), board.release(2, 0)]
  await settled()
  lost.reject(new Error('gone'))
  await settled()
  answer({ ok: true, value: null })
  await first
  expect(await second).toEqual({ ok: false, failure: 'absent' })
  expect(told).toEqual(['flash 1'])
  stop.abort()
  await running
})
