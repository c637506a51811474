import type { ClockQuality } from '@gatehouse/shared/events/record.ts'

/**
 * What time it is, for a gate whose clock may be set, drained or wrong, and whose network may be away.
 *
 * Trusted time is the greater of a durable floor and the last signed time plus the monotonic time since. It never
 * falls. The wall clock counts only while it agrees. Times are milliseconds; monotonic ones since any beginning.
 */
export type TrustedTime = {
  /** Durable: no signed time was ever later when it was written. Only signed times raise it. */
  readonly floorMs: number
  /** Where time was last fixed, and by what. */
  readonly anchor: {
    readonly timeMs: number
    readonly monotonicMs: number
    readonly by: 'signature' | 'wall' | 'floor'
  }
  /** The latest time that was told: none is told that is earlier. */
  readonly toldMs: number
  /** How the wall stood at the last reading; a change is an event. */
  readonly wall: 'agrees' | 'behind' | 'ahead'
}

export type Reading = { readonly wallMs: number; readonly monotonicMs: number }

export type Told = {
  readonly state: TrustedTime
  readonly trustedMs: number
  readonly quality: ClockQuality
  /** The wall left trusted time, or came back to it: to be written down, because somebody may have set it. */
  readonly wallMoved: TrustedTime['wall'] | null
}

/** Wall and trusted time are one within this. */
export const AGREEMENT_MS = 120_000

/** After a boot without a server the wall is believed this far ahead of the floor: the last limit of the lease. */
export const UNCONFIRMED_MS_MAX = 72 * 3600 * 1000

/** Where a process begins: with its floor, its wall, and nobody to ask. */
export function atBoot(floorMs: number, reading: Reading): TrustedTime {
  const believed = isPlausible(floorMs, reading.wallMs)
  return {
    floorMs,
    anchor: {
      timeMs: believed ? reading.wallMs : floorMs,
      monotonicMs: reading.monotonicMs,
      by: believed ? 'wall' : 'floor',
    },
    toldMs: floorMs,
    wall: 'agrees',
  }
}

/** A time that a server signed, already checked, as heard at this reading. The floor rises with it, and must be made durable. */
export function signedTime(state: TrustedTime, signedMs: number, reading: Reading): TrustedTime {
  const floorMs = Math.max(state.floorMs, signedMs)
  // An old signature, repeated by a network that may repeat, moves nothing back.
  const runsMs = runsAt(state, reading)
  if (state.anchor.by === 'signature' && signedMs < runsMs - AGREEMENT_MS) return { ...state, floorMs }
  return { ...state, floorMs, anchor: { timeMs: signedMs, monotonicMs: reading.monotonicMs, by: 'signature' } }
}

/**
 * A signed moment that may be long past, as heard at this reading: none before it can be now. A wall that was believed stays so while
 * it agrees with that.
 */
export function signedFloor(state: TrustedTime, signedMs: number, reading: Reading): TrustedTime {
  const floorMs = Math.max(state.floorMs, signedMs)
  const isFixed = state.anchor.by === 'signature'
  const isBelieved = state.anchor.by === 'wall' && isPlausible(floorMs, runsAt(state, reading))
  if (isFixed || isBelieved) return { ...state, floorMs }
  return { ...atBoot(floorMs, reading), toldMs: state.toldMs }
}

/** What time it is now. */
export function tell(before: TrustedTime, reading: Reading): Told {
  const state = reconsidered(before, reading)
  const runsMs = runsAt(state, reading)
  const wall = standing(reading.wallMs, runsMs)
  const timeMs = wall === 'agrees' ? reading.wallMs : runsMs
  const trustedMs = Math.max(state.floorMs, state.toldMs, timeMs)
  // In doubt the wall is beside trusted time by definition; that is said once, by the quality.
  const seen = state.anchor.by === 'floor' ? state.wall : wall
  return {
    state: { ...state, toldMs: trustedMs, wall: seen },
    trustedMs,
    quality: QUALITIES[state.anchor.by],
    wallMoved: seen === before.wall ? null : seen,
  }
}

const QUALITIES: Record<TrustedTime['anchor']['by'], ClockQuality> = {
  signature: 'confirmed',
  wall: 'unconfirmed',
  floor: 'doubt',
}

/** A mini-PC without a battery wakes in 1970 and is set by its network a minute later: doubt ends when the wall becomes plausible. */
function reconsidered(state: TrustedTime, { wallMs, monotonicMs }: Reading): TrustedTime {
  if (state.anchor.by !== 'floor' || !isPlausible(state.floorMs, wallMs)) return state
  return { ...state, anchor: { timeMs: wallMs, monotonicMs, by: 'wall' }, wall: 'agrees' }
}

function runsAt({ anchor }: TrustedTime, { monotonicMs }: Reading): number {
  return anchor.timeMs + Math.max(0, monotonicMs - anchor.monotonicMs)
}

/**
 * Floor 0: nobody has signed a time yet, and the wall is all there is. A little behind the floor is the same time: two clocks are never
 * one, and a gate that starts within seconds of a signature must not doubt its own.
 */
function isPlausible(floorMs: number, wallMs: number): boolean {
  if (floorMs === 0) return true
  return wallMs >= floorMs - AGREEMENT_MS && wallMs - floorMs <= UNCONFIRMED_MS_MAX
}

function standing(wallMs: number, runsMs: number): TrustedTime['wall'] {
  if (wallMs < runsMs - AGREEMENT_MS) return 'behind'
  return wallMs > runsMs + AGREEMENT_MS ? 'ahead' : 'agrees'
}
