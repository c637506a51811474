import type { Holiday } from '@gatehouse/shared/list/policy.ts'
import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { useState } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { sayDay } from '../ui/when.ts'
import type { SaidAt } from './draft.ts'
import { DayHoursEditor } from './hours.tsx'
import { Part, type PartProps } from './part.tsx'
import { without } from './profiles.tsx'

/** Days that are not like their weekday. */
export function HolidaysPart({ rules, onChange, said }: PartProps) {
  const [date, setDate] = useState('')
  const { holidays } = rules
  const change = (next: GateRulesContent['holidays']) => onChange({ ...rules, holidays: next })
  const add = () => {
    change({ ...holidays, [date]: { name: '', hours: null } })
    setDate('')
  }
  return (
    <Part
      title="Holidays"
      about="On these days the hours of the week do not count. Passes without hours open as always."
      problem={Object.keys(holidays).length === 0 ? said('holidays') : undefined}
    >
      {Object.entries(holidays)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([day, holiday]) => (
          <HolidayFields
            key={day}
            date={day}
            holiday={holiday}
            onChange={next => change({ ...holidays, [day]: next })}
            onRemove={() => change(without(holidays, day))}
            said={said}
          />
        ))}
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-48">
          <Field label="Another day" type="date" value={date} onChange={event => setDate(event.target.value)} />
        </div>
        <Button icon="plus" disabled={date === '' || holidays[date] !== undefined} onClick={add}>
          Add the day
        </Button>
      </div>
    </Part>
  )
}

type How = 'by_hours' | 'closed' | 'own'

function HolidayFields({
  date,
  holiday,
  onChange,
  onRemove,
  said,
}: {
  readonly date: string
  readonly holiday: Holiday
  readonly onChange: (holiday: Holiday) => void
  readonly onRemove: () => void
  readonly said: SaidAt
}) {
  const { name, hours } = holiday
  // A date of the calendar, the same in every zone.
  const day = sayDay(`${date}T00:00:00Z`, { timeZone: 'UTC' })
  const how: How = hours === null ? 'by_hours' : hours.length === 0 ? 'closed' : 'own'
  return (
    <div className="flex flex-col gap-2 border-line border-b pb-3">
      <div className="flex flex-wrap items-end gap-3">
        <p className="figures flex h-8 w-28 items-center font-medium pointer-coarse:h-11">{day}</p>
        <div className="w-56 max-w-full">
          <Field
            label={`Name of ${day}`}
            value={name}
            maxLength={100}
            dir="auto"
            onChange={event => onChange({ ...holiday, name: event.target.value })}
            problem={said(`holidays.${date}`)}
          />
        </div>
        <div className="w-56 max-w-full">
          <Choice
            label={`What opens on ${day}`}
            value={how}
            onChange={event => onChange({ name, hours: hoursOf(event.target.value as How) })}
          >
            <option value="by_hours">Each as its hours say</option>
            <option value="closed">Closed for all with hours</option>
            <option value="own">Own hours for all with hours</option>
          </Choice>
        </div>
        <IconButton name={`Take away ${day}`} icon="close" onClick={onRemove} />
      </div>
      {hours !== null && hours.length > 0 && (
        <DayHoursEditor
          name={`${name} ${day}`}
          hours={hours}
          onChange={next => onChange({ name, hours: next })}
          said={said}
          path={`holidays.${date}.hours`}
        />
      )}
    </div>
  )
}

function hoursOf(how: How): Holiday['hours'] {
  if (how === 'by_hours') return null
  return how === 'closed' ? [] : [{ fromMinute: 10 * 60, untilMinute: 16 * 60 }]
}
