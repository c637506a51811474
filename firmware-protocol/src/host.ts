import { type Configuration, configurationCrc, configureMessage } from './configuration.ts'
import { INPUTS_MAX, type Refusal } from './messages.ts'

/** What is asked of an output, counted from 0. `id` is the caller's, and comes back when it is settled. */
export type Order =
  | { readonly kind: 'pulse' | 'hold'; readonly id: number; readonly output: number; readonly ms: number }
  | { readonly kind: 'release'; readonly id: number; readonly output: number }

/** `too_late`: it could not be said, or was not heard, within its time. `no_answer`: it may have been executed, and is not said again. */
export type Outcome = 'done' | 'refused' | 'too_late' | 'no_answer'

/**
 * `silent`: nothing for three heartbeats. `not_understood`: it speaks something else. `not_configured`: it did not take
 * its configuration. `too_small`: it has fewer outputs or inputs than are configured.
 */
export type OfflineReason = 'silent' | 'not_understood' | 'not_configured' | 'too_small'

/** What is to be done about it, in this order. */
export type Deed =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'settled'; readonly id: number; readonly outcome: Outcome; readonly why: Refusal | null }
  | { readonly kind: 'online' }
  | { readonly kind: 'offline'; readonly why: OfflineReason }
  /** The controller began anew: its outputs are at rest, and what it had not told is gone. */
  | { readonly kind: 'rebooted' }
  /** A level. `event`: of this event, or null where it was looked up, which nothing happened to. */
  | { readonly kind: 'input'; readonly input: number; readonly closed: boolean; readonly event: number | null }
  /** It had lost us, and brought these outputs to rest: a bit an output. */
  | { readonly kind: 'safe'; readonly ended: number; readonly event: number }
  /** So many events happened that we will never hear of. */
  | { readonly kind: 'lost'; readonly count: number }

/** The one request that is not answered yet. */
export type Waiting = {
  readonly about: 'greet' | 'configure' | 'heartbeat' | 'order'
  readonly seq: number
  readonly op: number
  readonly bytes: Uint8Array
  /** How often it was said. */
  readonly tries: number
  readonly againMs: number
  readonly order: Order | null
  readonly grantId: number
}

/** An order in line, with the moment it was given. */
export type Given = { readonly order: Order; readonly atMs: number }

/**
 * What a gate knows of its controller. `greeting`: who is there? `configuring`: it is told what hangs on it. `online`.
 * `offline` is the end: whoever wants to try again opens the line anew.
 */
export type Host = {
  readonly phase: 'greeting' | 'configuring' | 'online' | 'offline'
  readonly config: Configuration
  readonly configCrc: number
  readonly nonce: number
  readonly boot: number | null
  readonly session: number
  readonly seq: number
  readonly grantId: number
  readonly waiting: Waiting | null
  readonly orders: readonly Given[]
  /** Its clock when we last heard of it, and ours: it is never behind what follows from them. */
  readonly uptime: { readonly theirMs: number; readonly atMs: number }
  readonly heardMs: number
  readonly beatMs: number
  /** The number of the event that comes next; null before the first of a start. */
  readonly nextEvent: number | null
  readonly told: readonly (boolean | null)[]
}

export type Step = { readonly host: Host; readonly deeds: readonly Deed[] }

/** What is known from the line before: which start of the controller it was, and which of its events is next. */
export type Memory = Pick<Host, 'boot' | 'nextEvent'>
export const NO_MEMORY: Memory = { boot: null, nextEvent: null }

/** Before anything was said on a line. `nonce`: 32 bits by chance. */
export function hostOf(config: Configuration, nonce: number, atMs: number, { boot, nextEvent } = NO_MEMORY): Host {
  return {
    phase: 'greeting',
    config,
    configCrc: configurationCrc(configureMessage(config, 0)),
    nonce,
    boot,
    session: 0,
    // Not from 0: what was said on the line before may still be answered.
    seq: nonce & 0xff,
    grantId: 0,
    waiting: null,
    orders: [],
    uptime: { theirMs: 0, atMs },
    heardMs: atMs,
    beatMs: atMs,
    nextEvent,
    told: Array.from({ length: INPUTS_MAX }, () => null),
  }
}
