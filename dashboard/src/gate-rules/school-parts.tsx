import { FREE_ROWS } from '@gatehouse/shared/list/guard.ts'
import { Field, Tick } from '../ui/field.tsx'
import { Part } from '../ui/part.tsx'
import { ClockChoice, LeaseFields } from './lease.tsx'
import type { PartProps } from './part-props.ts'

export function CodesPart({ rules, onChange }: PartProps) {
  return (
    <Part
      title="Codes"
      about="A printed code can be copied by whoever photographs it. A pass newer than the list is one that a gate has not heard of yet."
    >
      <div className="flex flex-col">
        <Tick
          label="Printed codes open"
          checked={rules.staticPasses === 'open'}
          onChange={event => onChange({ ...rules, staticPasses: event.target.checked ? 'open' : 'refuse' })}
        />
        <Tick
          label="A pass newer than the list opens by its signature"
          checked={rules.newerThanList === 'open'}
          onChange={event => onChange({ ...rules, newerThanList: event.target.checked ? 'open' : 'refuse' })}
        />
      </div>
    </Part>
  )
}

export function NewsPart({ rules, onChange, said }: PartProps) {
  return (
    <Part
      title="A gate without news"
      about="A gate goes on alone when the network is away. The older its list, the less it knows of what was revoked since."
    >
      <LeaseFields
        name="A gate without news"
        lease={rules.lease}
        onChange={lease => onChange({ ...rules, lease })}
        said={said}
        path="lease"
      />
    </Part>
  )
}

export function ClockPart({ rules, onChange }: PartProps) {
  return (
    <Part
      title="A clock in doubt"
      about="After a power cut a gate may not know the time until it hears from the cloud. Until then it asks no hours and takes no moving codes."
    >
      <ClockChoice
        label="What opens while a gate's clock is in doubt"
        value={rules.whenClockInDoubt}
        onChange={whenClockInDoubt => onChange({ ...rules, whenClockInDoubt })}
      />
    </Part>
  )
}

export function GuardPart({ rules, onChange, said }: PartProps) {
  const { guard } = rules
  return (
    <Part
      title="A second administrator"
      about={`A change that takes from more passes at once than the lesser of these waits until a second administrator lets it go. ${FREE_ROWS} always go through.`}
    >
      <div className="grid max-w-xl gap-4 md:grid-cols-2">
        <Field
          label="Percent of the passes"
          type="number"
          min={1}
          max={100}
          value={guard.percent}
          onChange={event => onChange({ ...rules, guard: { ...guard, percent: Number(event.target.value) } })}
          problem={said('guard.percent')}
        />
        <Field
          label="Passes and cards"
          type="number"
          min={1}
          value={guard.rows}
          onChange={event => onChange({ ...rules, guard: { ...guard, rows: Number(event.target.value) } })}
          problem={said('guard.rows')}
        />
      </div>
    </Part>
  )
}
