import type { Card } from '@gatehouse/shared/list/card.ts'
import type { Result } from '@gatehouse/shared/result.ts'
import type { PulseTiming } from '@gatehouse/shared/wire/hardware/board-config.ts'

/** A line of bytes to a device: a serial port, a serial server on the network, or an array in a test. */
export type BytePort = AsyncDisposable & {
  /** Ends when the port closes, whoever closed it; throws when the device went away. */
  readonly incoming: AsyncIterable<Uint8Array>
  /** Throws when the bytes could not be handed over within the port's deadline. */
  write(bytes: Uint8Array): Promise<void>
}

/** Opens a line; `signal` gives up the opening, and closes what was opened. Throws one sentence with the remedy. */
export type OpenPort = (signal: AbortSignal) => Promise<BytePort>

/** A HID endpoint: whole reports in and out, the report id first. Its drivers come after it. */
export type ReportPort = AsyncDisposable & {
  readonly reports: AsyncIterable<Uint8Array>
  write(report: Uint8Array): Promise<void>
  sendFeature(report: Uint8Array): Promise<void>
  feature(reportId: number, bytesMax: number): Promise<Uint8Array>
}

/** What was presented: a card, as its technology knows it, or a code exactly as it was printed. */
export type Credential =
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'code'; readonly text: string }
  /** A card whose parity did not come out: all bits as they came, which stay in this gate's journal and open nothing. */
  | { readonly kind: 'misread'; readonly card: Card }

/** A credential seen by a reader. */
export type Scan = {
  readonly readerId: string
  readonly credential: Credential
  /** On the monotonic clock. */
  readonly atMs: number
}

/** Anything that sees credentials. Drivers are in `readers/`. */
export type Reader = {
  readonly id: string
  /** Scans, oldest first, until `signal` aborts. Throws when the device goes away; `keepOpen` is what tries again. */
  scans(signal: AbortSignal): AsyncIterable<Scan>
  /** Tells the person at the reader how it went, by its light, buzzer or display. Said and forgotten; nothing where it has none. */
  tell(outcome: Outcome): void
}

export type Outcome = 'granted' | 'refused'

/**
 * `absent`: no line to it. `too_late`: the grant is older than a person would wait. `no_answer`, `refused`: by the board.
 * `interlocked`: another door of the same interlock is open.
 */
export type DoorFailure = 'absent' | 'too_late' | 'no_answer' | 'refused' | 'write_failed' | 'interlocked'

/** Something tells of passages, or a sensor of openings, or nothing tells of anything. */
export type Evidence = 'passage' | 'opening' | 'none'

/** Who a door is released for: the event that says so, and the pass in it. */
export type Grant = { readonly sequence: number | null; readonly passId: string | null }

export type Door = {
  readonly pulse: PulseTiming
  /** The most that is ever known of somebody who was let through. */
  readonly evidence: Evidence
  /** Opens once, for the configured time, for a grant made at `grantedAtMs` on the monotonic clock. Never queued, never repeated. */
  release(grantedAtMs: number, grant: Grant): Promise<Result<null, DoorFailure>>
}

export type Clock = {
  /** Unix milliseconds of the wall. May jump. */
  wallMs(): number
  /** Milliseconds that only rise, from any beginning. */
  monotonicMs(): number
  /** Resolves after this long; at once, without an error, when `signal` aborts. */
  after(ms: number, signal?: AbortSignal): Promise<void>
}

/** Resolves when a device appeared or went, and when `signal` aborts. */
export type Plugged = (signal: AbortSignal) => Promise<void>

/** Whether a device is there, and if not, why, in one sentence with the remedy. */
export type Health = { readonly up: true } | { readonly up: false; readonly problem: string }

/** Hears of every change; says nothing back. */
export type ReportHealth = (health: Health) => void
