import { ACK_TYP, Ack, BATCH_EVENTS_MAX } from '@gatehouse/shared/events/batch.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { growingPauses } from '../core/pauses.ts'
import type { Trust } from '../list/trust.ts'
import { verifyJws } from '../list/verify-jws.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import type { Journal } from '../store/journal.ts'
import { fitting } from './batch.ts'

/** More would not make the cloud faster, and all of it is sent again after a lost line. */
const IN_FLIGHT_MAX = 2

/** A commit takes milliseconds; a cloud that is busy or coming up is given longer each time. */
const ACK_MS_MIN = 5_000
const ACK_MS_MAX = 60_000

export type EventSenderNeeds = {
  readonly gate: string
  readonly journal: Journal
  readonly trust: Trust
  readonly sign: (events: readonly ChainedEvent[]) => Promise<string>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Told when what is waiting has changed. */
  readonly acknowledged: () => void
}

export type EventSender = {
  /** There may be something to send. */
  wake(): void
  /** A line is there: everything that is not acknowledged is sent again. Null: it is gone. */
  connect(publish: ((payload: string) => Promise<void>) | null): void
  /** What came on the acks topic. Anybody could have sent it. */
  heard(jws: string): Promise<void>
}

/**
 * Sends the journal in order, at most two batches ahead of the cloud's own signed acknowledgement, until that comes.
 * The broker's PUBACK means nothing: Mosquitto gives it to an event that nobody has heard.
 */
export function eventSender(needs: EventSenderNeeds): EventSender {
  const { gate, journal, trust, sign, clock, random, log } = needs
  const pauses = growingPauses({ firstMs: ACK_MS_MIN, lastMs: ACK_MS_MAX, random })
  let publish: ((payload: string) => Promise<void>) | null = null
  let cursor = 0
  let inFlight: number[] = []
  let pumping = false
  let watching = new AbortController()

  const pump = async () => {
    if (pumping) return
    pumping = true
    try {
      while (publish !== null && inFlight.length < IN_FLIGHT_MAX) {
        const line = publish
        const from = cursor
        const events = fitting(journal.after(from, BATCH_EVENTS_MAX))
        const last = events.at(-1)
        if (last === undefined) break
        const batch = await sign(events)
        // Another line, or an ack, came while it was signed: look anew.
        if (publish !== line || cursor !== from) continue
        cursor = last.record.sequence
        inFlight.push(cursor)
        line(batch).catch(error => log.warn({ error: (error as Error).message }, 'events.not_sent'))
        if (inFlight.length === 1) void watch()
      }
    } catch (error) {
      log.error({ error: String(error) }, 'events.failed')
    } finally {
      pumping = false
    }
  }

  /** Sends again what is in flight when no ack comes. */
  const watch = async () => {
    watching.abort()
    watching = new AbortController()
    const { signal } = watching
    const waitMs = pauses.next()
    await clock.after(waitMs, signal)
    if (signal.aborted || publish === null || inFlight.length === 0) return
    log.warn({ waiting: journal.highest() - journal.acknowledged(), waitMs: Math.round(waitMs) }, 'events.sent_again')
    rewind()
    void pump()
  }

  const rewind = () => {
    watching.abort()
    inFlight = []
    cursor = journal.acknowledged()
  }

  return {
    wake: () => void pump(),
    connect(given) {
      publish = given
      rewind()
      pauses.reset()
      void pump()
    },
    async heard(jws) {
      const payload = await verifyJws(jws, { typ: ACK_TYP, use: 'ack', trust })
      // The line went meanwhile, and perhaps the journal with it. The cloud says it again.
      if (publish === null) return
      const ack = payload.ok ? Ack.safeParse(payload.value) : null
      if (!payload.ok || !ack?.success || ack.data.gate !== gate) {
        log.error({ failure: payload.ok ? 'malformed' : payload.failure }, 'ack.refused')
        return
      }
      const { sequence, hash } = ack.data
      const acknowledged = journal.acknowledge(sequence, hash)
      if (!acknowledged.ok) {
        // Nothing is deleted. A person must look: this disk was copied or set back, or the cloud is not ours.
        log.error({ failure: acknowledged.failure, sequence, highest: journal.highest() }, 'ack.refused')
        return
      }
      const before = inFlight.length
      inFlight = inFlight.filter(last => last > sequence)
      cursor = Math.max(cursor, sequence)
      if (inFlight.length < before) {
        pauses.reset()
        watching.abort()
        if (inFlight.length > 0) void watch()
      }
      needs.acknowledged()
      void pump()
    },
  }
}
