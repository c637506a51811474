import type { Result } from '@gatehouse/shared/result.ts'
import type { DoorFailure, PulseTiming } from '../ports.ts'
import type { Wire } from './wire.ts'

/** One relay of a board, as its family speaks. */
export type Relay = {
  readonly pulse: PulseTiming
  /** Lets the door be opened once, for the configured time and no longer. */
  open(wire: Wire): Promise<Result<null, DoorFailure>>
  /** Takes the power off now. Also asked first of all on a new line: `no_answer` there means no board. */
  secure(wire: Wire): Promise<Result<null, DoorFailure>>
}
