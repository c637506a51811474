import { login } from '@gatehouse/shared/wire/api/auth.ts'
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Failure } from '../api/failure.ts'
import { sayFailure, sayWait } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Field, Tick } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'

/** Why nobody was let in, in words that say what to do and not which half was wrong. */
export function saySignInFailure(failure: Failure): string {
  if (failure.kind === 'problem') {
    if (failure.status === 401) return 'E-mail or password is wrong. Check both and try again.'
    if (failure.status === 403) return 'This account is switched off. Ask an administrator of the school.'
    if (failure.status === 429) return `Too many tries. Wait ${sayWait(failure.retryAfterS)} and try again.`
    if (failure.status === 400 || failure.status === 422) return 'Give the whole e-mail address and the password.'
  }
  return sayFailure(failure)
}

export function SignIn() {
  const { client, session } = useBrowserSession()
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const password = useRef<HTMLInputElement>(null)

  useEffect(() => {
    document.title = 'Sign in · Gatehouse'
  }, [])

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setFailure(null)
    const answer = await client.call(login, {
      body: {
        email: String(form.get('email')),
        password: String(form.get('password')),
        rememberMe: form.get('rememberMe') !== null,
      },
    })
    if (answer.ok && 'tokens' in answer.data) return session.begin(answer.data)
    setBusy(false)
    if (!answer.ok) setFailure(saySignInFailure(answer.failure))
    password.current?.focus()
    password.current?.select()
  }

  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))

  return (
    <main className="flex min-h-dvh flex-col items-center justify-start px-4 pt-[14vh] pb-8">
      <div className="w-full max-w-[360px]">
        <h1 className="mb-1 flex items-center gap-3 text-28 font-strong">
          <img src="/icon.svg" alt="" width="32" height="32" />
          Gatehouse
        </h1>
        <p className="mb-6 text-muted">Sign in with your school account.</p>
        <form
          onSubmit={event => void submit(event)}
          method="post"
          className="panel flex flex-col gap-4 p-5"
          aria-label="Sign in"
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
          <div className="flex flex-col gap-1">
            <PasswordField refTo={password} onKey={watchCapsLock} />
            <p role="status" className="text-13 text-warning">
              {capsLock && 'Caps Lock is on.'}
            </p>
          </div>
          <Tick label="Stay signed in on this device" name="rememberMe" />
          <Button type="submit" tone="primary" busy={busy && 'Signing in …'}>
            Sign in
          </Button>
        </form>
        <p className="mt-4 text-13 text-muted">
          Forgotten the password? An administrator of your school can give you a new one.
        </p>
      </div>
    </main>
  )
}

function PasswordField({
  refTo,
  onKey,
}: {
  readonly refTo: React.RefObject<HTMLInputElement | null>
  readonly onKey: (event: KeyboardEvent) => void
}) {
  const [shown, setShown] = useState(false)
  return (
    <div className="relative">
      <Field
        label="Password"
        name="password"
        type={shown ? 'text' : 'password'}
        autoComplete="current-password"
        required
        ref={refTo}
        onKeyDown={onKey}
        onKeyUp={onKey}
        className="pr-16"
      />
      <button
        type="button"
        onClick={() => setShown(!shown)}
        aria-label={shown ? 'Hide the password' : 'Show the password'}
        className="absolute right-1 bottom-1 h-6 rounded-6 px-2 text-13 text-accent hover:bg-sunken pointer-coarse:h-9"
      >
        {shown ? 'Hide' : 'Show'}
      </button>
    </div>
  )
}
