import { listGroups } from '@gatehouse/shared/wire/api/groups.ts'
import { useAsk } from '../api/use-api.ts'
import { useProfiles } from '../gate-rules/use-profiles.ts'
import { Choice, Tick } from '../ui/field.tsx'
import { Failed, Waiting } from '../ui/notice.tsx'

export type OwnOpens = {
  /** Null: nothing was chosen yet. */
  readonly groups: readonly number[] | null
  readonly profile: number
}

/** What a pass opens by itself, without a level. */
export function OwnOpensFields({
  own,
  onChange,
  problem,
}: {
  readonly own: OwnOpens
  readonly onChange: (own: OwnOpens) => void
  readonly problem: string | undefined
}) {
  const groups = useAsk(listGroups, {})
  const profiles = Object.entries(useProfiles())
  const known = groups.data?.data ?? []
  const wanted = own.groups ?? []
  return (
    <>
      <fieldset>
        <legend className="mb-1 text-13 font-medium">Entrances</legend>
        {groups.isPending && <Waiting rows={2} />}
        {groups.isError && <Failed error={groups.error} retry={() => void groups.refetch()} />}
        {groups.data && known.length === 0 && <p className="text-muted">No entrances yet: enter a gate first.</p>}
        <div className="max-h-[32dvh] overflow-y-auto">
          {known.map(({ number, name, accessPoints }) => (
            <Tick
              key={number}
              checked={wanted.includes(number)}
              onChange={event =>
                onChange({
                  ...own,
                  groups: event.target.checked ? [...wanted, number] : wanted.filter(each => each !== number),
                })
              }
              label={
                <>
                  <bdi className="font-medium">{name}</bdi>{' '}
                  <span className="text-13 text-muted">
                    {accessPoints.length > 3 ? `${accessPoints.length} access points` : accessPoints.join('; ')}
                  </span>
                </>
              }
            />
          ))}
        </div>
      </fieldset>
      {profiles.length > 0 && (
        <Choice
          label="Hours"
          value={own.profile}
          onChange={event => onChange({ ...own, profile: Number(event.target.value) })}
          problem={problem}
        >
          <option value={0}>Always</option>
          {profiles.map(([number, { name }]) => (
            <option key={number} value={number}>
              {name}
            </option>
          ))}
        </Choice>
      )}
    </>
  )
}
