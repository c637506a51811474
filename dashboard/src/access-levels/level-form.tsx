import { PASS_CLASSES } from '@gatehouse/shared/pass/body.ts'
import {
  type AccessLevel,
  archiveAccessLevel,
  createAccessLevel,
  type LevelEffect,
  previewAccessLevel,
  restoreAccessLevel,
  updateAccessLevel,
} from '@gatehouse/shared/wire/api/access-levels.ts'
import { listGroups } from '@gatehouse/shared/wire/api/groups.ts'
import { listProfiles } from '@gatehouse/shared/wire/api/profiles.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { capital } from '../passes/pass-words.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field, Tick } from '../ui/field.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { Effect } from './level-effect.tsx'

/** A new level, or one that is changed, archived or brought back. */
export function LevelForm({
  open,
  level,
  onClose,
}: {
  readonly open: boolean
  readonly level: AccessLevel | null
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={level === null ? 'New access level' : 'Access level'} wide>
      {level?.archivedAt ? <Archived level={level} onClose={onClose} /> : <Fields level={level} onClose={onClose} />}
    </Dialog>
  )
}

const CHANGES = ['groups', 'profiles', 'passes', 'lists', 'pass-proposal']

function Fields({ level, onClose }: { readonly level: AccessLevel | null; readonly onClose: () => void }) {
  const groups = useAsk(listGroups, {})
  const profiles = useAsk(listProfiles, {})
  const create = useDo(createAccessLevel, CHANGES)
  const update = useDo(updateAccessLevel, CHANGES)
  const preview = useDo(previewAccessLevel)
  const archive = useDo(archiveAccessLevel)
  const restore = useDo(restoreAccessLevel)
  const say = useSay()
  const [name, setName] = useState(level?.name ?? '')
  const [kind, setKind] = useState(level?.class ?? 'student')
  const [chosen, setChosen] = useState<readonly number[]>(level?.groups.map(({ number }) => number) ?? [])
  const [profile, setProfile] = useState(level?.profile ?? 0)
  const [effect, setEffect] = useState<LevelEffect | null>(null)
  const [missing, setMissing] = useState<string | null>(null)
  const error = create.error ?? preview.error ?? update.error ?? archive.error
  const problems = error ? fieldProblems(failureOf(error)) : {}
  const body = { name, class: kind, groups: [...chosen].toSorted((a, b) => a - b), profile }

  const done = (text: string, undo?: () => void) => {
    say({ text, ...(undo && { undo }) })
    onClose()
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (chosen.length === 0) return setMissing('Choose at least one group.')
    setMissing(null)
    if (level === null) return create.mutate({ body }, { onSuccess: made => done(`${made.name} made`) })
    const { id: levelId, version: ifMatch } = level
    if (effect === null && level.passes > 0) {
      return preview.mutate({ params: { levelId }, body, ifMatch }, { onSuccess: setEffect })
    }
    update.mutate({ params: { levelId }, body, ifMatch }, { onSuccess: kept => done(`${kept.name} saved`) })
  }

  function putAway({ id: levelId, name: was, version: ifMatch }: AccessLevel) {
    archive.mutate(
      { params: { levelId }, ifMatch },
      { onSuccess: () => done(`${was} archived`, () => restore.mutate({ params: { levelId } })) },
    )
  }

  if (effect !== null && level !== null) {
    return (
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Effect effect={effect} />
        <Problem error={update.error} />
        <Acts>
          <Button
            onClick={() => {
              setEffect(null)
              update.reset()
            }}
          >
            Back
          </Button>
          <Button type="submit" tone={effect.lose > 0 ? 'danger' : 'primary'} busy={update.isPending && 'Changing …'}>
            {effect.gain + effect.lose > 0 ? `Change ${Math.max(effect.gain, effect.lose)} passes` : 'Save'}
          </Button>
        </Acts>
      </form>
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
        placeholder="Student, weekdays"
        problem={problems.name}
      />
      <div className="grid gap-4 md:grid-cols-2">
        <Choice
          label="Kind of pass"
          value={kind}
          onChange={event => setKind(PASS_CLASSES.find(each => each === event.target.value) ?? 'student')}
          problem={problems.class}
        >
          {PASS_CLASSES.map(each => (
            <option key={each} value={each}>
              {capital(each)}
            </option>
          ))}
        </Choice>
        <Choice
          label="Hours"
          value={profile}
          onChange={event => setProfile(Number(event.target.value))}
          problem={problems.profile}
        >
          <option value={0}>Always</option>
          {(profiles.data?.data ?? []).map(({ number, name: hours }) => (
            <option key={number} value={number}>
              {hours}
            </option>
          ))}
        </Choice>
      </div>
      <fieldset className="min-w-0">
        <legend className="mb-1 text-13 font-medium">Groups</legend>
        {groups.isPending && <Waiting rows={2} />}
        {groups.isError && <Failed error={groups.error} retry={() => void groups.refetch()} />}
        {groups.data?.data.length === 0 && <p className="text-muted">No groups yet: make one first.</p>}
        <div className="max-h-[36dvh] overflow-y-auto">
          {groups.data?.data.map(({ number, name: group, accessPoints }) => (
            <Tick
              key={number}
              checked={chosen.includes(number)}
              onChange={event =>
                setChosen(event.target.checked ? [...chosen, number] : chosen.filter(each => each !== number))
              }
              label={
                <>
                  <bdi className="font-medium">{group}</bdi>{' '}
                  <span className="text-13 text-muted">{pointWords(accessPoints)}</span>
                </>
              }
            />
          ))}
        </div>
      </fieldset>
      <Problem error={missing ?? error} />
      <Acts>
        {level !== null && (
          <Button className="mr-auto" busy={archive.isPending && 'Archiving …'} onClick={() => putAway(level)}>
            Archive
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          tone="primary"
          busy={(create.isPending || preview.isPending || update.isPending) && 'Wait …'}
        >
          {level === null ? 'Make' : level.passes > 0 ? 'Show what it changes' : 'Save'}
        </Button>
      </Acts>
    </form>
  )
}

function pointWords(points: readonly string[]): string {
  return points.length > 3 ? `${points.length} access points` : points.join('; ')
}

function Archived({ level, onClose }: { readonly level: AccessLevel; readonly onClose: () => void }) {
  const restore = useDo(restoreAccessLevel)
  const say = useSay()
  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium">{level.name}</bdi> is given to nobody any more. {level.passes} passes that have it
        keep what they open.
      </p>
      <Problem error={restore.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="primary"
          busy={restore.isPending && 'Bringing back …'}
          onClick={() =>
            restore.mutate(
              { params: { levelId: level.id }, ifMatch: level.version },
              {
                onSuccess: () => {
                  say({ text: `${level.name} brought back` })
                  onClose()
                },
              },
            )
          }
        >
          Bring back
        </Button>
      </Acts>
    </div>
  )
}
