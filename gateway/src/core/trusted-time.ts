import type { ClockQuality } from '@gatehouse/shared/events/record.ts'

/** The wall clock may be this far behind what we know and still be slewed by NTP rather than set. */
const SLEW_MS_MAX = 120_000

/** What is known about the time. `floorMs`: no moment before it can be now, because somebody signed a later one. */
export type TrustedTime = {
  readonly floorMs: number
  /** The last answer and when on the monotonic clock it was given; null before the first. */
  readonly last: { readonly trustedMs: number; readonly monotonicMs: number } | null
}

export type Now = { readonly trustedMs: number; readonly quality: ClockQuality }

export function trustedTimeFrom(floorMs: number): TrustedTime {
  return { floorMs, last: null }
}

/**
 * What time it is: the wall's, but never before the floor and never before an earlier answer.
 *
 * A wall that was set back is not followed: time goes on from the last answer by the monotonic clock, in `doubt`. No
 * server has signed the present moment, so the best there is is `unconfirmed`, and the wall never raises the floor:
 * a clock once set three years ahead would end every pass for ever.
 */
export function tell(
  time: TrustedTime,
  clocks: { readonly wallMs: number; readonly monotonicMs: number },
): { readonly now: Now; readonly time: TrustedTime } {
  const wallMs = Math.floor(clocks.wallMs)
  const sinceMs = time.last === null ? 0 : Math.max(0, Math.floor(clocks.monotonicMs - time.last.monotonicMs))
  const expectedMs = time.last === null ? time.floorMs : time.last.trustedMs + sinceMs
  const setBack = time.last !== null && wallMs < expectedMs - SLEW_MS_MAX
  const behindFloor = wallMs < time.floorMs
  const trustedMs = Math.max(time.floorMs, time.last?.trustedMs ?? 0, setBack || behindFloor ? expectedMs : wallMs)
  return {
    now: { trustedMs, quality: setBack || behindFloor ? 'doubt' : 'unconfirmed' },
    time: { floorMs: time.floorMs, last: { trustedMs, monotonicMs: clocks.monotonicMs } },
  }
}

/** A moment that somebody whom we trust has signed is behind us. The floor only rises. */
export function raiseFloor(time: TrustedTime, signedMs: number): TrustedTime {
  return signedMs <= time.floorMs ? time : { ...time, floorMs: signedMs }
}
