import type { ClockQuality } from '../events/record.ts'
import type { PassClass } from '../pass/body.ts'
import type { Lease } from './documents.ts'

/** How far a list in force may still be trusted, by its age. */
export const LEASE_GRADES = ['fresh', 'stale', 'old', 'last_resort'] as const
export type LeaseGrade = (typeof LEASE_GRADES)[number]

/** The limits belong to the better grade: a list of exactly 15 minutes is fresh. A date ahead of the clock is as fresh as can be. */
export function leaseGrade({ freshS, staleS, oldS }: Lease, ageS: number): LeaseGrade {
  if (ageS <= freshS) return 'fresh'
  if (ageS <= staleS) return 'stale'
  return ageS <= oldS ? 'old' : 'last_resort'
}

export type LeaseQuestion = {
  /** Seconds since the date of the newest head; a list carried by hand counts from its own. */
  readonly ageS: number
  /** Whether the list has a row; else the signature alone speaks for the pass. */
  readonly listed: boolean
  readonly class: PassClass
}

/** Whether a list of this age may still let this pass in. Who leaves is not asked: `decide` keeps nobody in. */
export function leaseAllows(lease: Lease, { ageS, listed, class: passClass }: LeaseQuestion): boolean {
  const grade = leaseGrade(lease, ageS)
  if (grade === 'fresh') return true
  if (grade === 'stale') return listed || lease.guardPresent
  const open = grade === 'old' ? lease.whenOld : lease.lastResort
  if (!listed || open === 'closed') return false
  return open === 'listed' || passClass === 'staff'
}

/** All that a gate knew of the time when it decided; an event keeps it. */
export type ClocksThen = { readonly trustedMs: number; readonly wallMs: number; readonly quality: ClockQuality }

/**
 * Seconds since somebody last signed the list in force; null where there is none. In doubt trusted time stands at the newest signature,
 * and a list would be young for ever: then the later of the two clocks counts, so that a restart makes no list younger.
 */
export function listAgeS(issuedAtS: number | null, { trustedMs, wallMs, quality }: ClocksThen): number | null {
  if (issuedAtS === null) return null
  const nowMs = quality === 'doubt' ? Math.max(trustedMs, wallMs) : trustedMs
  return Math.floor(nowMs / 1000) - issuedAtS
}
