import type { ChainedEvent, ClockQuality, EventRecord } from '@gatehouse/shared/events/record.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { atBoot, type Reading, signedFloor, signedTime, tell } from './core/trusted-time.ts'
import type { Clock } from './ports.ts'
import type { Along, Journal } from './store/journal.ts'
import type { ListFacts } from './store/list-store.ts'

/** One look at all the clocks. */
export type Moment = {
  readonly trustedMs: number
  readonly quality: ClockQuality
  readonly wallMs: number
  readonly monotonicMs: number
}

/** What the one who saw it says of an event; the recorder adds time, list and place in the chain. */
export type Happening = Pick<EventRecord, 'kind'> &
  Partial<Pick<EventRecord, 'lane' | 'passId' | 'credential' | 'decision' | 'details'>>

export type Recorder = {
  now(): Moment
  /** Durable when it returns, and with it what goes along: a moving code that it grants, who went in or out. */
  record(happening: Happening, at?: Moment, along?: Along): Result<ChainedEvent, 'disk_full'>
  /** Somebody whom we trust has signed this moment: no earlier one can be now. */
  heardTime(signedMs: number): void
  /** Somebody whom we trust says that this is now. */
  heardPresentTime(signedMs: number): void
  /** Quality of the clock at the last look. */
  clockQuality(): ClockQuality
}

export type RecorderNeeds = {
  readonly journal: Journal
  readonly clock: Clock
  readonly bootId: string
  readonly list: () => Pick<ListFacts, 'version' | 'issuedAtS' | 'policyHash'>
  /** Hears of each event after it is durable. */
  readonly recorded: (event: ChainedEvent) => void
}

/**
 * Writes down what happens, with the time as this gate knows it. What could not be written while the disk was full is
 * said as one alarm when there is room again, so that the log shows its own gap.
 */
export function recorderOn({ journal, clock, bootId, list, recorded }: RecorderNeeds): Recorder {
  let unwritten = 0
  const began = clock.monotonicMs()
  const reading = (): Reading => ({
    wallMs: Math.max(0, Math.floor(clock.wallMs())),
    monotonicMs: Math.max(0, Math.floor(clock.monotonicMs() - began)),
  })

  let time = atBoot(journal.timeFloorMs(), reading())
  let quality: ClockQuality = 'unconfirmed'

  const write = (happening: Happening, at: Moment, along: Along = {}): Result<ChainedEvent, 'disk_full'> => {
    const { version, issuedAtS, policyHash } = list()
    const event = journal.append(
      {
        ...happening,
        listVersion: version,
        ...(version > 0 && { listIssuedAtS: issuedAtS }),
        policyHash,
        trustedTimeMs: at.trustedMs,
        wallTimeMs: at.wallMs,
        monotonicMs: at.monotonicMs,
        bootId,
        clockQuality: at.quality,
      },
      along,
    )
    if (event.ok) recorded(event.value)
    return event
  }

  const now = (): Moment => {
    const looked = reading()
    const told = tell(time, looked)
    time = told.state
    const moment = { trustedMs: told.trustedMs, quality: told.quality, ...looked }
    if (told.wallMoved !== null || told.quality !== quality) {
      quality = told.quality
      write({ kind: 'clock', details: { quality, wall: time.wall } }, moment)
    }
    return moment
  }

  return {
    now,
    record(happening, at = now(), along = {}) {
      if (unwritten > 0) {
        const said = write({ kind: 'alarm', details: { problem: 'journal_full', unwritten } }, at)
        if (said.ok) unwritten = 0
      }
      const event = unwritten > 0 ? fail('disk_full') : write(happening, at, along)
      if (!event.ok) {
        unwritten++
        return event
      }
      return ok(event.value)
    },
    heardTime(signedMs) {
      journal.raiseTimeFloor(signedMs)
      time = signedFloor(time, signedMs, reading())
      // Looked at now, so that an idle gate too says at once how its clock stands.
      now()
    },
    heardPresentTime(signedMs) {
      journal.raiseTimeFloor(signedMs)
      time = signedTime(time, signedMs, reading())
      now()
    },
    clockQuality: () => quality,
  }
}
