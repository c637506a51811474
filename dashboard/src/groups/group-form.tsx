import {
  createGroup,
  deleteGroup,
  type Group,
  listAccessPoints,
  updateGroup,
} from '@gatehouse/shared/wire/api/groups.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { PointPicker } from './point-picker.tsx'

/** A new group, or one that is changed or taken away. */
export function GroupForm({
  open,
  group,
  onClose,
}: {
  readonly open: boolean
  readonly group: Group | null
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={group === null ? 'New group' : 'Group'} wide>
      <Fields group={group} onClose={onClose} />
    </Dialog>
  )
}

const CHANGES = ['access-points', 'access-levels', 'gates', 'passes']

function Fields({ group, onClose }: { readonly group: Group | null; readonly onClose: () => void }) {
  const points = useAsk(listAccessPoints, {})
  const create = useDo(createGroup, CHANGES)
  const update = useDo(updateGroup, CHANGES)
  const remove = useDo(deleteGroup, CHANGES)
  const say = useSay()
  const [name, setName] = useState(group?.name ?? '')
  const [chosen, setChosen] = useState<readonly string[]>(group?.accessPointIds ?? [])
  const error = create.error ?? update.error ?? remove.error
  const problems = error ? fieldProblems(failureOf(error)) : {}
  const moved = new Set(group?.accessPointIds ?? []).symmetricDifference(new Set(chosen)).size

  const done = (text: string, undo?: () => void) => {
    say({ text, ...(undo && { undo }) })
    onClose()
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const body = { name, accessPointIds: [...chosen] }
    if (group === null) return create.mutate({ body }, { onSuccess: made => done(`Group ${made.name} made`) })
    update.mutate(
      { params: { number: group.number }, body, ifMatch: group.version },
      { onSuccess: kept => done(`Group ${kept.name} saved`) },
    )
  }

  function takeAway({ number, version, name: was, accessPointIds }: Group) {
    remove.mutate(
      { params: { number }, ifMatch: version },
      {
        onSuccess: () => done(`Group ${was} taken away`, () => create.mutate({ body: { name: was, accessPointIds } })),
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Name"
        value={name}
        onChange={event => setName(event.target.value)}
        required
        maxLength={100}
        dir="auto"
        placeholder="Laboratories"
        problem={problems.name}
      />
      {points.isPending && <Waiting rows={3} />}
      {points.isError && <Failed error={points.error} retry={() => void points.refetch()} />}
      {points.data && <PointPicker points={points.data.data} chosen={chosen} onChange={setChosen} />}
      {group !== null && moved > 0 && group.passes > 0 && (
        <Warning>
          {countWords(moved, 'access point', 'access points')} will open otherwise for{' '}
          {countWords(group.passes, 'pass', 'passes')}, as soon as the gates have heard of it.
        </Warning>
      )}
      <Problem error={error} />
      <Acts>
        {group !== null && (
          <Button
            className="mr-auto"
            disabled={group.passes + group.levels > 0}
            title={group.passes + group.levels > 0 ? usedBy(group) : undefined}
            busy={remove.isPending && 'Taking away …'}
            onClick={() => takeAway(group)}
          >
            Take away
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={(create.isPending || update.isPending) && 'Saving …'}>
          {group === null ? 'Make' : 'Save'}
        </Button>
      </Acts>
      {group !== null && group.passes + group.levels > 0 && (
        <p className="text-13 text-muted">{usedBy(group)} It cannot be taken away before they name another.</p>
      )}
    </form>
  )
}

function usedBy({ passes, levels }: Group): string {
  return `Named by ${countWords(passes, 'pass', 'passes')} and ${countWords(levels, 'access level', 'access levels')}.`
}
