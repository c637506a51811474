import { confirmPasswordReset } from '@gatehouse/shared/wire/api/auth-password.ts'
import { type FormEvent, useState } from 'react'
import { sayFailure } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/notice.tsx'
import { Entrance } from './entrance.tsx'
import { takeLink } from './link-token.ts'
import { PasswordField } from './password-field.tsx'

/** Where a mailed link leads: a new password, once. */
export function ResetPage() {
  const { client } = useBrowserSession()
  const [token] = useState(takeLink)
  const [state, setState] = useState<'asking' | 'setting' | 'set'>('asking')
  const [failure, setFailure] = useState<string | null>(
    token === null ? 'This link is not whole. Open it from the mail again.' : null,
  )

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const password = String(new FormData(event.currentTarget).get('password'))
    setState('setting')
    setFailure(null)
    const answer = await client.call(confirmPasswordReset, { body: { token: token ?? '', password } })
    setState(answer.ok ? 'set' : 'asking')
    if (!answer.ok) setFailure(sayFailure(answer.failure))
  }

  return (
    <Entrance
      title="New password"
      lead="Choose a new password."
      foot={
        <a href="/" className="text-accent underline">
          To the sign-in page
        </a>
      }
    >
      {state === 'set' ? (
        <p role="status" className="panel p-5">
          The password is set, and you are signed out everywhere. Sign in with the new one.
        </p>
      ) : (
        <form
          onSubmit={event => void submit(event)}
          className="panel flex flex-col gap-4 p-5"
          aria-label="New password"
        >
          <Problem error={failure} />
          <PasswordField label="New password" kind="new" hint="8 characters or more; four words are good" />
          <Button type="submit" tone="primary" disabled={token === null} busy={state === 'setting' && 'Setting …'}>
            Set the password
          </Button>
        </form>
      )}
    </Entrance>
  )
}
