import type { ChainedEvent, EventRecord } from '@gatehouse/shared/events/record.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { type Now, raiseFloor, tell, trustedTimeFrom } from './core/trusted-time.ts'
import type { Clock } from './ports.ts'
import type { Journal } from './store/journal.ts'
import type { ListFacts } from './store/list-store.ts'

/** One look at all the clocks. */
export type Moment = Now & { readonly wallMs: number; readonly monotonicMs: number }

/** What the one who saw it says of an event; the recorder adds time, list and place in the chain. */
export type Happening = Pick<EventRecord, 'kind'> &
  Partial<Pick<EventRecord, 'lane' | 'passId' | 'credential' | 'decision' | 'details'>>

export type Recorder = {
  now(): Moment
  /** Durable when it returns. */
  record(happening: Happening, at?: Moment): Result<ChainedEvent, 'disk_full'>
  /** Somebody whom we trust has signed this moment. */
  heardTime(signedMs: number): void
  /** Quality of the clock at the last look. */
  clockQuality(): Now['quality']
}

export type RecorderNeeds = {
  readonly journal: Journal
  readonly clock: Clock
  readonly bootId: string
  readonly list: () => Pick<ListFacts, 'version' | 'policyHash'>
  /** Hears of each event after it is durable. */
  readonly recorded: (event: ChainedEvent) => void
}

/**
 * Writes down what happens, with the time as this gate knows it. What could not be written while the disk was full is
 * said as one alarm when there is room again, so that the log shows its own gap.
 */
export function recorderOn({ journal, clock, bootId, list, recorded }: RecorderNeeds): Recorder {
  let time = trustedTimeFrom(journal.timeFloorMs())
  let quality: Now['quality'] = 'unconfirmed'
  let unwritten = 0
  const began = clock.monotonicMs()

  const look = (): Moment => {
    const wallMs = Math.max(0, Math.floor(clock.wallMs()))
    const monotonicMs = clock.monotonicMs()
    const told = tell(time, { wallMs, monotonicMs })
    time = told.time
    return { ...told.now, wallMs, monotonicMs: Math.max(0, Math.floor(monotonicMs - began)) }
  }

  const write = (happening: Happening, at: Moment): Result<ChainedEvent, 'disk_full'> => {
    const { version, policyHash } = list()
    const event = journal.append({
      ...happening,
      listVersion: version,
      policyHash,
      trustedTimeMs: at.trustedMs,
      wallTimeMs: at.wallMs,
      monotonicMs: at.monotonicMs,
      bootId,
      clockQuality: at.quality,
    })
    if (event.ok) recorded(event.value)
    return event
  }

  const now = (): Moment => {
    const moment = look()
    if (moment.quality !== quality) {
      quality = moment.quality
      write({ kind: 'clock', details: { quality } }, moment)
    }
    return moment
  }

  return {
    now,
    record(happening, at = now()) {
      if (unwritten > 0) {
        const said = write({ kind: 'alarm', details: { problem: 'journal_full', unwritten } }, at)
        if (said.ok) unwritten = 0
      }
      const event = unwritten > 0 ? fail('disk_full') : write(happening, at)
      if (!event.ok) {
        unwritten++
        return event
      }
      return ok(event.value)
    },
    heardTime(signedMs) {
      time = raiseFloor(time, signedMs)
      journal.raiseTimeFloor(signedMs)
    },
    clockQuality: () => quality,
  }
}
