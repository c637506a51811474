import { setUp } from '@gatehouse/shared/wire/api/auth-setup.ts'
import { type FormEvent, useState } from 'react'
import { type Failure, fieldProblems, sayFailure } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { Entrance } from './entrance.tsx'
import { takeLink } from './link-token.ts'
import { PasswordField } from './password-field.tsx'

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone

/** Where the link leads that an empty service prints: the first school and its administrator. */
export function SetupPage() {
  const { client } = useBrowserSession()
  const [token] = useState(takeLink)
  const [state, setState] = useState<'asking' | 'making' | 'made'>('asking')
  const [failure, setFailure] = useState<Failure | null>(null)
  const problems = failure === null ? {} : fieldProblems(failure)
  const said =
    token === null
      ? 'This link is not whole. Copy all of it from where the service printed it.'
      : failure && Object.keys(problems).length === 0
        ? sayFailure(failure)
        : null

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name))
    setState('making')
    setFailure(null)
    const answer = await client.call(setUp, {
      body: {
        token: token ?? '',
        school: { name: text('name'), tenant: text('tenant'), timeZone: text('timeZone') },
        administrator: { email: text('email'), displayName: text('displayName'), password: text('password') },
      },
    })
    setState(answer.ok ? 'made' : 'asking')
    if (!answer.ok) setFailure(answer.failure)
  }

  if (state === 'made') {
    return (
      <Entrance title="Set up" lead="The school is made.">
        <p role="status" className="panel p-5">
          You are its administrator.{' '}
          <a href="/" className="text-accent underline">
            Sign in
          </a>{' '}
          with your e-mail and password.
        </p>
      </Entrance>
    )
  }
  return (
    <Entrance title="Set up" lead="Nobody is here yet. Make the first school and its administrator.">
      <form onSubmit={event => void submit(event)} className="panel flex flex-col gap-4 p-5" aria-label="Set up">
        <Problem error={said} />
        <Field
          label="Name of the school"
          name="name"
          required
          maxLength={200}
          autoFocus
          problem={problems['school.name']}
        />
        <Field
          label="Short name"
          name="tenant"
          required
          maxLength={36}
          pattern="[a-z0-9\-]{3,36}"
          autoCapitalize="none"
          hint="Chosen once, for gates and keys: hillside-college"
          problem={problems['school.tenant']}
        />
        <Field
          label="Time zone of its gates"
          name="timeZone"
          required
          defaultValue={HERE}
          problem={problems['school.timeZone']}
        />
        <Field
          label="Your name"
          name="displayName"
          autoComplete="name"
          required
          maxLength={200}
          problem={problems['administrator.displayName']}
        />
        <Field
          label="Your e-mail"
          name="email"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          required
          problem={problems['administrator.email']}
        />
        <PasswordField
          kind="new"
          hint="8 characters or more; four words are good"
          problem={problems['administrator.password']}
        />
        <Button type="submit" tone="primary" disabled={token === null} busy={state === 'making' && 'Making …'}>
          Make the school
        </Button>
      </form>
    </Entrance>
  )
}
