import type { GateRules, Lease } from '@gatehouse/shared/list/documents.ts'
import { Choice, Field, Tick } from '../ui/field.tsx'
import type { SaidAt } from './draft.ts'

const MINUTE_S = 60
const HOUR_S = 3600

/** How old a gate's list may be before less opens, each step with what still does. */
export function LeaseFields({
  name,
  lease,
  onChange,
  said,
  path,
}: {
  /** Whose it is, for those who do not see where it stands. */
  readonly name: string
  readonly lease: Lease
  readonly onChange: (lease: Lease) => void
  readonly said: SaidAt
  readonly path: string
}) {
  return (
    <fieldset aria-label={name} className="grid max-w-3xl gap-4 md:grid-cols-2">
      <Field
        label="Fresh, up to … minutes"
        type="number"
        min={1}
        value={lease.freshS / MINUTE_S}
        onChange={event => onChange({ ...lease, freshS: Math.round(Number(event.target.value) * MINUTE_S) })}
        hint="Everything opens as it should."
        problem={said(`${path}.freshS`) ?? said(path)}
      />
      <div>
        <Field
          label="Stale, up to … hours"
          type="number"
          min={0}
          step="any"
          value={lease.staleS / HOUR_S}
          onChange={event => onChange({ ...lease, staleS: Math.round(Number(event.target.value) * HOUR_S) })}
          hint="Passes and cards on the list open as before; a newer pass opens by its signature only where a guard is present."
          problem={said(`${path}.staleS`)}
        />
        <Tick
          label="A guard is present"
          checked={lease.guardPresent}
          onChange={event => onChange({ ...lease, guardPresent: event.target.checked })}
        />
      </div>
      <Field
        label="Old, up to … hours"
        type="number"
        min={0}
        step="any"
        value={lease.oldS / HOUR_S}
        onChange={event => onChange({ ...lease, oldS: Math.round(Number(event.target.value) * HOUR_S) })}
        problem={said(`${path}.oldS`)}
      />
      <Choice
        label="While it is old, what opens"
        value={lease.whenOld}
        onChange={event => onChange({ ...lease, whenOld: event.target.value as Lease['whenOld'] })}
      >
        <option value="listed">Passes and cards on the list</option>
        <option value="staff">Passes of staff only</option>
        <option value="closed">Nothing</option>
      </Choice>
      <Choice
        label="After that, what opens"
        value={lease.lastResort}
        onChange={event => onChange({ ...lease, lastResort: event.target.value as Lease['lastResort'] })}
      >
        <option value="staff">Passes of staff only</option>
        <option value="closed">Nothing</option>
      </Choice>
    </fieldset>
  )
}

type InDoubt = GateRules['whenClockInDoubt']

export function ClockChoice({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: InDoubt
  readonly onChange: (value: InDoubt) => void
}) {
  return (
    <div className="w-96 max-w-full">
      <Choice label={label} value={value} onChange={event => onChange(event.target.value as InDoubt)}>
        <option value="listed_cards">Cards on the list</option>
        <option value="listed">Cards and printed codes on the list</option>
        <option value="closed">Nothing</option>
      </Choice>
    </div>
  )
}
