import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'

/** More readers than a person arms. Beyond it the oldest is dropped; its card is held to the reader again. */
const WAITING_MAX = 16

type Waiting = {
  readonly sealed: string
  readonly untilMs: number
  /** The line it was handed to. */
  on: Publish | null
}
type Publish = (payload: string) => Promise<void>

export type CardSender = {
  /** To the cloud as soon as there is a line, until a time on the monotonic clock; then it is forgotten. */
  send(sealed: string, untilMs: number): void
  /** A line is there; null: it is gone. */
  connect(publish: Publish | null): void
}

/** Holds sealed cards, in memory only, until the broker has them. */
export function cardSender({ clock, log, stopped }: { clock: Clock; log: Log; stopped: AbortSignal }): CardSender {
  let publish: Publish | null = null
  let waiting: Waiting[] = []

  const drop = (one: Waiting) => {
    waiting = waiting.filter(other => other !== one)
  }
  const pump = () => {
    for (const one of waiting) {
      if (publish === null || one.on === publish) continue
      one.on = publish
      publish(one.sealed).then(
        () => drop(one),
        error => log.warn({ error: (error as Error).message }, 'card.not_sent'),
      )
    }
  }

  return {
    send(sealed, untilMs) {
      const one: Waiting = { sealed, untilMs, on: null }
      waiting = [...waiting.slice(1 - WAITING_MAX), one]
      void clock.after(Math.max(0, untilMs - clock.monotonicMs()), stopped).then(() => drop(one))
      pump()
    },
    connect(given) {
      publish = given
      pump()
    },
  }
}
