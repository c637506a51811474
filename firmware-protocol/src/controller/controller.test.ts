import { describe, expect, test } from 'vitest'
import { configurationCrc, configureMessage } from '../configuration.ts'
import { frameSplitter } from '../frame.ts'
import { decodeMessage, encodeMessage } from '../message.ts'
import { type Message, type MessageOf, REFUSALS } from '../messages.ts'
import { PAIR_CONFIG } from '../testing/pair.ts'
import { controllerOf } from './controller.ts'

/** A controller that was switched on, and a host that says what it is told to say. */
function switchedOn() {
  const moves: string[] = []
  const controller = controllerOf({
    bootNonce: 77,
    firmware: 1,
    outputs: 8,
    inputs: 16,
    moved: (output, energised) => moves.push(`${output} ${energised ? 'on' : 'off'}`),
  })
  const read = (frames: readonly Uint8Array[]): Message[] => {
    const split = frameSplitter()
    return frames.flatMap(frame =>
      split(frame).flatMap(one => {
        const message = one.ok ? decodeMessage(one.value) : one
        return message.ok ? [message.value.message] : []
      }),
    )
  }
  let seq = 0
  const say = (message: Message, atMs: number, again = false): Message[] => {
    if (!again) seq++
    return read(controller.take(encodeMessage(message, { seq: seq & 0xff }), atMs))
  }
  const due = (atMs: number) => read(controller.due(atMs))
  expect(read(controller.begin(0))).toEqual([{ name: 'booted', protocol: 1, boot_nonce: 77 }])
  return { controller, moves, say, due, read }
}

function configured() {
  const on = switchedOn()
  on.say({ name: 'greet', protocol: 1, host_nonce: 1 }, 0)
  on.say(configureMessage(PAIR_CONFIG, 1), 0)
  on.moves.splice(0)
  return on
}

const pulse: MessageOf<'pulse'> = { name: 'pulse', session: 1, grant_id: 1, output: 0, start_by: 500, on_ms: 700 }
const refused = (why: keyof typeof REFUSALS) => [{ name: 'refused', code: REFUSALS[why] }]

describe('a controller', () => {
  test('does nothing before it was greeted and configured', () => {
    const { say, moves } = switchedOn()
    expect(say(pulse, 0)).toEqual(refused('no_session'))
    expect(say({ name: 'greet', protocol: 1, host_nonce: 1 }, 0)).toMatchObject([{ name: 'greeted', config_crc32: 0 }])
    expect(say(pulse, 0)).toEqual(refused('not_configured'))
    expect(moves).toEqual([])
  })

  test('takes its configuration, says which it has, and brings every output to rest', () => {
    const { say, moves } = switchedOn()
    const message = configureMessage(PAIR_CONFIG, 1)
    say({ name: 'greet', protocol: 1, host_nonce: 1 }, 0)
    expect(say(message, 0)).toEqual([{ name: 'configured', config_crc32: configurationCrc(message) }])
    expect(moves).toEqual(['1 on'])
  })

  test('ends a pulse by itself, also when nobody speaks to it any more', () => {
    const { say, due, moves, controller } = configured()
    expect(say(pulse, 10)).toEqual([{ name: 'pulsed', grant_id: 1 }])
    expect(controller.dueMs()).toBe(710)
    due(709)
    expect(moves).toEqual(['0 on'])
    due(710)
    expect(moves).toEqual(['0 on', '0 off'])
  })

  test('answers a request that is said again as before, and does not execute it', () => {
    const { say, due, moves } = configured()
    say(pulse, 0)
    due(700)
    expect(say(pulse, 800, true)).toEqual([{ name: 'pulsed', grant_id: 1 }])
    expect(moves).toEqual(['0 on', '0 off'])
  })

  test('executes a grant once, also when something else was said in between', () => {
    const { say, due, moves } = configured()
    say(pulse, 0)
    due(700)
    say({ name: 'heartbeat', session: 1 }, 750)
    expect(say({ ...pulse, start_by: 5_000 }, 800)).toEqual([{ name: 'pulsed', grant_id: 1 }])
    expect(moves).toEqual(['0 on', '0 off'])
  })

  test('a grant that was overtaken is too late, and a new session counts anew', () => {
    const { say, due, moves } = configured()
    say({ ...pulse, grant_id: 2 }, 0)
    due(700)
    expect(say(pulse, 0)).toEqual(refused('late'))
    say({ name: 'greet', protocol: 1, host_nonce: 2 }, 800)
    expect(say({ ...pulse, session: 2, start_by: 900 }, 800)).toEqual([{ name: 'pulsed', grant_id: 1 }])
    expect(moves).toEqual(['0 on', '0 off', '0 on'])
  })

  test.each<[string, Partial<MessageOf<'pulse'>>, keyof typeof REFUSALS, number]>([
    ['of another session', { session: 2 }, 'no_session', 0],
    ['after its time', {}, 'late', 501],
    ['after its time, when the uptime ran over', { start_by: 0xffff_fff0 }, 'late', 10],
    ['longer than the output may', { on_ms: 2_001 }, 'out_of_range', 0],
    ['of an output that is not in use', { output: 2, on_ms: 1 }, 'out_of_range', 0],
  ])('refuses a pulse %s', (_what, change, why, atMs) => {
    const { say, moves } = configured()
    expect(say({ ...pulse, ...change }, atMs)).toEqual(refused(why))
    expect(moves).toEqual([])
  })

  test('pulse after pulse ends at the longest time of the output', () => {
    const { say, due, moves } = configured()
    for (let person = 0; person < 4; person++) say({ ...pulse, grant_id: person + 1, start_by: 9_000 }, person * 600)
    due(1_999)
    expect(moves).toEqual(['0 on'])
    due(2_000)
    expect(moves).toEqual(['0 on', '0 off'])
  })

  test('holds for its lease, and longer only when it is said again', () => {
    const { say, due, moves } = configured()
    const hold: MessageOf<'hold'> = {
      name: 'hold',
      session: 1,
      grant_id: 1,
      output: 1,
      start_by: 9_000,
      lease_ms: 2_500,
    }
    say(hold, 0)
    say({ ...hold, grant_id: 2 }, 1_000)
    due(3_499)
    expect(moves).toEqual(['1 off'])
    due(3_500)
    expect(moves).toEqual(['1 off', '1 on'])
  })

  test('without its host for three seconds brings everything to rest, and tells the next one', () => {
    const { say, due, moves } = configured()
    say({ name: 'hold', session: 1, grant_id: 1, output: 0, start_by: 100, lease_ms: 5_000 }, 100)
    due(3_099)
    expect(moves).toEqual(['0 on'])
    due(3_100)
    expect(moves).toEqual(['0 on', '0 off'])
    expect(say({ name: 'heartbeat', session: 1 }, 3_200)).toEqual(refused('no_session'))
    expect(say({ name: 'greet', protocol: 1, host_nonce: 2 }, 4_000)).toEqual([
      expect.objectContaining({ name: 'greeted', session: 2 }),
      { name: 'safe', session: 2, evt_seq: 1, uptime_ms: 3_100, lost: 0, ended: 1 },
    ])
  })

  test('the same greeting said again begins no other session', () => {
    const { say } = configured()
    expect(say({ name: 'greet', protocol: 1, host_nonce: 1 }, 10)).toMatchObject([{ session: 1 }])
    expect(say({ name: 'greet', protocol: 1, host_nonce: 5 }, 10)).toMatchObject([{ session: 2 }])
  })

  test('says a level that stands, and again until it is taken', () => {
    const { controller, due, say, read } = configured()
    expect(read(controller.sense(0, false, 100))).toEqual([])
    controller.sense(0, true, 105)
    controller.sense(0, false, 107)
    expect(due(116)).toEqual([])
    const event = { name: 'input', session: 1, evt_seq: 1, uptime_ms: 117, lost: 0, input: 0, closed: 1 }
    expect(due(117)).toEqual([event])
    expect(due(216)).toEqual([])
    expect(due(217)).toEqual([event])
    expect(say({ name: 'input_taken', session: 1, evt_seq: 2 }, 218)).toEqual([event])
    expect(say({ name: 'input_taken', session: 1, evt_seq: 1 }, 220)).toEqual([])
    expect(due(500)).toEqual([])
  })

  test('keeps 32 events for a host that is away and counts the ones before', () => {
    const { controller, say, due } = configured()
    for (let change = 0; change < 40; change++) {
      controller.sense(0, change % 2 === 1, change * 20)
      due(change * 20 + 10)
    }
    due(4_000)
    expect(say({ name: 'greet', protocol: 1, host_nonce: 2 }, 4_000)[1]).toMatchObject({ evt_seq: 10, lost: 9 })
  })

  test('a contact to ground that is closed, and one that drives the pin high', () => {
    const { controller, say, due } = switchedOn()
    say({ name: 'greet', protocol: 1, host_nonce: 1 }, 0)
    const inputs = [0, 1].map(input => ({ input, activeHigh: input === 1, debounceMs: 10 }))
    say(configureMessage({ ...PAIR_CONFIG, inputs }, 1), 0)
    expect(say({ name: 'heartbeat', session: 1 }, 0)).toMatchObject([{ closed: 0b10 }])
    controller.sense(0, false, 0)
    controller.sense(1, false, 0)
    due(10)
    expect(say({ name: 'heartbeat', session: 1 }, 10)[0]).toMatchObject({ closed: 0b01, waiting: 2, next_evt_seq: 3 })
  })

  test('says nothing to what is no frame, and why to what is no request', () => {
    const { controller, read } = configured()
    expect(controller.take(Uint8Array.of(0, 1, 2, 3, 0), 0)).toEqual([])
    expect(controller.take(encodeMessage({ name: 'pulsed', grant_id: 1 }), 0)).toEqual([])
    const stranger = encodeMessage({ name: 'release', session: 1, output: 0 }, { seq: 9 })
    expect(read(controller.take(stranger, 0))).toEqual([{ name: 'released', output: 0 }])
  })
})
