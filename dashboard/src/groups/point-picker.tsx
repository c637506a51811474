import type { AccessPoint } from '@gatehouse/shared/wire/api/groups.ts'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field, Tick } from '../ui/field.tsx'

/** With more of them than fit, one is looked for. */
const SEARCHED_FROM = 12

/** Access points by gate, each in or out of the group. */
export function PointPicker({
  points,
  chosen,
  onChange,
}: {
  readonly points: readonly AccessPoint[]
  readonly chosen: readonly string[]
  readonly onChange: (ids: string[]) => void
}) {
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const shown = points.filter(({ gate, name }) => `${gate} ${name}`.toLowerCase().includes(wanted))
  const gates = Map.groupBy(shown, ({ gate }) => gate)
  const set = new Set(chosen)
  const put = (ids: readonly string[], isIn: boolean) =>
    onChange(isIn ? [...set.union(new Set(ids))] : [...set.difference(new Set(ids))])
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-13 font-medium">
        Access points, {chosen.length} of {points.length}
      </legend>
      {points.length === 0 && <p className="text-muted">No access points yet: enter a gate first.</p>}
      {points.length > SEARCHED_FROM && (
        <div className="mb-2">
          <Field
            label="Look for one"
            type="search"
            value={search}
            onChange={event => setSearch(event.target.value)}
            placeholder="Gate or access point"
          />
        </div>
      )}
      <div className="flex max-h-[40dvh] flex-col gap-3 overflow-y-auto">
        {[...gates].map(([gate, ofGate]) => {
          const ids = ofGate.map(({ id }) => id)
          const all = ids.every(id => set.has(id))
          return (
            <div key={gate}>
              <div className="flex items-center justify-between gap-2">
                <p className="min-w-0 truncate font-medium">
                  <bdi>{gate}</bdi>
                </p>
                <Button tone="quiet" aria-label={`${all ? 'None' : 'All'} of ${gate}`} onClick={() => put(ids, !all)}>
                  {all ? 'None' : 'All'}
                </Button>
              </div>
              {ofGate.map(({ id, name, direction }) => (
                <Tick
                  key={id}
                  checked={set.has(id)}
                  onChange={event => put([id], event.target.checked)}
                  label={
                    <>
                      <bdi>{name}</bdi>{' '}
                      <span className="text-13 text-muted">{direction === 'in' ? 'way in' : 'way out'}</span>
                    </>
                  }
                />
              ))}
            </div>
          )
        })}
        {points.length > 0 && gates.size === 0 && <p className="text-muted">None is named like that.</p>}
      </div>
    </fieldset>
  )
}
