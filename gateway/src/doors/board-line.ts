import type { Result } from '@gatehouse/shared/result.ts'
import type { PulseTiming } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { DoorFailure } from '../ports.ts'

/** What a board tells of its inputs, by itself or because it is asked again and again. Channels are the board's own. */
export type BoardEvent =
  /** Every level once on a new line, and then each change. `closed`: the contact is. */
  | { readonly kind: 'input'; readonly channel: number; readonly closed: boolean }
  /** Of a turnstile that says so itself: somebody went through in the direction of this output. */
  | { readonly kind: 'passed'; readonly channel: number }
  | { readonly kind: 'fault'; readonly problem: string }

/** A board on an open line. Calls may come while another is under way; it says one thing at a time. */
export type BoardLine = AsyncDisposable & {
  /**
   * Brings an output to a level and leaves it there. Asked first of all on a new line, for every output that is used:
   * `no_answer` there means that there is no board. Boards that answer nothing are believed when the bytes went out.
   */
  set(channel: number, energised: boolean): Promise<Result<null, DoorFailure>>
  /**
   * Of a board that ends a pulse by itself: brings an output to the level, and the board brings it back after `ms`.
   * Without an answer it is not sent again: the board may have heard it, and a second one would open a second time for
   * one person. Null: the board has no timer, and the pulse is ended by `set`.
   */
  readonly flash: ((channel: number, energised: boolean, ms: number) => Promise<Result<null, DoorFailure>>) | null
  /** Tells what happens until the line ends; throws when it was lost. Called once. */
  listen(tell: (event: BoardEvent) => void): Promise<void>
}

/** How a board of a family is reached. Families are in `families.ts`. */
export type BoardDriver = {
  readonly pulse: PulseTiming
  /** Opens the line; what is on it is made safe by the caller. Throws one sentence with the remedy. */
  open(signal: AbortSignal): Promise<BoardLine>
}
