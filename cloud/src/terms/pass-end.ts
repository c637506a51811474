import { Temporal } from '@gatehouse/shared/time.ts'
import type { PassValidity } from '@gatehouse/shared/wire/api/terms.ts'

export type Validity = Pick<PassValidity, 'ends' | 'lastDay' | 'days'>
export type TermDays = {
  readonly name: string
  readonly kind: 'term' | 'school_year'
  readonly first: string
  readonly last: string
}

export type PassEnd = {
  readonly expiresMs: number
  /** The term or school year it ends with. */
  readonly term: string | null
}

/**
 * When a pass that begins then ends: at 24:00 of its last day, which is 00:00 of the next in the school's zone, whether that day has
 * 23, 24 or 25 hours. Between two terms the next one counts. Null: there is no term of that day or later.
 */
export function passEnd(
  { ends, lastDay, days }: Validity,
  {
    beginsMs,
    timeZone,
    terms,
  }: { readonly beginsMs: number; readonly timeZone: string; readonly terms: readonly TermDays[] },
): PassEnd | null {
  const first = Temporal.Instant.fromEpochMilliseconds(beginsMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const endOf = (day: Temporal.PlainDate) => day.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds
  if (ends === 'date') return { expiresMs: endOf(Temporal.PlainDate.from(lastDay!)), term: null }
  if (ends === 'days') return { expiresMs: endOf(first.add({ days: days! - 1 })), term: null }
  const today = first.toString()
  const next = terms
    .filter(({ kind, last }) => kind === ends && last >= today)
    .toSorted((a, b) => (a.first < b.first ? -1 : 1))[0]
  return next === undefined ? null : { expiresMs: endOf(Temporal.PlainDate.from(next.last)), term: next.name }
}
