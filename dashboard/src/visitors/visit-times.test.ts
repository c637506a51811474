import { expect, test } from 'vitest'
import { visitTimes } from './visit-times.ts'
import { sayVisit } from './visitor-words.ts'

const ZONE = 'Europe/Amsterdam'
const NOW = Date.parse('2026-11-26T12:00:00Z')
const today = '2026-11-26'
const from = (first: string, stay: 'day' | '1' | '2' | '4' | 'date', last = '') =>
  visitTimes({ first, stay, last, today }, ZONE, NOW)

test('today begins now, and a day to come at its midnight in the school’s zone', async () => {
  expect(await from(today, 'day')).toEqual({})
  expect(await from('2026-11-30', 'day')).toEqual({ from: '2026-11-29T23:00:00Z' })
})

test('hours are counted from now, and the last day is counted whole', async () => {
  expect(await from(today, '2')).toEqual({ until: '2026-11-26T14:00:00.000Z' })
  expect(await from(today, 'date', '2026-11-28')).toEqual({ until: '2026-11-28T23:00:00Z' })
  expect(await from('2026-11-27', 'date', '2026-11-28')).toEqual({
    from: '2026-11-26T23:00:00Z',
    until: '2026-11-28T23:00:00Z',
  })
})

test('late in the evening a visit of hours ends with the day', async () => {
  const late = Date.parse('2026-11-26T22:30:00Z')
  const times = await visitTimes({ first: today, stay: '2', last: '', today }, ZONE, late)
  expect(times).toEqual({ until: '2026-11-26T23:00:00.000Z' })
})

test('a visit is said by its days, and by its hour where it ends within one', () => {
  const zone = { timeZone: ZONE, language: 'en-GB' }
  const begins = '2026-11-26T12:00:00Z'
  expect(sayVisit({ from: begins, until: '2026-11-26T23:00:00Z' }, zone)).toBe('26 Nov 2026')
  expect(sayVisit({ from: begins, until: '2026-11-26T14:30:00Z' }, zone)).toBe('26 Nov 2026 until 15:30')
  expect(sayVisit({ from: begins, until: '2026-11-28T23:00:00Z' }, zone)).toBe('26 Nov 2026 to 28 Nov 2026')
})
