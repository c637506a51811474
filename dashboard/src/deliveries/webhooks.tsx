import type { NotificationKind } from '@gatehouse/shared/wire/api/notifications.ts'
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  updateWebhook,
  WEBHOOK_KINDS,
  type Webhook,
} from '@gatehouse/shared/wire/api/webhooks.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { KIND_WORDS } from '../inbox/kind-words.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Copy } from '../ui/copy.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field, Tick } from '../ui/field.tsx'
import { Empty, Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { sayAgo } from '../ui/when.ts'
import { HOOK_TONES, HOOK_WORDS } from './delivery-words.ts'

/** Other programs that are told what happens. */
export function Webhooks() {
  const hooks = useAsk(listWebhooks, {})
  const [adding, setAdding] = useState(false)
  const [ending, setEnding] = useState<Webhook | null>(null)
  return (
    <section aria-label="Web hooks" className="panel mb-4">
      <div className="flex items-center justify-between gap-4 border-line border-b px-4 py-2">
        <h2 className="font-strong">Web hooks</h2>
        <Button icon="plus" onClick={() => setAdding(true)}>
          Add a web hook
        </Button>
      </div>
      {hooks.isPending && <Waiting rows={2} />}
      {hooks.isError && <Failed error={hooks.error} retry={() => void hooks.refetch()} />}
      {hooks.data?.data.length === 0 && (
        <Empty title="No web hooks">
          A web hook tells another program of yours what happens, signed, as it happens.
        </Empty>
      )}
      <ul>
        {hooks.data?.data.map(hook => (
          <Hook key={hook.id} hook={hook} onEnd={() => setEnding(hook)} />
        ))}
      </ul>
      <Dialog open={adding} onClose={() => setAdding(false)} title="Add a web hook">
        <Add onClose={() => setAdding(false)} />
      </Dialog>
      <Dialog open={ending !== null} onClose={() => setEnding(null)} title="Delete the web hook">
        {ending && <End hook={ending} onClose={() => setEnding(null)} />}
      </Dialog>
    </section>
  )
}

function Hook({ hook, onEnd }: { readonly hook: Webhook; readonly onEnd: () => void }) {
  const update = useDo(updateWebhook)
  const nowMs = useNow(60_000)
  const next = hook.state === 'active' ? 'paused' : 'active'
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-3 last:border-b-0">
      <div className="min-w-0 basis-full md:flex-1 md:basis-0">
        <p className="font-medium break-all">
          <bdi>{hook.url}</bdi>
        </p>
        <p className="text-13 text-muted">
          {hook.kinds.map(kind => KIND_WORDS[kind]).join(', ')}
          {hook.failingSince && ` · nothing arrived for ${sayAgo(hook.failingSince, nowMs).replace(/ ago$/, '')}`}
        </p>
        <Problem error={update.error} />
      </div>
      <Badge tone={HOOK_TONES[hook.state]}>{HOOK_WORDS[hook.state]}</Badge>
      <Button
        aria-label={`${next === 'paused' ? 'Pause' : 'Go on with'} ${hook.url}`}
        busy={update.isPending && 'Asking …'}
        onClick={() => update.mutate({ params: { webhookId: hook.id }, body: { state: next } })}
      >
        {next === 'paused' ? 'Pause' : 'Go on'}
      </Button>
      <Button aria-label={`Delete ${hook.url}`} onClick={onEnd}>
        Delete
      </Button>
    </li>
  )
}

function Add({ onClose }: { readonly onClose: () => void }) {
  const create = useDo(createWebhook)
  const problems = create.error ? fieldProblems(failureOf(create.error)) : {}
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const kinds = form.getAll('kinds') as NotificationKind[]
    create.mutate({ body: { url: String(form.get('url')), kinds } })
  }
  if (create.data) {
    return (
      <div className="flex flex-col gap-4">
        <Warning>The secret is shown this once. The receiver checks with it that a message is from here.</Warning>
        <div className="flex items-start gap-2 rounded-6 bg-sunken p-3">
          <code className="min-w-0 flex-1 font-mono text-13 break-all">{create.data.secret}</code>
          <Copy text={create.data.secret} />
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
        label="Address"
        name="url"
        type="url"
        placeholder="https://program.school.example/gatehouse"
        required
        maxLength={1000}
        problem={problems.url}
      />
      <fieldset className="flex flex-col">
        <legend className="text-13 font-medium">Of what it is told</legend>
        <div className="grid max-h-52 overflow-y-auto sm:grid-cols-2">
          {WEBHOOK_KINDS.map(kind => (
            <Tick key={kind} name="kinds" value={kind} label={KIND_WORDS[kind]} />
          ))}
        </div>
        {problems.kinds && <p className="text-13 text-refused">{problems.kinds}</p>}
      </fieldset>
      <Problem error={create.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={create.isPending && 'Adding …'}>
          Add
        </Button>
      </Acts>
    </form>
  )
}

function End({ hook, onClose }: { readonly hook: Webhook; readonly onClose: () => void }) {
  const end = useDo(deleteWebhook, ['deliveries'])
  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium break-all">{hook.url}</bdi> is told nothing more, and what it was sent is forgotten.
      </p>
      <Problem error={end.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="danger"
          busy={end.isPending && 'Deleting …'}
          onClick={() => end.mutate({ params: { webhookId: hook.id } }, { onSuccess: onClose })}
        >
          Delete the web hook
        </Button>
      </Acts>
    </div>
  )
}
