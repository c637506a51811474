import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import type { Clock } from '../ports.ts'

/** Changes within this time are told together. */
const GATHER_MS = 200

/** How many events wait is told in steps of this many, so that not every scan is a message. */
const WAITING_STEP = 50

/** Who is inside changes with every passage; by itself it is told this often at most, and along with anything else at once. */
const INSIDE_EVERY_MS = 10_000

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
  let toldInside: number | undefined
  let toldAtMs = 0
  let gathering = false
  let isInsideDue = false

  const tellInside = (inMs: number) => {
    if (isInsideDue) return
    isInsideDue = true
    void clock.after(inMs, signal).then(() => {
      isInsideDue = false
      tell()
    })
  }
  const tell = () => {
    if (publish === null || signal.aborted) return
    const now = state()
    const { inside, ...rest } = now
    const shape = JSON.stringify({ ...rest, waiting: Math.ceil((now.waiting ?? 0) / WAITING_STEP) })
    const leftMs = toldAtMs + INSIDE_EVERY_MS - clock.monotonicMs()
    if (shape === told && inside === toldInside) return
    if (shape === told && leftMs > 0) return tellInside(leftMs)
    told = shape
    toldInside = inside
    toldAtMs = clock.monotonicMs()
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
