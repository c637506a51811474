import { PASS_CLASSES } from '@gatehouse/shared/pass/body.ts'
import {
  type AccessLevel,
  createLevelDefault,
  deleteLevelDefault,
  type LevelDefault,
  listLevelDefaults,
  updateLevelDefault,
} from '@gatehouse/shared/wire/api/access-levels.ts'
import { listDepartments } from '@gatehouse/shared/wire/api/departments.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { capital } from '../passes/pass-words.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice } from '../ui/field.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

/** Which level a new pass takes where nobody chooses one: the most specific that fits. */
export function DefaultsPanel({
  levels,
  mayWrite,
}: {
  readonly levels: readonly AccessLevel[]
  readonly mayWrite: boolean
}) {
  const defaults = useAsk(listLevelDefaults, {})
  const update = useDo(updateLevelDefault, ['pass-proposal'])
  const remove = useDo(deleteLevelDefault, ['pass-proposal'])
  const create = useDo(createLevelDefault, ['pass-proposal'])
  const say = useSay()
  const [adding, setAdding] = useState(false)

  const takeAway = ({ id, version, class: kind, department, level }: LevelDefault) =>
    remove.mutate(
      { params: { defaultId: id }, ifMatch: version },
      {
        onSuccess: () =>
          say({
            text: 'Default taken away',
            undo: () =>
              create.mutate({ body: { class: kind, departmentId: department?.id ?? null, levelId: level.id } }),
          }),
      },
    )

  return (
    <section aria-labelledby="defaults" className="panel">
      <div className="flex flex-wrap items-center gap-3 border-line border-b px-4 py-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id="defaults" className="text-16 font-strong">
            What new passes take
          </h2>
          <p className="text-muted">The first that fits, from above. Passes that were issued keep their level.</p>
        </div>
        {mayWrite && (
          <Button icon="plus" onClick={() => setAdding(true)}>
            New default
          </Button>
        )}
      </div>
      {defaults.isPending && <Waiting rows={2} />}
      {defaults.isError && <Failed error={defaults.error} retry={() => void defaults.refetch()} />}
      {defaults.data?.data.length === 0 && (
        <p className="px-4 py-6 text-center text-muted">None yet: whoever issues a pass chooses its level.</p>
      )}
      <ul>
        {defaults.data?.data.map(one => (
          <li
            key={one.id}
            className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-4 py-2 last:border-b-0"
          >
            <bdi className="min-w-0 flex-1 break-words max-md:basis-full">{forWords(one)}</bdi>
            {mayWrite ? (
              <>
                <select
                  aria-label={`Level for ${forWords(one)}`}
                  className="control min-w-0 max-md:flex-1 md:w-64"
                  value={one.level.id}
                  onChange={event =>
                    update.mutate({
                      params: { defaultId: one.id },
                      body: { levelId: event.target.value },
                      ifMatch: one.version,
                    })
                  }
                >
                  {levels
                    .filter(level => one.class === null || level.class === one.class)
                    .map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                </select>
                <IconButton name={`Take away: ${forWords(one)}`} icon="close" onClick={() => takeAway(one)} />
              </>
            ) : (
              <bdi>{one.level.name}</bdi>
            )}
          </li>
        ))}
      </ul>
      {(update.error || remove.error) && (
        <div className="p-4">
          <Problem error={update.error ?? remove.error} />
        </div>
      )}
      <Dialog open={adding} onClose={() => setAdding(false)} title="New default">
        <Fields levels={levels} onClose={() => setAdding(false)} />
      </Dialog>
    </section>
  )
}

function forWords({ class: kind, department }: LevelDefault): string {
  const who = kind === null ? 'Any kind' : capital(kind)
  if (department !== null) return `${who}, ${department.name}`
  return kind === null ? 'Everybody else' : who
}

function Fields({ levels, onClose }: { readonly levels: readonly AccessLevel[]; readonly onClose: () => void }) {
  const create = useDo(createLevelDefault, ['pass-proposal'])
  const say = useSay()
  const departments = useAsk(listDepartments, {})
  const [kind, setKind] = useState<string>('')
  const problems = create.error ? fieldProblems(failureOf(create.error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const department = String(form.get('departmentId'))
    create.mutate(
      {
        body: {
          class: PASS_CLASSES.find(each => each === kind) ?? null,
          departmentId: department === '' ? null : department,
          levelId: String(form.get('levelId')),
        },
      },
      {
        onSuccess: () => {
          say({ text: 'Default saved for new passes' })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Choice label="Kind of pass" value={kind} onChange={event => setKind(event.target.value)}>
        <option value="">Any kind</option>
        {PASS_CLASSES.map(each => (
          <option key={each} value={each}>
            {capital(each)}
          </option>
        ))}
      </Choice>
      <Choice label="Department" name="departmentId" problem={problems.departmentId}>
        <option value="">Any department</option>
        {departments.data?.data.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice label="Access level" name="levelId" problem={problems.levelId}>
        {levels
          .filter(level => kind === '' || level.class === kind)
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </Choice>
      <Problem error={create.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={create.isPending && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}
