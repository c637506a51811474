import type { Kind } from './frame.ts'

/**
 * Every message between a gate and its door controller, in one table: from it frames are written and read, and the
 * tables of docs/door-protocol.md are held to it. Fields follow each other without padding, little-endian.
 */

export const OUTPUTS_MAX = 8
export const INPUTS_MAX = 16

/** Longest pulse. As long as a gate may release a door. */
export const PULSE_MS_MAX = 30_000
/** Longest time that a door stays released without the gate saying so again. */
export const LEASE_MS_MAX = 5_000

/** What a number is: `u8`, `u16`, `u32`, or several of them in a row. */
export type Field = {
  readonly type: 'u8' | 'u16' | 'u32'
  /** How many; 1 is a number and not a list. */
  readonly count: number
  readonly min: number
  readonly max: number
  readonly means: string
}

const TYPE_MAX = { u8: 0xff, u16: 0xffff, u32: 0xffffffff } as const

type Limits = { readonly min?: number; readonly max?: number }
type One = Field & { readonly count: 1 }
type Many = Field & { readonly many: true }

const number =
  (type: Field['type']) =>
  (means: string, { min = 0, max = TYPE_MAX[type] }: Limits = {}): One => ({ type, count: 1, min, max, means })
const u8 = number('u8')
const u16 = number('u16')
const u32 = number('u32')
const several = (count: number, { type, min, max, means }: Field): Many => ({
  type,
  count,
  min,
  max,
  means,
  many: true,
})

const session = u32('the session that it belongs to; what carries another is of the past')
const output = u8('output, from 0', { max: OUTPUTS_MAX - 1 })
const startBy = u32('uptime of the controller, in ms, after which it does nothing')
const grant = { session, grant_id: u32('rises by one with each; one is executed at most once', { min: 1 }), output }
const uptime = u32('ms since the controller began, over and over after 2^32')
const happened = {
  session,
  evt_seq: u32('rises by one with each event since the controller began, from 1', { min: 1 }),
  uptime_ms: uptime,
  lost: u32('events between the last acknowledged one and this that were pushed out'),
}
const bits = 'a bit an input, the lowest is input 0'

export const MESSAGES = {
  greet: {
    kind: 'request',
    op: 0x01,
    fields: {
      protocol: u8('version of this table', { min: 1, max: 1 }),
      host_nonce: u32('by chance; another one begins another session'),
    },
  },
  greeted: {
    kind: 'response',
    op: 0x01,
    fields: {
      protocol: u8('version of this table', { min: 1, max: 1 }),
      host_nonce: u32('of the request'),
      boot_nonce: u32('by chance at each start of the controller'),
      session: u32('the session that begins; never the same twice in one start', { min: 1 }),
      firmware: u16('version of the program: major in the high byte, minor in the low'),
      outputs: u8('how many there are', { min: 1, max: OUTPUTS_MAX }),
      inputs: u8('how many there are', { max: INPUTS_MAX }),
      config_crc32: u32('of the configuration in force; 0: none'),
      uptime_ms: uptime,
    },
  },
  booted: {
    kind: 'hello',
    op: 0x01,
    fields: { protocol: u8('version of this table'), boot_nonce: u32('by chance at each start of the controller') },
  },
  configure: {
    kind: 'request',
    op: 0x02,
    fields: {
      session,
      rest: u8('a bit an output, the lowest is output 0: 1 is energised at rest'),
      max_on_ms: several(
        OUTPUTS_MAX,
        u16('longest time away from rest by pulses; 0: not in use', { max: PULSE_MS_MAX }),
      ),
      active_high: u16(`${bits}: 1 is closed at a high level, 0 at a low one`),
      debounce_ms: several(INPUTS_MAX, u8('how long a level must stand until it counts')),
    },
  },
  configured: { kind: 'response', op: 0x02, fields: { config_crc32: u32('of the configuration in force') } },
  heartbeat: { kind: 'request', op: 0x03, fields: { session } },
  alive: {
    kind: 'response',
    op: 0x03,
    fields: {
      session,
      uptime_ms: uptime,
      config_crc32: u32('of the configuration in force'),
      away: u8('a bit an output: 1 is away from rest'),
      closed: u16(`${bits}: 1 is closed`),
      waiting: u8('events that nobody acknowledged yet'),
      next_evt_seq: u32('of the event that will be next', { min: 1 }),
    },
  },
  pulse: {
    kind: 'request',
    op: 0x10,
    fields: { ...grant, start_by: startBy, on_ms: u16('how long', { min: 1, max: PULSE_MS_MAX }) },
  },
  pulsed: { kind: 'response', op: 0x10, fields: { grant_id: u32('of the request') } },
  hold: {
    kind: 'request',
    op: 0x11,
    fields: {
      ...grant,
      start_by: startBy,
      lease_ms: u16('how long, unless it is said again', { min: 1, max: LEASE_MS_MAX }),
    },
  },
  held: { kind: 'response', op: 0x11, fields: { grant_id: u32('of the request') } },
  release: { kind: 'request', op: 0x12, fields: { session, output } },
  released: { kind: 'response', op: 0x12, fields: { output } },
  input: {
    kind: 'event',
    op: 0x20,
    fields: {
      ...happened,
      input: u8('input, from 0', { max: INPUTS_MAX - 1 }),
      closed: u8('1: the contact closed, 0: it opened', { max: 1 }),
    },
  },
  safe: {
    kind: 'event',
    op: 0x21,
    fields: { ...happened, ended: u8('a bit an output: 1 was away from rest and was brought back') },
  },
  input_taken: {
    kind: 'acknowledgement',
    op: 0x20,
    fields: { session, evt_seq: u32('this one and all before it', { min: 1 }) },
  },
  safe_taken: {
    kind: 'acknowledgement',
    op: 0x21,
    fields: { session, evt_seq: u32('this one and all before it', { min: 1 }) },
  },
  refused: { kind: 'refusal', op: null, fields: { code: u8('why', { min: 1 }) } },
} as const satisfies Record<string, Layout>

export type Layout = {
  readonly kind: Kind
  /** Null: that of the request which is refused. */
  readonly op: number | null
  readonly fields: Readonly<Record<string, Field>>
}

export type MessageName = keyof typeof MESSAGES
type ValueOf<Of> = Of extends { readonly many: true } ? readonly number[] : number
type FieldsOf<Name extends MessageName> = (typeof MESSAGES)[Name]['fields']

/** A message with its numbers: `{ name: 'release', session: 7, output: 0 }`. */
export type MessageOf<Name extends MessageName> = { readonly name: Name } & {
  readonly [Key in keyof FieldsOf<Name>]: ValueOf<FieldsOf<Name>[Key]>
}
export type Message = { [Name in MessageName]: MessageOf<Name> }[MessageName]

/** Why a request is not executed. */
export const REFUSALS = {
  /** No such request, or not of the length it has. */
  not_understood: 1,
  /** A number that the table does not allow, or more than the output may. */
  out_of_range: 2,
  /** Of another session, or before the first: greet again. */
  no_session: 3,
  /** Nothing was configured since the controller began. */
  not_configured: 4,
  /** It came after its `start_by`. */
  late: 5,
} as const
export type Refusal = keyof typeof REFUSALS
