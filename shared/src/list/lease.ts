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
  readonly direction: 'in' | 'out'
  /** Whether the list has a row; else the signature alone speaks for the pass. */
  readonly listed: boolean
  readonly class: PassClass
}

/** Whether a list of this age may still let this pass in. Leaving is never refused on account of a list's age. */
export function leaseAllows(lease: Lease, { ageS, direction, listed, class: passClass }: LeaseQuestion): boolean {
  if (direction === 'out') return true
  const grade = leaseGrade(lease, ageS)
  if (grade === 'fresh') return true
  if (grade === 'stale') return listed || lease.guardPresent
  const open = grade === 'old' ? lease.whenOld : lease.lastResort
  if (!listed || open === 'closed') return false
  return open === 'listed' || passClass === 'staff'
}
