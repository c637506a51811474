import type { DayHours, HoursWindow } from '@gatehouse/shared/list/policy.ts'
import { createProfile, deleteProfile, type TimeProfile, updateProfile } from '@gatehouse/shared/wire/api/profiles.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { DayHoursEditor, WeekEditor } from '../gate-rules/hours.tsx'
import { Button } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

/** New hours of the week, or hours that are changed or taken away. */
export function ProfileForm({
  open,
  profile,
  onClose,
}: {
  readonly open: boolean
  readonly profile: TimeProfile | null
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={profile === null ? 'New hours' : 'Hours'} wide>
      <Fields profile={profile} onClose={onClose} />
    </Dialog>
  )
}

const OFFICE: readonly HoursWindow[] = [1, 2, 3, 4, 5].map(day => ({ day, fromMinute: 480, untilMinute: 1080 }))
const CHANGES = ['settings', 'access-levels', 'lists']

function Fields({ profile, onClose }: { readonly profile: TimeProfile | null; readonly onClose: () => void }) {
  const create = useDo(createProfile, CHANGES)
  const update = useDo(updateProfile, CHANGES)
  const remove = useDo(deleteProfile, CHANGES)
  const say = useSay()
  const [name, setName] = useState(profile?.name ?? '')
  const [windows, setWindows] = useState<readonly HoursWindow[]>(profile?.windows ?? OFFICE)
  const [onHolidays, setOnHolidays] = useState<readonly DayHours[]>(profile?.onHolidays ?? [])
  const error = create.error ?? update.error ?? remove.error
  const problems = error ? fieldProblems(failureOf(error)) : {}
  const said = (path: string) => Object.entries(problems).find(([at]) => at === path || at.startsWith(`${path}.`))?.[1]
  const isUsed = profile !== null && profile.passes + profile.levels > 0
  const isChanged =
    profile !== null && JSON.stringify([windows, onHolidays]) !== JSON.stringify([profile.windows, profile.onHolidays])

  const done = (text: string, undo?: () => void) => {
    say({ text, ...(undo && { undo }) })
    onClose()
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const body = { name, windows: [...windows], onHolidays: [...onHolidays] }
    if (profile === null) return create.mutate({ body }, { onSuccess: made => done(`${made.name} made`) })
    update.mutate(
      { params: { number: profile.number }, body, ifMatch: profile.version },
      { onSuccess: kept => done(`${kept.name} saved`) },
    )
  }

  function takeAway({ number, version, ...was }: TimeProfile) {
    const body = { name: was.name, windows: was.windows, onHolidays: was.onHolidays }
    remove.mutate(
      { params: { number }, ifMatch: version },
      { onSuccess: () => done(`${was.name} taken away`, () => create.mutate({ body })) },
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
        placeholder="Office hours"
        problem={problems.name}
      />
      <WeekEditor name={name} hours={windows} onChange={setWindows} said={said} path="windows" />
      <div>
        <p className="mb-2 font-medium">On holidays{onHolidays.length === 0 && ': closed'}</p>
        <DayHoursEditor
          name={`${name}, holidays`}
          hours={onHolidays}
          onChange={setOnHolidays}
          said={said}
          path="onHolidays"
        />
      </div>
      {isChanged && profile.passes > 0 && (
        <Warning>
          {countWords(profile.passes, 'pass', 'passes')} will open by these hours. Where many lose some, a second
          administrator has to let it go.
        </Warning>
      )}
      <Problem error={error} />
      <Acts>
        {profile !== null && (
          <Button
            className="mr-auto"
            disabled={isUsed}
            busy={remove.isPending && 'Taking away …'}
            onClick={() => takeAway(profile)}
          >
            Take away
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={(create.isPending || update.isPending) && 'Saving …'}>
          {profile === null ? 'Make' : 'Save'}
        </Button>
      </Acts>
      {isUsed && (
        <p className="text-13 text-muted">
          Named by {countWords(profile.passes, 'pass', 'passes')} and{' '}
          {countWords(profile.levels, 'access level', 'access levels')}. It cannot be taken away before they have other
          hours.
        </p>
      )}
    </form>
  )
}
