import type { Profile } from '@gatehouse/shared/list/policy.ts'
import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { freeNumber, type SaidAt } from './draft.ts'
import { DayHoursEditor, WeekEditor } from './hours.tsx'
import { Part, type PartProps } from './part.tsx'

const WEEKDAYS: Profile = {
  name: 'New hours',
  windows: [1, 2, 3, 4, 5].map(day => ({ day, fromMinute: 8 * 60, untilMinute: 18 * 60 })),
  onHolidays: [],
}

/** Hours that passes name by number. */
export function ProfilesPart({ rules, onChange, said }: PartProps) {
  const { profiles } = rules
  const change = (next: GateRulesContent['profiles']) => onChange({ ...rules, profiles: next })
  const free = freeNumber(profiles)
  return (
    <Part
      title="Hours"
      about="A pass without hours opens at any time. One with hours opens in these, by the clock on the gate's wall; a night is two rows, until midnight and from midnight."
      problem={Object.keys(profiles).length === 0 ? said('profiles') : undefined}
    >
      {Object.entries(profiles).map(([number, profile]) => (
        <ProfileFields
          key={number}
          number={number}
          profile={profile}
          onChange={next => change({ ...profiles, [number]: next })}
          onRemove={() => change(without(profiles, number))}
          said={said}
        />
      ))}
      {free !== null && (
        <div>
          <Button icon="plus" onClick={() => change({ ...profiles, [free]: WEEKDAYS })}>
            New hours
          </Button>
        </div>
      )}
    </Part>
  )
}

export function without<Entry>(entries: Readonly<Record<string, Entry>>, key: string): Record<string, Entry> {
  return Object.fromEntries(Object.entries(entries).filter(([each]) => each !== key))
}

function ProfileFields({
  number,
  profile,
  onChange,
  onRemove,
  said,
}: {
  readonly number: string
  readonly profile: Profile
  readonly onChange: (profile: Profile) => void
  readonly onRemove: () => void
  readonly said: SaidAt
}) {
  const path = `profiles.${number}`
  const { name, windows, onHolidays } = profile
  return (
    <div className="flex flex-col gap-3 border-line border-b pb-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-72 max-w-full">
          <Field
            label={`Name of hours ${number}`}
            value={name}
            maxLength={100}
            dir="auto"
            onChange={event => onChange({ ...profile, name: event.target.value })}
            problem={said(path)}
          />
        </div>
        <Button aria-label={`Take away hours ${number}`} onClick={onRemove}>
          Take away
        </Button>
      </div>
      <WeekEditor
        name={name}
        hours={windows}
        onChange={next => onChange({ ...profile, windows: next })}
        said={said}
        path={`${path}.windows`}
      />
      <p className="font-medium">On holidays{onHolidays.length === 0 && ': closed'}</p>
      <DayHoursEditor
        name={`${name}, holidays`}
        hours={onHolidays}
        onChange={next => onChange({ ...profile, onHolidays: next })}
        said={said}
        path={`${path}.onHolidays`}
      />
    </div>
  )
}
