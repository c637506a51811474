/** How times are said: in the school's zone and the reader's language. Functions, so that tests bring both. */
export type Zone = { readonly timeZone: string; readonly language?: string }

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format takes far longer than using one, and a list makes two a row. */
function format({ timeZone, language }: Zone, name: string, options: Intl.DateTimeFormatOptions) {
  const key = `${name} ${timeZone} ${language ?? ''}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(language, { timeZone, ...options })
    formats.set(key, found)
  }
  return found
}

/** "08:02:14" */
export function sayTime(at: string | number, zone: Zone): string {
  return format(zone, 'time', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    new Date(at),
  )
}

/** "30 Nov 2026" */
export function sayDay(at: string | number, zone: Zone): string {
  return format(zone, 'day', { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at))
}

/** "17 May 2008" of a date without a time, `2008-05-17`, which is the same day everywhere. */
export function sayDate(date: string, language?: string): string {
  return sayDay(date, { timeZone: 'UTC', ...(language !== undefined && { language }) })
}

/** "08:02:14" today, "30 Nov, 08:02" before, with the year where it is not this one. */
export function sayMoment(at: string | number, nowMs: number, zone: Zone): string {
  if (sayDay(at, zone) === sayDay(nowMs, zone)) return sayTime(at, zone)
  const sameYear = sayYear(at, zone) === sayYear(nowMs, zone)
  return format(zone, sameYear ? 'moment' : 'moment-year', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at))
}

function sayYear(at: string | number, zone: Zone): string {
  return format(zone, 'year', { year: 'numeric' }).format(new Date(at))
}

/** The last millisecond that counts, of an end that does not: a pass until 24:00 of the 30th is "until the 30th". */
export function sayLastDay(expires: string, zone: Zone): string {
  return sayDay(Date.parse(expires) - 1, zone)
}

/** "now", "3 s", "5 min", "2 h", "3 d": how long ago, or how long still. */
export function sayAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 1) return 'now'
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

export function sayAgo(at: string | number, nowMs: number): string {
  const age = sayAge(nowMs - new Date(at).getTime())
  return age === 'now' ? age : `${age} ago`
}

/** The calendar's day at this moment in that zone, as a date field has it. */
export function dateField(atMs: number, timeZone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
      .formatToParts(new Date(atMs))
      .map(({ type, value }) => [type, value]),
  )
  return `${parts.year}-${parts.month}-${parts.day}`
}

/**
 * The instant at which a day of the calendar begins in that zone, `daysLater` days on. Fetched when a form needs it: the
 * polyfill weighs more than a page.
 */
export async function startOfDay(date: string, timeZone: string, daysLater = 0): Promise<string> {
  const { Temporal } = await import('@gatehouse/shared/time.ts')
  return Temporal.PlainDate.from(date).add({ days: daysLater }).toZonedDateTime(timeZone).toInstant().toString()
}
