import { askPasswordReset } from '@gatehouse/shared/wire/api/auth-password.ts'
import { type FormEvent, useState } from 'react'
import { sayFailure } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { Entrance, Way } from './entrance.tsx'

/** Asks for a link that sets a new password. The page says the same whether anybody has the address or not. */
export function Forgotten({ onBack }: { readonly onBack: () => void }) {
  const { client } = useBrowserSession()
  const [state, setState] = useState<'asking' | 'sending' | 'sent'>('asking')
  const [failure, setFailure] = useState<string | null>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const email = String(new FormData(event.currentTarget).get('email'))
    setState('sending')
    setFailure(null)
    const answer = await client.call(askPasswordReset, { body: { email } })
    setState(answer.ok ? 'sent' : 'asking')
    if (!answer.ok) setFailure(sayFailure(answer.failure))
  }

  return (
    <Entrance
      title="New password"
      lead="A link by mail sets a new password."
      foot={<Way onClick={onBack}>Back to signing in</Way>}
    >
      {state === 'sent' ? (
        <p role="status" className="panel p-5">
          If somebody here has this address, a link is on its way. It works once, within an hour. Nothing there after a
          few minutes? Look among the unwanted mail, or ask an administrator of your school.
        </p>
      ) : (
        <form
          onSubmit={event => void submit(event)}
          className="panel flex flex-col gap-4 p-5"
          aria-label="Ask for a link"
        >
          <Problem error={failure} />
          <Field
            label="E-mail"
            name="email"
            type="email"
            autoComplete="username"
            autoCapitalize="none"
            required
            autoFocus
          />
          <Button type="submit" tone="primary" busy={state === 'sending' && 'Sending …'}>
            Send me a link
          </Button>
        </form>
      )}
    </Entrance>
  )
}
