import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import type { Clock } from '../ports.ts'

/** Changes within this time are told together. */
const GATHER_MS = 200

/** How many events wait is told in steps of this many, so that not every scan is a message. */
const WAITING_STEP = 50

export type StateTeller = {
  /** Something may have changed. */
  touch(): void
  /** A line is there, and nobody on it has heard anything; null: it is gone. */
  connect(publish: ((state: GateState) => Promise<void>) | null): void
}

/** Tells the cloud how the gate is, whenever that has changed. */
export function stateTeller(state: () => GateState, clock: Clock, signal: AbortSignal): StateTeller {
  let publish: ((state: GateState) => Promise<void>) | null = null
  let told = ''
  let gathering = false

  const tell = () => {
    if (publish === null || signal.aborted) return
    const now = state()
    const shape = JSON.stringify({ ...now, waiting: Math.ceil((now.waiting ?? 0) / WAITING_STEP) })
    if (shape === told) return
    told = shape
    publish(now).catch(() => {
      told = ''
    })
  }

  return {
    touch() {
      if (gathering || publish === null) return
      gathering = true
      void clock.after(GATHER_MS, signal).then(() => {
        gathering = false
        tell()
      })
    },
    connect(given) {
      publish = given
      told = ''
      tell()
    },
  }
}
