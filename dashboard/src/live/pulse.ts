/** Seconds that a gate's line looks back. */
export const PULSE_S = 60

/** When each gate had scans, Unix seconds in the order they came, of the last minute. */
export type Pulse = Readonly<Record<string, readonly number[]>>

export const NO_PULSE: Pulse = {}

export type ScanAt = { readonly gateId: string; readonly atS: number }

export function addScans(pulse: Pulse, scans: readonly ScanAt[], nowS: number): Pulse {
  if (scans.length === 0) return pulse
  const next: Record<string, number[]> = {}
  for (const [gateId, seconds] of Object.entries(pulse)) next[gateId] = seconds.filter(atS => atS > nowS - PULSE_S)
  for (const { gateId, atS } of scans) {
    if (atS <= nowS - PULSE_S) continue
    next[gateId] ??= []
    next[gateId].push(atS)
  }
  return next
}

/** Scans in each of the last sixty seconds, oldest first; the last is the second that is running. */
export function pulseOf(pulse: Pulse, gateId: string, nowS: number): readonly number[] {
  const points = new Array<number>(PULSE_S).fill(0)
  for (const atS of pulse[gateId] ?? []) {
    // A second ahead of this clock is now: the service's and the browser's clocks are not the same.
    const at = PULSE_S - 1 - Math.max(0, nowS - atS)
    if (at >= 0) points[at]!++
  }
  return points
}
