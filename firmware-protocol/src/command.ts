import { configureMessage } from './configuration.ts'
import type { Deed, Given, Host, OfflineReason, Order, Outcome, Step } from './host.ts'
import { encodeMessage, type Received } from './message.ts'
import { MESSAGES, type Message, type MessageOf, REFUSALS, type Refusal } from './messages.ts'
import { HEARTBEAT_MS, HOST_LOST_MS, START_MS_MAX, TRIES_MAX, TRY_MS } from './timing.ts'

/** Orders in line. A gate has eight doors on a controller; more is a fault of ours. */
const ORDERS_MAX = 16

export type HostInput =
  /** The line is open. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'heard'; readonly received: Received }
  | { readonly kind: 'order'; readonly order: Order }
  /** `dueMs` has come. */
  | { readonly kind: 'time' }

/**
 * The side of the gate: one request at a time, said three times a tenth of a second apart, then given up. Pure: `next`
 * takes what is known and what happened, and gives what is known then and what to do about it.
 */
export function next(host: Host, input: HostInput, atMs: number): Step {
  if (host.phase === 'offline') return input.kind === 'order' ? refuse(host, input.order) : still(host)
  switch (input.kind) {
    case 'opened':
      return greet(host, atMs)
    case 'heard':
      return heard(host, input.received, atMs)
    case 'order':
      return ordered(host, input.order, atMs)
    case 'time':
      return passed(host, atMs)
  }
}

/** When `time` is to be told; null: never. */
export function dueMs({ phase, waiting, beatMs, heardMs }: Host): number | null {
  if (phase === 'offline') return null
  return Math.min(heardMs + HOST_LOST_MS, waiting?.againMs ?? beatMs)
}

function passed(host: Host, atMs: number): Step {
  if (atMs >= host.heardMs + HOST_LOST_MS) return goOffline(host, 'silent')
  const { waiting } = host
  if (waiting === null || atMs < waiting.againMs) return proceed(host, atMs)
  // A controller that was just switched on is asked until it is there; an order is not repeated for ever.
  if (waiting.tries < TRIES_MAX || waiting.about === 'greet' || waiting.about === 'configure') {
    const again = { ...waiting, tries: waiting.tries + 1, againMs: atMs + TRY_MS }
    return { host: { ...host, waiting: again }, deeds: [{ kind: 'send', bytes: waiting.bytes }] }
  }
  const settled = waiting.order === null ? [] : [settle(waiting.order, 'no_answer')]
  return after(settled, proceed({ ...host, waiting: null }, atMs))
}

function ordered(host: Host, order: Order, atMs: number): Step {
  if (host.orders.length >= ORDERS_MAX) return { host, deeds: [settle(order, 'refused')] }
  const inLine = { ...host, orders: [...host.orders, { order, atMs }] }
  // A person is at the door: nobody waits for a heartbeat.
  if (host.waiting?.about !== 'heartbeat') return proceed(inLine, atMs)
  return proceed({ ...inLine, waiting: null, beatMs: atMs }, atMs)
}

/** Says what is next in line, if it is our turn. */
function proceed(host: Host, atMs: number): Step {
  if (host.phase !== 'online' || host.waiting !== null) return still(host)
  const [given, ...orders] = host.orders
  if (given !== undefined) return give({ ...host, orders }, given, atMs)
  if (atMs < host.beatMs) return still(host)
  return say(
    { ...host, beatMs: atMs + HEARTBEAT_MS },
    { name: 'heartbeat', session: host.session },
    { about: 'heartbeat' },
    atMs,
  )
}

function give(host: Host, { order, atMs: givenMs }: Given, atMs: number): Step {
  const { session } = host
  if (order.kind === 'release') {
    return say(host, { name: 'release', session, output: order.output }, { about: 'order', order }, atMs)
  }
  if (atMs > givenMs + START_MS_MAX) return after([settle(order, 'too_late')], proceed(host, atMs))
  const grantId = host.grantId + 1
  const startBy = Math.floor(host.uptime.theirMs + givenMs + START_MS_MAX - host.uptime.atMs) >>> 0
  const grant = { session, grant_id: grantId, output: order.output, start_by: startBy }
  const message: Message =
    order.kind === 'pulse'
      ? { name: 'pulse', ...grant, on_ms: order.ms }
      : { name: 'hold', ...grant, lease_ms: order.ms }
  return say({ ...host, grantId }, message, { about: 'order', order, grantId }, atMs)
}

type About = {
  readonly about: 'greet' | 'configure' | 'heartbeat' | 'order'
  readonly order?: Order
  readonly grantId?: number
}

function say(host: Host, message: Message, { about, order = undefined, grantId = 0 }: About, atMs: number): Step {
  const seq = (host.seq + 1) & 0xff
  const bytes = encodeMessage(message, { seq })
  const op = MESSAGES[message.name].op ?? 0
  const waiting = { about, seq, op, bytes, tries: 1, againMs: atMs + TRY_MS, order: order ?? null, grantId }
  return { host: { ...host, seq, waiting }, deeds: [{ kind: 'send', bytes }] }
}

/** From the beginning: a new line, or a controller that does not know us any more. */
function greet(host: Host, atMs: number): Step {
  const said = host.waiting?.order ?? null
  const nonce = (host.nonce + 1) >>> 0
  // Nobody is let in by what was granted before; to be brought to rest is wanted at any time.
  const orders = host.orders.filter(({ order }) => order.kind === 'release')
  const dropped = host.orders.filter(({ order }) => order.kind !== 'release').map(({ order }) => order)
  const fresh: Host = { ...host, phase: 'greeting', nonce, session: 0, grantId: 0, waiting: null, orders }
  return after(
    [...(said === null ? [] : [said]), ...dropped].map(order => settle(order, 'no_answer')),
    say(fresh, { name: 'greet', protocol: 1, host_nonce: nonce }, { about: 'greet' }, atMs),
  )
}

function configure(host: Host, atMs: number): Step {
  const message = configureMessage(host.config, host.session)
  return say({ ...host, phase: 'configuring' }, message, { about: 'configure' }, atMs)
}

function goOnline(host: Host, atMs: number): Step {
  return after([{ kind: 'online' }], proceed({ ...host, phase: 'online', beatMs: atMs }, atMs))
}

function goOffline(host: Host, why: OfflineReason): Step {
  const orders = [...(host.waiting?.order ? [host.waiting.order] : []), ...host.orders.map(({ order }) => order)]
  return {
    host: { ...host, phase: 'offline', waiting: null, orders: [] },
    deeds: [...orders.map(order => settle(order, 'no_answer')), { kind: 'offline', why }],
  }
}

function heard(host: Host, { message, ack, op }: Received, atMs: number): Step {
  const { waiting } = host
  switch (message.name) {
    case 'booted':
      return booted(host, message.boot_nonce, atMs)
    case 'input':
    case 'safe':
      return happened(host, message, atMs)
  }
  // An answer to what we do not ask any more.
  if (waiting === null || waiting.seq !== ack || waiting.op !== op) return still(host)
  const answered: Host = { ...host, heardMs: atMs, waiting: null }
  switch (message.name) {
    case 'greeted':
      return message.host_nonce === host.nonce ? greeted(answered, message, atMs) : still(host)
    case 'configured':
      return message.config_crc32 === host.configCrc ? goOnline(answered, atMs) : goOffline(answered, 'not_configured')
    case 'alive':
      return message.session === host.session ? alive(answered, message, atMs) : still(host)
    case 'pulsed':
    case 'held':
      return message.grant_id === waiting.grantId ? done(answered, waiting.order!, atMs) : still(host)
    case 'released':
      return done(answered, waiting.order!, atMs)
    case 'refused':
      return refused(host, refusalOf(message.code), atMs)
    default:
      return still(host)
  }
}

function greeted(host: Host, message: MessageOf<'greeted'>, atMs: number): Step {
  const { boot_nonce: boot, session, uptime_ms: theirMs } = message
  const isAnew = boot !== host.boot
  const known: Host = {
    ...host,
    boot,
    session,
    uptime: { theirMs, atMs },
    nextEvent: isAnew ? null : host.nextEvent,
  }
  const { outputs, inputs } = host.config
  if (outputs.some(({ output }) => output >= message.outputs) || inputs.some(({ input }) => input >= message.inputs))
    return goOffline(known, 'too_small')
  const rebooted: Deed[] = isAnew && host.boot !== null ? [{ kind: 'rebooted' }] : []
  return after(rebooted, message.config_crc32 === host.configCrc ? goOnline(known, atMs) : configure(known, atMs))
}

function booted(host: Host, boot: number, atMs: number): Step {
  // Said before the greeting that we have an answer to.
  if (boot === host.boot) return still(host)
  return greet({ ...host, heardMs: atMs }, atMs)
}

function alive(host: Host, message: MessageOf<'alive'>, atMs: number): Step {
  const known: Host = { ...host, uptime: { theirMs: message.uptime_ms, atMs } }
  if (message.config_crc32 !== host.configCrc) return configure(known, atMs)
  // Levels count when no event is under way: what it has to tell was before them, and would be told after.
  if (message.waiting > 0 || (host.nextEvent ?? message.next_evt_seq) !== message.next_evt_seq)
    return proceed(known, atMs)
  const levels = host.told.map((_, input) => (message.closed & (1 << input)) !== 0)
  const asked = host.config.inputs.map(({ input }) => input)
  const changed = asked.filter(input => host.told[input] !== levels[input])
  return after(
    changed.map(input => ({ kind: 'input', input, closed: levels[input]!, event: null })),
    proceed({ ...known, nextEvent: message.next_evt_seq, told: levels }, atMs),
  )
}

function done(host: Host, order: Order, atMs: number): Step {
  return after([settle(order, 'done')], proceed(host, atMs))
}

function refused(host: Host, why: Refusal, atMs: number): Step {
  const waiting = host.waiting!
  const answered: Host = { ...host, heardMs: atMs }
  if (why === 'no_session' && waiting.about !== 'greet') return greet(answered, atMs)
  if (waiting.about === 'greet') return goOffline(answered, 'not_understood')
  if (waiting.about === 'configure') return goOffline(answered, 'not_configured')
  const free: Host = { ...answered, waiting: null }
  if (waiting.order === null) return proceed(free, atMs)
  const settled = settle(waiting.order, why === 'late' ? 'too_late' : 'refused', why)
  return after([settled], why === 'not_configured' ? configure(free, atMs) : proceed(free, atMs))
}

function happened(host: Host, event: MessageOf<'input'> | MessageOf<'safe'>, atMs: number): Step {
  if (host.phase === 'greeting' || event.session !== host.session) return still(host)
  const { session, evt_seq } = event
  const name = event.name === 'input' ? 'input_taken' : 'safe_taken'
  const bytes = encodeMessage({ name, session, evt_seq }, { ack: evt_seq & 0xff })
  const taken: Deed = { kind: 'send', bytes }
  const known: Host = { ...host, heardMs: atMs }
  // Our acknowledgement was lost.
  if (host.nextEvent !== null && evt_seq < host.nextEvent) return { host: known, deeds: [taken] }
  const count = host.nextEvent === null ? event.lost : evt_seq - host.nextEvent
  const lost: Deed[] = count > 0 ? [{ kind: 'lost', count }] : []
  const newer: Host = { ...known, nextEvent: evt_seq + 1 }
  if (event.name === 'safe') {
    return { host: newer, deeds: [taken, ...lost, { kind: 'safe', ended: event.ended, event: evt_seq }] }
  }
  const closed = event.closed === 1
  const told = host.told.map((level, input) => (input === event.input ? closed : level))
  return {
    host: { ...newer, told },
    deeds: [taken, ...lost, { kind: 'input', input: event.input, closed, event: evt_seq }],
  }
}

function refusalOf(code: number): Refusal {
  const known = (Object.keys(REFUSALS) as Refusal[]).find(name => REFUSALS[name] === code)
  return known ?? 'not_understood'
}

function refuse(host: Host, order: Order): Step {
  return { host, deeds: [settle(order, 'no_answer')] }
}

function settle({ id }: Order, outcome: Outcome, why: Refusal | null = null): Deed {
  return { kind: 'settled', id, outcome, why }
}

function still(host: Host): Step {
  return { host, deeds: [] }
}

function after(deeds: readonly Deed[], step: Step): Step {
  return { host: step.host, deeds: [...deeds, ...step.deeds] }
}
