import { expect, test } from 'vitest'
import { passEnd, type TermDays, type Validity } from './pass-end.ts'

const TERMS: readonly TermDays[] = [
  { name: 'Year 26', kind: 'school_year', first: '2026-09-01', last: '2027-07-16' },
  { name: 'Spring', kind: 'term', first: '2027-01-11', last: '2027-03-27' },
  { name: 'Autumn', kind: 'term', first: '2026-09-01', last: '2026-12-18' },
]
const NONE = { lastDay: null, days: null }
const endOf = (validity: Validity, begins: string, timeZone = 'Europe/Amsterdam', terms = TERMS) => {
  const end = passEnd(validity, { beginsMs: Date.parse(begins), timeZone, terms })
  return end === null ? null : [new Date(end.expiresMs).toISOString(), end.term]
}

test.each<[string, Validity, string, string, string | null]>([
  ['the term of the day', { ...NONE, ends: 'term' }, '2026-11-26T09:00:00Z', '2026-12-18T23:00:00.000Z', 'Autumn'],
  ['the last day of a term', { ...NONE, ends: 'term' }, '2026-12-18T22:59:00Z', '2026-12-18T23:00:00.000Z', 'Autumn'],
  ['between terms, the next', { ...NONE, ends: 'term' }, '2026-12-18T23:00:00Z', '2027-03-27T23:00:00.000Z', 'Spring'],
  ['the school year', { ...NONE, ends: 'school_year' }, '2026-11-26T09:00:00Z', '2027-07-16T22:00:00.000Z', 'Year 26'],
  [
    'a date',
    { ...NONE, ends: 'date', lastDay: '2027-01-31' },
    '2026-11-26T09:00:00Z',
    '2027-01-31T23:00:00.000Z',
    null,
  ],
  ['one day is today', { ...NONE, ends: 'days', days: 1 }, '2026-11-26T09:00:00Z', '2026-11-26T23:00:00.000Z', null],
  // Clocks go forward on 28 March 2027: that day has 23 hours, and ends where the next begins.
  ['a day of 23 hours', { ...NONE, ends: 'days', days: 2 }, '2027-03-27T09:00:00Z', '2027-03-28T22:00:00.000Z', null],
  // And back on 25 October 2026: 25 hours.
  ['a day of 25 hours', { ...NONE, ends: 'days', days: 2 }, '2026-10-24T09:00:00Z', '2026-10-25T23:00:00.000Z', null],
])('a pass ends at 24:00 in the school’s zone: %s', (_, validity, begins, ends, term) => {
  expect(endOf(validity, begins)).toEqual([ends, term])
})

test('where midnight does not exist, the day ends when the next begins', () => {
  // In Santiago the clocks went from 24:00 to 01:00 on the night to 6 September 2026.
  expect(endOf({ ...NONE, ends: 'date', lastDay: '2026-09-05' }, '2026-09-01T12:00:00Z', 'America/Santiago')).toEqual([
    '2026-09-06T04:00:00.000Z',
    null,
  ])
})

test('the day counts where the school is', () => {
  const days: Validity = { ...NONE, ends: 'days', days: 1 }
  expect(endOf(days, '2026-11-26T23:30:00Z', 'Europe/Amsterdam')).toEqual(['2026-11-27T23:00:00.000Z', null])
  expect(endOf(days, '2026-11-26T23:30:00Z', 'America/New_York')).toEqual(['2026-11-27T05:00:00.000Z', null])
})

test('without a term of today or later there is no end', () => {
  expect(endOf({ ...NONE, ends: 'term' }, '2027-03-28T09:00:00Z')).toBe(null)
  expect(endOf({ ...NONE, ends: 'school_year' }, '2026-11-26T09:00:00Z', 'Europe/Amsterdam', [])).toBe(null)
})
