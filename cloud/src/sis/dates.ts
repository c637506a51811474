import type { DateOrder } from '@gatehouse/shared/wire/api/import-fields.ts'

const PARTS = /^(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/
/** Days between Excel's day 0 (30 Dec 1899) and 1 January 1970. */
const EXCEL_EPOCH_DAYS = 25_569
/** 1910 to 2100 as Excel counts days. */
const EXCEL_DAY = /^\d{5}$/
const DAY_MS = 86_400_000

/**
 * A date as `2026-09-01`; null when it is none. A year first is never in doubt; else the order that the school chose
 * decides, and 31-12 never becomes 12-31. A cell that was formatted as a number in Excel is its count of days.
 */
export function dateOf(text: string, order: DateOrder): string | null {
  const cell = text.trim()
  if (EXCEL_DAY.test(cell)) return fromDays(Number(cell) - EXCEL_EPOCH_DAYS)
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(cell)
  if (compact !== null) return real(compact[1]!, compact[2]!, compact[3]!)
  const parts = PARTS.exec(cell)
  if (parts === null) return null
  const [, first, second, third] = parts as unknown as [string, string, string, string]
  if (first.length === 4) return real(first, second, third)
  // Two digits of a year name two centuries.
  if (third.length !== 4 || order === 'ymd') return null
  return order === 'dmy' ? real(third, second, first) : real(third, first, second)
}

/** The order that every one of these dates allows, the likelier first; null when no date settles it. */
export function guessOrder(cells: readonly string[]): DateOrder | null {
  const parts = cells.flatMap(cell => {
    const found = PARTS.exec(cell.trim())
    return found === null ? [] : [found.slice(1, 4).map(Number) as [number, number, number]]
  })
  if (parts.some(([first]) => first > 31)) return 'ymd'
  if (parts.some(([first]) => first > 12)) return 'dmy'
  return parts.some(([, second]) => second > 12) ? 'mdy' : null
}

function real(year: string, month: string, day: string): string | null {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  const text = date.toISOString().slice(0, 10)
  const meant = `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return text === meant ? text : null
}

function fromDays(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10)
}
