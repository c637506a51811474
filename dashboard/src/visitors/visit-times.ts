import { startOfDay } from '../ui/when.ts'

/** How long somebody comes: to the end of the first day, for some hours from now, or to the end of another day. */
export const STAYS = ['day', '1', '2', '4', 'date'] as const
export type Stay = (typeof STAYS)[number]

export const STAY_WORDS: Record<Stay, string> = {
  day: 'until the end of that day',
  '1': 'for 1 hour from now',
  '2': 'for 2 hours from now',
  '4': 'for 4 hours from now',
  date: 'until another day …',
}

const HOUR_MS = 3_600_000

type Chosen = { readonly first: string; readonly stay: Stay; readonly last: string; readonly today: string }

/** `from` and `until` as the API takes them; from today on it is from now. */
export async function visitTimes({ first, stay, last, today }: Chosen, timeZone: string, nowMs: number) {
  if (stay === 'date') return { ...(await begin(first, today, timeZone)), until: await startOfDay(last, timeZone, 1) }
  if (stay === 'day') return begin(first, today, timeZone)
  // A visit of hours ends with its day: late in the evening it is shorter.
  const midnightMs = Date.parse(await startOfDay(today, timeZone, 1))
  return { until: new Date(Math.min(nowMs + Number(stay) * HOUR_MS, midnightMs)).toISOString() }
}

async function begin(first: string, today: string, timeZone: string): Promise<{ from?: string }> {
  return first <= today ? {} : { from: await startOfDay(first, timeZone) }
}
