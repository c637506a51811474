import type { Visit, Visitor, VisitState } from '@gatehouse/shared/wire/api/visitors.ts'
import type { BadgeTone } from '../ui/badge.tsx'
import { sayDay, sayLastDay, sayTime, type Zone } from '../ui/when.ts'

export const VISIT_STATE_WORDS: Record<VisitState, string> = { expected: 'Expected', inside: 'Inside', over: 'Over' }
export const VISIT_STATE_TONES: Record<VisitState, BadgeTone> = {
  expected: 'warning',
  inside: 'granted',
  over: 'quiet',
}

export function visitorName({ firstName, lastName }: Pick<Visitor, 'firstName' | 'lastName'>): string {
  return lastName === '' ? firstName : `${firstName} ${lastName}`
}

const isMidnight = (at: string, zone: Zone) => sayTime(at, zone).startsWith('00:00')

/** "26 Nov 2026", "26 Nov 2026 to 28 Nov 2026" or, where it ends in the middle of a day, with the hour. */
export function sayVisit({ from, until }: Pick<Visit, 'from' | 'until'>, zone: Zone): string {
  const first = sayDay(from, zone)
  const last = sayLastDay(until, zone)
  const end = isMidnight(until, zone) ? '' : ` until ${sayTime(until, zone).slice(0, 5)}`
  return first === last ? `${first}${end}` : `${first} to ${last}${end}`
}
