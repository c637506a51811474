import type { DayHours, HoursWindow } from '@gatehouse/shared/list/policy.ts'
import { timeField } from '../gate-rules/draft.ts'
import { DAYS } from '../gate-rules/hours.tsx'

const MINUTES_A_DAY = 1440

/** A week at a glance: seven days side by side, open where filled. Said in words to who does not see it. */
export function WeekBars({ windows }: { readonly windows: readonly HoursWindow[] }) {
  return (
    <svg
      role="img"
      aria-label={weekWords(windows)}
      viewBox="0 0 224 20"
      preserveAspectRatio="none"
      className="h-5 w-full max-w-56"
    >
      <title>{weekWords(windows)}</title>
      {DAYS.map((day, at) => (
        <rect key={day} x={at * 32} y={0} width={30} height={20} className="fill-sunken" />
      ))}
      {windows.map(({ day, fromMinute, untilMinute }) => (
        <rect
          key={`${day} ${fromMinute} ${untilMinute}`}
          x={(day - 1) * 32 + (fromMinute / MINUTES_A_DAY) * 30}
          y={2}
          width={Math.max(1, ((untilMinute - fromMinute) / MINUTES_A_DAY) * 30)}
          height={16}
          className="fill-accent"
        />
      ))}
    </svg>
  )
}

/** "Mon–Fri 08:00–18:00; Sat 10:00–12:00" */
export function weekWords(windows: readonly HoursWindow[]): string {
  const ofDay = DAYS.map((_, at) => hoursWords(windows.filter(({ day }) => day === at + 1)))
  const runs: { from: number; to: number; words: string }[] = []
  for (const [at, words] of ofDay.entries()) {
    const last = runs.at(-1)
    if (last !== undefined && last.words === words) last.to = at
    else runs.push({ from: at, to: at, words })
  }
  const open = runs.filter(({ words }) => words !== '')
  if (open.length === 0) return 'Never open'
  return open
    .map(({ from, to, words }) => {
      const [first, last] = [DAYS[from]!.slice(0, 3), DAYS[to]!.slice(0, 3)]
      return `${from === to ? first : `${first}–${last}`} ${words}`
    })
    .join('; ')
}

/** "08:00–12:00, 13:00–17:00", "all day" */
export function hoursWords(hours: readonly DayHours[]): string {
  return hours
    .toSorted((a, b) => a.fromMinute - b.fromMinute)
    .map(({ fromMinute, untilMinute }) =>
      fromMinute === 0 && untilMinute === MINUTES_A_DAY
        ? 'all day'
        : `${timeField(fromMinute)}–${untilMinute === MINUTES_A_DAY ? '24:00' : timeField(untilMinute)}`,
    )
    .join(', ')
}

/** What opens on a day that is not like its weekday. */
export function opensWords(hours: readonly DayHours[] | null): string {
  if (hours === null) return 'as its hours say'
  return hours.length === 0 ? 'closed' : hoursWords(hours)
}
