import type { HoursWindow } from '@gatehouse/shared/list/policy.ts'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { WeekEditor } from './hours.tsx'

afterEach(cleanup)

/** The editor with somebody who keeps what it says; answers the newest hours. */
function open(first: readonly HoursWindow[], said: Record<string, string> = {}) {
  const kept = { hours: first }
  function Kept() {
    const [hours, setHours] = useState(first)
    kept.hours = hours
    return <WeekEditor name="Evenings" hours={hours} onChange={setHours} said={path => said[path]} path="windows" />
  }
  render(<Kept />)
  return kept
}

const EVENING = { fromMinute: 1080, untilMinute: 1320 }

test('Monday is copied to the weekdays, and what else they had is gone; the weekend stays', () => {
  const kept = open([
    { day: 1, ...EVENING },
    { day: 3, fromMinute: 0, untilMinute: 60 },
    { day: 6, ...EVENING },
  ])
  fireEvent.click(screen.getByRole('button', { name: 'Copy Monday to weekdays: Evenings' }))
  expect(kept.hours).toEqual([1, 2, 3, 4, 5, 6].map(day => ({ day, ...EVENING })))
})

test('what is wrong with hours is said at them, and what was typed stays', () => {
  const kept = open([{ day: 1, ...EVENING }], { 'windows.0': 'hours must end after they begin' })
  const until = screen.getByLabelText<HTMLInputElement>('Evenings, Monday, until')
  fireEvent.change(until, { target: { value: '08:00' } })
  expect(until.getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByText('hours must end after they begin')).toBeTruthy()
  expect(kept.hours).toEqual([{ day: 1, fromMinute: 1080, untilMinute: 480 }])
})
