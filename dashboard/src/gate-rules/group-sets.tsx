import { type Group, listGroups } from '@gatehouse/shared/wire/api/groups.ts'
import { useAsk } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Tick } from '../ui/field.tsx'
import { Part } from '../ui/part.tsx'
import { freeSet, without } from './draft.ts'
import type { PartProps } from './part-props.ts'

/** Groups under one number: a pass may name the number in place of the groups. */
export function GroupSetsPart({ rules, onChange, said }: PartProps) {
  const groups = useAsk(listGroups, {})
  const known = groups.data?.data ?? []
  const { groupSets } = rules
  const change = (next: Readonly<Record<string, number>>) => onChange({ ...rules, groupSets: next })
  const free = freeSet(groupSets)
  const [first] = known
  return (
    <Part
      title="Group sets"
      about="A pass made elsewhere can name a set by its number in place of groups. A changed set changes every pass that names it, as soon as the gates have the next list."
      problem={Object.keys(groupSets).length === 0 ? said('groupSets') : undefined}
    >
      {Object.entries(groupSets).map(([number, mask]) => (
        <SetFields
          key={number}
          number={number}
          mask={mask}
          groups={known}
          onChange={next => change({ ...groupSets, [number]: next })}
          onRemove={() => change(without(groupSets, number))}
          problem={said(`groupSets.${number}`)}
        />
      ))}
      {free !== null && first !== undefined && (
        <div>
          <Button icon="plus" onClick={() => change({ ...groupSets, [free]: maskOf(first.number) })}>
            New set
          </Button>
        </div>
      )}
    </Part>
  )
}

/** The bit of a group; there are 31, so that no sign is in the way. */
const maskOf = (group: number) => 1 << group

function SetFields({
  number,
  mask,
  groups,
  onChange,
  onRemove,
  problem,
}: {
  readonly number: string
  readonly mask: number
  readonly groups: readonly Group[]
  readonly onChange: (mask: number) => void
  readonly onRemove: () => void
  readonly problem: string | undefined
}) {
  return (
    <fieldset className="flex flex-col gap-1 border-line border-b pb-4">
      <legend className="sr-only">Set {number}</legend>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-medium">Set {number}</h3>
        <Button aria-label={`Take away set ${number}`} onClick={onRemove}>
          Take away
        </Button>
      </div>
      <div className="grid gap-x-4 sm:grid-cols-2 lg:grid-cols-3">
        {groups.map(group => (
          <Tick
            key={group.number}
            checked={(mask & maskOf(group.number)) !== 0}
            onChange={event =>
              onChange(event.target.checked ? mask | maskOf(group.number) : mask & ~maskOf(group.number))
            }
            label={<bdi>{group.name}</bdi>}
          />
        ))}
      </div>
      {mask === 0 && <p className="text-13 text-refused">Tick at least one group, or take the set away.</p>}
      {problem && mask !== 0 && <p className="text-13 text-refused">{problem}</p>}
    </fieldset>
  )
}
