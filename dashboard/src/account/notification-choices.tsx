import {
  type Channel,
  getNotificationPreferences,
  NOTIFICATION_KINDS,
  type NotificationKind,
  type NotificationPreferences,
  setNotificationPreferences,
  type Wishes,
} from '@gatehouse/shared/wire/api/notifications.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { KIND_WORDS } from '../inbox/kind-words.ts'
import { Button } from '../ui/button.tsx'
import { Field, Tick } from '../ui/field.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { PushSwitch } from './push-switch.tsx'
import { Section } from './section.tsx'

const CHANNEL_WORDS: Record<Channel, string> = { inbox: 'inbox', email: 'e-mail', push: 'push', sms: 'text message' }

/** How somebody is told of what, and when not. */
export function NotificationChoices() {
  const kept = useAsk(getNotificationPreferences, {})
  return (
    <Section title="Notifications" act={<PushSwitch />}>
      {kept.isPending && <Waiting rows={6} />}
      {kept.isError && <Failed error={kept.error} retry={() => void kept.refetch()} />}
      {kept.data && <Choices kept={kept.data.data} />}
    </Section>
  )
}

function Choices({ kept }: { readonly kept: NotificationPreferences }) {
  const save = useDo(setNotificationPreferences)
  const say = useSay()
  const [kinds, setKinds] = useState(kept.kinds)
  const [isQuiet, setQuiet] = useState(kept.quietHours !== null)
  const problems = save.error ? fieldProblems(failureOf(save.error)) : {}
  const change = (kind: NotificationKind, changed: Partial<Wishes>) =>
    setKinds(before => ({ ...before, [kind]: { ...before[kind], ...changed } }))

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const number = String(form.get('smsNumber') ?? '').replace(/[\s()-]/g, '')
    const quietHours = isQuiet ? { from: String(form.get('from')), to: String(form.get('to')) } : null
    const body = { quietHours, kinds, ...(number !== '' && { smsNumber: number }) }
    save.mutate({ body }, { onSuccess: () => say({ text: 'Notifications saved' }) })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-4">
      <div className="overflow-x-auto">
        <table className="w-full text-left">
          <caption className="sr-only">How I am told of what</caption>
          <thead>
            <tr className="text-13 text-muted">
              <th scope="col" className="py-1 pr-4 font-medium">
                Of what
              </th>
              {['Inbox', 'E-mail', 'Push', ...(kept.sms ? ['Text'] : [])].map(name => (
                <th key={name} scope="col" className="px-1 py-1 font-medium md:px-2">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {NOTIFICATION_KINDS.map(kind => (
              <KindRow
                key={kind}
                kind={kind}
                wishes={kinds[kind]}
                isFixed={kept.fixed.includes(kind)}
                sms={kept.sms}
                onChange={changed => change(kind, changed)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <p className="text-13 text-muted">
        News about how you sign in always comes to the inbox and by e-mail, at once. The daily mail goes out at seven.
      </p>
      <Tick label="Quiet hours: push and text messages wait" checked={isQuiet} onChange={() => setQuiet(!isQuiet)} />
      {isQuiet && (
        <div className="grid max-w-sm grid-cols-2 gap-4">
          <Field label="From" name="from" type="time" required defaultValue={kept.quietHours?.from ?? '22:00'} />
          <Field
            label="To"
            name="to"
            type="time"
            required
            defaultValue={kept.quietHours?.to ?? '07:00'}
            problem={problems['quietHours.to']}
          />
        </div>
      )}
      {kept.sms && (
        <Field
          label="Number for text messages"
          name="smsNumber"
          type="tel"
          autoComplete="tel"
          placeholder="+31612345678"
          hint={kept.smsNumber ? `Now ${kept.smsNumber}. Left empty, it stays.` : 'With its country code.'}
          problem={problems.smsNumber}
        />
      )}
      <Problem error={save.error} />
      <Button type="submit" tone="primary" className="self-start" busy={save.isPending && 'Saving …'}>
        Save
      </Button>
    </form>
  )
}

function KindRow({
  kind,
  wishes,
  isFixed,
  sms,
  onChange,
}: {
  readonly kind: NotificationKind
  readonly wishes: Wishes
  readonly isFixed: boolean
  readonly sms: boolean
  readonly onChange: (changed: Partial<Wishes>) => void
}) {
  const tick = (channel: 'inbox' | 'push' | 'sms', disabled: boolean) => (
    <td className="px-1 py-1 md:px-2">
      <label className="inline-flex min-h-8 min-w-8 items-center pointer-coarse:min-h-11 pointer-coarse:min-w-11">
        <span className="sr-only">
          {KIND_WORDS[kind]}: {CHANNEL_WORDS[channel]}
        </span>
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={wishes[channel] === 'now'}
          disabled={disabled}
          onChange={({ target }) => onChange({ [channel]: target.checked ? 'now' : 'off' })}
        />
      </label>
    </td>
  )
  return (
    <tr className="border-line border-t">
      <th scope="row" className="py-1 pr-2 font-normal md:pr-4">
        {KIND_WORDS[kind]}
      </th>
      {tick('inbox', isFixed)}
      <td className="px-1 py-1 md:px-2">
        <select
          aria-label={`${KIND_WORDS[kind]}: e-mail`}
          className="control"
          value={wishes.email}
          disabled={isFixed}
          onChange={({ target }) => onChange({ email: target.value as Wishes['email'] })}
        >
          <option value="now">At once</option>
          <option value="daily">Once a day</option>
          <option value="off">Not</option>
        </select>
      </td>
      {tick('push', false)}
      {sms && tick('sms', false)}
    </tr>
  )
}
