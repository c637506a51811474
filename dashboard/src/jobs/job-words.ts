import type { Job, JobState } from '@gatehouse/shared/wire/api/jobs.ts'
import type { BadgeTone } from '../ui/badge.tsx'

export const JOB_STATE_WORDS: Record<JobState, string> = {
  waiting: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

export const JOB_STATE_TONES: Record<JobState, BadgeTone> = {
  waiting: 'quiet',
  running: 'warning',
  done: 'granted',
  failed: 'refused',
  cancelled: 'quiet',
}

/** How far it is: "1,200 of 20,000", with what it says of itself. Empty: it says nothing. */
export function sayProgress({ done, total, words }: Job['progress']): string {
  const count =
    total === null ? (done === 0 ? '' : done.toLocaleString()) : `${done.toLocaleString()} of ${total.toLocaleString()}`
  return [count, words].filter(Boolean).join(' · ')
}

/** From 0 to 1; null where nobody knows how much there is. */
export function shareDone({ done, total }: Job['progress']): number | null {
  return total === null || total === 0 ? null : Math.min(1, done / total)
}
