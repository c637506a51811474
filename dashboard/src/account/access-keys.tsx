import {
  type AccessKey,
  createAccessKey,
  deleteAccessKey,
  listAccessKeys,
} from '@gatehouse/shared/wire/api/auth-keys.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useUser } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Copy } from '../ui/copy.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field, Tick } from '../ui/field.tsx'
import { Empty, Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAgo, sayDay } from '../ui/when.ts'
import { sayScope, scopesOf } from './scope-words.ts'

/** Keys for programs that do something in this person's name. */
export function AccessKeys() {
  const keys = useAsk(listAccessKeys, {})
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<AccessKey | null>(null)
  const nowMs = useNow(60_000)
  const zone = useZone()
  return (
    <section aria-label="Access keys" className="panel">
      <div className="flex items-center justify-between gap-4 border-line border-b px-4 py-2">
        <h2 className="font-strong">Access keys</h2>
        <Button icon="plus" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      </div>
      {keys.isPending && <Waiting rows={2} />}
      {keys.isError && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.data.length === 0 && (
        <Empty title="No access keys">
          A key lets a program of yours do what you choose, over the API or the live feed, and nothing else.
        </Empty>
      )}
      <ul>
        {keys.data?.data.map(key => (
          <li
            key={key.id}
            className="flex items-center justify-between gap-4 border-line border-b px-4 py-3 last:border-b-0"
          >
            <div className="min-w-0">
              <p className="truncate font-medium">
                <bdi>{key.name}</bdi>
              </p>
              <p className="text-13 text-muted">
                may {sayScopes(key.scopes)} until {sayDay(key.expiresAt, zone)} ·{' '}
                {key.lastUsedAt ? `used ${sayAgo(key.lastUsedAt, nowMs)}` : 'never used'}
              </p>
            </div>
            <Button onClick={() => setEnding(key)} aria-label={`End key ${key.name}`}>
              End
            </Button>
          </li>
        ))}
      </ul>
      <Dialog open={making} onClose={() => setMaking(false)} title="Make an access key">
        <Make onClose={() => setMaking(false)} />
      </Dialog>
      <Dialog open={ending !== null} onClose={() => setEnding(null)} title="End the access key">
        {ending && <End accessKey={ending} onClose={() => setEnding(null)} />}
      </Dialog>
    </section>
  )
}

function sayScopes(scopes: AccessKey['scopes']): string {
  const [first, ...more] = scopes.map(sayScope)
  return more.length === 0
    ? `${first}`
    : more.length < 3
      ? [first, ...more].join(', ')
      : `${first} and ${more.length} more`
}

function Make({ onClose }: { readonly onClose: () => void }) {
  const create = useDo(createAccessKey)
  const { role } = useUser()
  const problems = create.error ? fieldProblems(failureOf(create.error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const scopes = form.getAll('scopes') as AccessKey['scopes']
    create.mutate({ body: { name: String(form.get('name')), scopes, days: Number(form.get('days')) } })
  }

  if (create.data) {
    return (
      <div className="flex flex-col gap-4">
        <Warning>The key is shown this once. Keep it where the program finds it.</Warning>
        <div className="flex items-start gap-2 rounded-6 bg-sunken p-3">
          <code className="min-w-0 flex-1 font-mono text-13 break-all">{create.data.key}</code>
          <Copy text={create.data.key} />
        </div>
        <Acts>
          <Button tone="primary" onClick={onClose}>
            Done
          </Button>
        </Acts>
      </div>
    )
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="What it is for"
        name="name"
        placeholder="Screen in the guard room"
        required
        maxLength={100}
        problem={problems.name}
      />
      <fieldset className="flex flex-col">
        <legend className="text-13 font-medium">What it may</legend>
        <div className="grid max-h-52 overflow-y-auto sm:grid-cols-2">
          {scopesOf(role).map(scope => (
            <Tick
              key={scope}
              name="scopes"
              value={scope}
              defaultChecked={scope === 'feed:read'}
              label={sayScope(scope)}
            />
          ))}
        </div>
        {problems.scopes && <p className="text-13 text-refused">{problems.scopes}</p>}
      </fieldset>
      <Choice label="Ends after" name="days" defaultValue="90">
        <option value="7">7 days</option>
        <option value="30">30 days</option>
        <option value="90">90 days</option>
        <option value="365">1 year</option>
      </Choice>
      <Problem error={create.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={create.isPending && 'Making …'}>
          Make
        </Button>
      </Acts>
    </form>
  )
}

function End({ accessKey, onClose }: { readonly accessKey: AccessKey; readonly onClose: () => void }) {
  const end = useDo(deleteAccessKey)
  const say = useSay()
  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium">{accessKey.name}</bdi> works no more; programs that use it are cut off at once.
      </p>
      <Problem error={end.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="danger"
          busy={end.isPending && 'Ending …'}
          onClick={() =>
            end.mutate(
              { params: { keyId: accessKey.id } },
              {
                onSuccess: () => {
                  say({ text: `Key ${accessKey.name} ended` })
                  onClose()
                },
              },
            )
          }
        >
          End the key
        </Button>
      </Acts>
    </div>
  )
}
