import type { DayHours, HoursWindow } from '@gatehouse/shared/list/policy.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { minuteOf, type SaidAt, timeField, untilMinuteOf } from './draft.ts'

export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

const OFFICE: DayHours = { fromMinute: 8 * 60, untilMinute: 18 * 60 }

type HoursProps<Hours> = {
  /** What the hours are of, for those who do not see where they stand. */
  readonly name: string
  readonly hours: readonly Hours[]
  readonly onChange: (hours: Hours[]) => void
  readonly said: SaidAt
  /** Of the hours, below the rules. */
  readonly path: string
}

/** Hours of one day: from and until, as many as wanted. */
export function DayHoursEditor({ name, hours, onChange, said, path }: HoursProps<DayHours>) {
  return (
    <div className="flex flex-col gap-2">
      {hours.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: hours have no name but their place.
        <div key={at} className="flex flex-wrap items-center gap-2">
          <Interval
            name={`${name}, hours ${at + 1}`}
            hours={each}
            onChange={next => onChange(hours.map((old, place) => (place === at ? next : old)))}
            onRemove={() => onChange(hours.filter((_, place) => place !== at))}
            problem={said(`${path}.${at}`)}
          />
        </div>
      ))}
      <div>
        <Button icon="plus" aria-label={`Add hours: ${name}`} onClick={() => onChange([...hours, OFFICE])}>
          Add hours
        </Button>
      </div>
    </div>
  )
}

/** Hours of a week, a row a day. */
export function WeekEditor({ name, hours, onChange, said, path }: HoursProps<HoursWindow>) {
  const change = (at: number, next: DayHours) =>
    onChange(hours.map((old, place) => (place === at ? { ...old, ...next } : old)))
  const monday = hours.filter(({ day }) => day === 1)
  const copyMonday = () =>
    onChange([
      ...[1, 2, 3, 4, 5].flatMap(day => monday.map(each => ({ ...each, day }))),
      ...hours.filter(({ day }) => day > 5),
    ])
  return (
    <div className="flex flex-col">
      {DAYS.map((dayName, index) => {
        const day = index + 1
        const ofDay = hours.map((each, at) => ({ each, at })).filter(({ each }) => each.day === day)
        return (
          <div key={day} className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-2 border-line border-b py-1.5">
            <p className="w-24 font-medium">{dayName}</p>
            {ofDay.length === 0 && <p className="text-muted">closed</p>}
            {ofDay.map(({ each, at }) => (
              <Interval
                key={at}
                name={`${name}, ${dayName}`}
                hours={each}
                onChange={next => change(at, next)}
                onRemove={() => onChange(hours.filter((_, place) => place !== at))}
                problem={said(`${path}.${at}`)}
              />
            ))}
            <IconButton
              name={`Add hours on ${dayName}: ${name}`}
              icon="plus"
              onClick={() => onChange([...hours, { day, ...OFFICE }])}
            />
          </div>
        )
      })}
      <div className="mt-2">
        <Button icon="copy" aria-label={`Copy Monday to weekdays: ${name}`} onClick={copyMonday}>
          Copy Monday to weekdays
        </Button>
      </div>
    </div>
  )
}

function Interval({
  name,
  hours: { fromMinute, untilMinute },
  onChange,
  onRemove,
  problem,
}: {
  readonly name: string
  readonly hours: DayHours
  readonly onChange: (hours: DayHours) => void
  readonly onRemove: () => void
  readonly problem: string | undefined
}) {
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <input
        type="time"
        aria-label={`${name}, from`}
        aria-invalid={problem !== undefined}
        value={timeField(fromMinute)}
        onChange={event => onChange({ fromMinute: minuteOf(event.target.value), untilMinute })}
        className="control"
      />
      <span className="text-muted">to</span>
      <input
        type="time"
        aria-label={`${name}, until`}
        aria-invalid={problem !== undefined}
        value={timeField(untilMinute)}
        onChange={event => onChange({ fromMinute, untilMinute: untilMinuteOf(event.target.value) })}
        className="control"
      />
      <IconButton name={`Remove ${name}`} icon="close" onClick={onRemove} />
      {problem && <span className="text-13 text-refused">{problem}</span>}
    </span>
  )
}
