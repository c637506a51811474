import { describe, expect, test } from 'vitest'
import { dueMs, type HostInput, next } from './command.ts'
import { type Configuration, configurationCrc, configureMessage } from './configuration.ts'
import { type Deed, type Host, hostOf, type Order } from './host.ts'
import { decodeMessage } from './message.ts'
import { type Message, type MessageOf, REFUSALS, type Refusal } from './messages.ts'

const CONFIG: Configuration = {
  outputs: [{ output: 0, restEnergised: false, maxOnMs: 30_000 }],
  inputs: [0, 1].map(input => ({ input, activeHigh: false, debounceMs: 30 })),
}
const CRC = configurationCrc(configureMessage(CONFIG, 0))
const NONCE = 100
const BOOT = 77

const PULSE: Order = { kind: 'pulse', id: 1, output: 0, ms: 700 }
const greeted: MessageOf<'greeted'> = {
  name: 'greeted',
  protocol: 1,
  host_nonce: NONCE + 1,
  boot_nonce: BOOT,
  session: 3,
  firmware: 1,
  outputs: 8,
  inputs: 16,
  config_crc32: CRC,
  uptime_ms: 5_000,
}
const alive: MessageOf<'alive'> = {
  name: 'alive',
  session: 3,
  uptime_ms: 5_000,
  config_crc32: CRC,
  away: 0,
  closed: 0b01,
  waiting: 0,
  next_evt_seq: 1,
}
const closing: MessageOf<'input'> = {
  name: 'input',
  session: 3,
  evt_seq: 1,
  uptime_ms: 5_000,
  lost: 0,
  input: 1,
  closed: 1,
}

const after = (host: Host, input: HostInput, atMs = 0) => next(host, input, atMs).host
/** What the controller says; to the request that waits where it answers one. */
const hears =
  (message: Message) =>
  (host: Host): HostInput => {
    const { seq = 0, op = 0 } = host.waiting ?? {}
    return { kind: 'heard', received: { message, seq: 0, ack: seq, op } }
  }
const refuses = (why: Refusal) => hears({ name: 'refused', code: REFUSALS[why] })
const gets = (order: Order) => (): HostInput => ({ kind: 'order', order })
const waits = (): HostInput => ({ kind: 'time' })

const fresh = hostOf(CONFIG, NONCE, 0)
const greeting = after(fresh, { kind: 'opened' })
const configuring = after(greeting, hears({ ...greeted, config_crc32: 0 })(greeting))
const beating = after(greeting, hears(greeted)(greeting))
const online = after(beating, hears(alive)(beating))
const pulsing = after(online, { kind: 'order', order: PULSE })
const offline = after(greeting, { kind: 'time' }, 3_000)
const inLine = after(greeting, { kind: 'order', order: PULSE })
const STATES = { fresh, greeting, configuring, beating, online, pulsing, offline, inLine }

/** Deeds in words. */
function words(deeds: readonly Deed[]): string {
  return deeds
    .map(deed => {
      if (deed.kind === 'settled') return `order ${deed.id} ${deed.outcome}`
      if (deed.kind === 'offline') return `offline ${deed.why}`
      if (deed.kind === 'input') return `${deed.input} ${deed.closed ? 'closed' : 'open'}`
      if (deed.kind === 'lost') return `lost ${deed.count}`
      if (deed.kind === 'safe') return `safe ${deed.ended}`
      if (deed.kind !== 'send') return deed.kind
      const sent = decodeMessage(deed.bytes.subarray(1, -1))
      return sent.ok ? sent.value.message.name : sent.failure
    })
    .join(', ')
}

type Row = [
  state: keyof typeof STATES,
  event: string,
  input: (host: Host) => HostInput,
  atMs: number,
  target: Host['phase'],
  deeds: string,
]

describe('state, event, target', () => {
  test.each<Row>([
    ['fresh', 'the line is open', () => ({ kind: 'opened' }), 0, 'greeting', 'greet'],

    ['greeting', 'greeted, configured as we mean', hears(greeted), 0, 'online', 'online, heartbeat'],
    ['greeting', 'greeted, not configured', hears({ ...greeted, config_crc32: 0 }), 0, 'configuring', 'configure'],
    ['greeting', 'an answer to another greeting', hears({ ...greeted, host_nonce: 1 }), 0, 'greeting', ''],
    ['greeting', 'greeted by a smaller one', hears({ ...greeted, inputs: 1 }), 0, 'offline', 'offline too_small'],
    [
      'greeting',
      'it is just switched on',
      hears({ name: 'booted', protocol: 1, boot_nonce: 9 }),
      0,
      'greeting',
      'greet',
    ],
    ['greeting', 'it does not understand', refuses('not_understood'), 0, 'offline', 'offline not_understood'],
    ['greeting', 'an order', gets(PULSE), 0, 'greeting', ''],
    ['greeting', 'a tenth of a second', waits, 100, 'greeting', 'greet'],
    ['greeting', 'three seconds', waits, 3_000, 'offline', 'offline silent'],
    ['greeting', 'an event', hears(closing), 0, 'greeting', ''],
    ['inLine', 'three seconds', waits, 3_000, 'offline', 'order 1 no_answer, offline silent'],
    ['inLine', 'greeted', hears(greeted), 0, 'online', 'online, pulse'],
    ['inLine', 'greeted when the person is gone', hears(greeted), 501, 'online', 'online, order 1 too_late, heartbeat'],
    [
      'inLine',
      'it begins anew',
      hears({ name: 'booted', protocol: 1, boot_nonce: 9 }),
      0,
      'greeting',
      'order 1 no_answer, greet',
    ],

    ['configuring', 'taken', hears({ name: 'configured', config_crc32: CRC }), 0, 'online', 'online, heartbeat'],
    [
      'configuring',
      'taken otherwise',
      hears({ name: 'configured', config_crc32: 1 }),
      0,
      'offline',
      'offline not_configured',
    ],
    ['configuring', 'refused', refuses('out_of_range'), 0, 'offline', 'offline not_configured'],
    ['configuring', 'it does not know us any more', refuses('no_session'), 0, 'greeting', 'greet'],
    ['configuring', 'a tenth of a second', waits, 100, 'configuring', 'configure'],

    ['beating', 'alive, the levels', hears(alive), 0, 'online', '0 closed, 1 open'],
    ['beating', 'alive, events are under way', hears({ ...alive, waiting: 1 }), 0, 'online', ''],
    ['beating', 'alive in another session', hears({ ...alive, session: 2 }), 0, 'online', ''],
    ['beating', 'alive, configured otherwise', hears({ ...alive, config_crc32: 1 }), 0, 'configuring', 'configure'],
    ['beating', 'it does not know us any more', refuses('no_session'), 0, 'greeting', 'greet'],
    ['beating', 'an order', gets(PULSE), 0, 'online', 'pulse'],

    ['online', 'an order', gets(PULSE), 0, 'online', 'pulse'],
    ['online', 'a release', gets({ kind: 'release', id: 2, output: 0 }), 0, 'online', 'release'],
    ['online', 'a hold', gets({ kind: 'hold', id: 2, output: 0, ms: 3_000 }), 0, 'online', 'hold'],
    ['online', 'a second', waits, 1_000, 'online', 'heartbeat'],
    ['online', 'three seconds', waits, 3_000, 'offline', 'offline silent'],
    ['online', 'an event', hears(closing), 0, 'online', 'input_taken, 1 closed'],
    [
      'online',
      'an event behind a gap',
      hears({ ...closing, evt_seq: 4 }),
      0,
      'online',
      'input_taken, lost 3, 1 closed',
    ],
    ['online', 'an event of the past', hears({ ...closing, session: 2 }), 0, 'online', ''],
    [
      'online',
      'it was without us',
      hears({ name: 'safe', session: 3, evt_seq: 1, uptime_ms: 1, lost: 0, ended: 1 }),
      0,
      'online',
      'safe_taken, safe 1',
    ],
    ['online', 'it begins anew', hears({ name: 'booted', protocol: 1, boot_nonce: 9 }), 0, 'greeting', 'greet'],
    ['online', 'it began long ago', hears({ name: 'booted', protocol: 1, boot_nonce: BOOT }), 0, 'online', ''],
    ['online', 'an answer nobody waits for', hears({ name: 'pulsed', grant_id: 1 }), 0, 'online', ''],

    ['pulsing', 'pulsed', hears({ name: 'pulsed', grant_id: 1 }), 0, 'online', 'order 1 done'],
    ['pulsing', 'another grant', hears({ name: 'pulsed', grant_id: 2 }), 0, 'online', ''],
    ['pulsing', 'too late', refuses('late'), 0, 'online', 'order 1 too_late'],
    ['pulsing', 'more than it may', refuses('out_of_range'), 0, 'online', 'order 1 refused'],
    ['pulsing', 'not configured', refuses('not_configured'), 0, 'configuring', 'order 1 refused, configure'],
    ['pulsing', 'it does not know us any more', refuses('no_session'), 0, 'greeting', 'order 1 no_answer, greet'],
    [
      'pulsing',
      'it begins anew',
      hears({ name: 'booted', protocol: 1, boot_nonce: 9 }),
      0,
      'greeting',
      'order 1 no_answer, greet',
    ],
    ['pulsing', 'a second order', gets({ ...PULSE, id: 2 }), 0, 'online', ''],
    ['pulsing', 'a tenth of a second', waits, 100, 'online', 'pulse'],
    ['pulsing', 'three seconds', waits, 3_000, 'offline', 'order 1 no_answer, offline silent'],

    ['offline', 'an order', gets(PULSE), 3_000, 'offline', 'order 1 no_answer'],
    ['offline', 'a greeting', hears(greeted), 3_000, 'offline', ''],
    ['offline', 'time', waits, 9_000, 'offline', ''],
  ])('%s: %s', (state, _event, input, atMs, target, deeds) => {
    const host = STATES[state]
    const step = next(host, input(host), atMs)
    expect({ phase: step.host.phase, deeds: words(step.deeds) }).toEqual({ phase: target, deeds })
  })
})

test('an order is said three times, the same to the byte, and then given up', () => {
  const said = [next(online, { kind: 'order', order: PULSE }, 0)]
  for (const atMs of [100, 200, 300]) said.push(next(said.at(-1)!.host, { kind: 'time' }, atMs))
  expect(said.map(({ deeds }) => words(deeds))).toEqual(['pulse', 'pulse', 'pulse', 'order 1 no_answer'])
  const sent = said.slice(0, 3).map(({ deeds }) => (deeds[0]!.kind === 'send' ? deeds[0]!.bytes : null))
  expect(sent[1]).toEqual(sent[0])
  expect(sent[2]).toEqual(sent[0])
})

test('a pulse says by which uptime it must have begun', () => {
  const { deeds } = next(online, { kind: 'order', order: PULSE }, 250)
  const sent = deeds[0]!.kind === 'send' ? decodeMessage(deeds[0]!.bytes.subarray(1, -1)) : null
  expect(sent?.ok && sent.value.message).toEqual({
    name: 'pulse',
    session: 3,
    grant_id: 1,
    output: 0,
    start_by: 5_000 + 250 + 500,
    on_ms: 700,
  })
})

test('an event that is told twice is taken twice and heard once', () => {
  const first = next(online, hears(closing)(online), 0)
  const second = next(first.host, hears(closing)(first.host), 100)
  expect([words(first.deeds), words(second.deeds)]).toEqual(['input_taken, 1 closed', 'input_taken'])
})

test('on a new line to the same controller events go on where they were', () => {
  const { host } = next(online, hears(closing)(online), 0)
  const again = after(hostOf(CONFIG, NONCE, 10, host), { kind: 'opened' }, 10)
  const known = after(again, hears(greeted)(again), 10)
  expect(words(next(known, hears(closing)(known), 10).deeds)).toBe('input_taken')
  const other = next(again, hears({ ...greeted, boot_nonce: 9 })(again), 10)
  expect(words(other.deeds)).toBe('rebooted, online, heartbeat')
  expect(words(next(other.host, hears(closing)(other.host), 10).deeds)).toBe('input_taken, 1 closed')
})

test('of what is in line when it begins anew, only what locks is said afterwards', () => {
  const line = after(inLine, { kind: 'order', order: { kind: 'release', id: 2, output: 0 } })
  const anew = next(line, hears({ name: 'booted', protocol: 1, boot_nonce: BOOT })(line), 0)
  expect(words(anew.deeds)).toBe('order 1 no_answer, greet')
  const known = next(anew.host, hears({ ...greeted, host_nonce: NONCE + 2 })(anew.host), 0)
  expect(words(known.deeds)).toBe('online, release')
  expect(words(next(known.host, hears({ name: 'released', output: 0 })(known.host), 0).deeds)).toBe(
    'order 2 done, heartbeat',
  )
})

test('a seventeenth order in line is refused', () => {
  let host = pulsing
  for (let id = 2; id < 18; id++) host = after(host, { kind: 'order', order: { ...PULSE, id } })
  expect(words(next(host, { kind: 'order', order: { ...PULSE, id: 18 } }, 0).deeds)).toBe('order 18 refused')
})

test('when it wants to be asked', () => {
  expect([greeting, online, offline].map(dueMs)).toEqual([100, 1_000, null])
})
