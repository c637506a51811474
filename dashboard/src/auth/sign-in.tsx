import { type FactorAsked, login } from '@gatehouse/shared/wire/api/auth.ts'
import { passkeySignIn } from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import { type FormEvent, useRef, useState } from 'react'
import type { Failure } from '../api/failure.ts'
import { sayFailure, sayWait } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Field, Tick } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { Entrance, Way } from './entrance.tsx'
import { Forgotten } from './forgotten.tsx'
import { canPasskey, showPasskey } from './passkey.ts'
import { PasswordField } from './password-field.tsx'
import { SecondStep } from './second-step.tsx'
import { SignOns, saySignOnFailure } from './sign-on.tsx'

/** Why nobody was let in, in words that say what to do and not which half was wrong. */
export function saySignInFailure(failure: Failure): string {
  if (failure.kind === 'problem') {
    if (failure.problem.code === 'sign_on_required') return failure.problem.message
    if (failure.status === 401) return 'E-mail or password is wrong. Check both and try again.'
    if (failure.status === 403) return 'This account is switched off. Ask an administrator of the school.'
    if (failure.status === 429) return `Too many tries. Wait ${sayWait(failure.retryAfterS)} and try again.`
    if (failure.status === 400 || failure.status === 422) return 'Give the whole e-mail address and the password.'
  }
  return sayFailure(failure)
}

type Step = 'password' | 'forgotten' | FactorAsked['secondFactor']

export function SignIn() {
  const [step, setStep] = useState<Step>('password')
  if (step === 'forgotten') return <Forgotten onBack={() => setStep('password')} />
  if (step === 'password') return <PasswordStep onStep={setStep} />
  return <SecondStep asked={step} onAgain={() => setStep('password')} />
}

function PasswordStep({ onStep }: { readonly onStep: (step: Step) => void }) {
  const { client, session } = useBrowserSession()
  const [failure, setFailure] = useState<string | null>(saySignOnOnce)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const rememberMe = () => new FormData(form.current!).get('rememberMe') !== null

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const said = new FormData(event.currentTarget)
    setBusy(true)
    setFailure(null)
    const answer = await client.call(login, {
      body: { email: String(said.get('email')), password: String(said.get('password')), rememberMe: rememberMe() },
    })
    if (answer.ok) return 'tokens' in answer.data ? session.begin(answer.data) : onStep(answer.data.secondFactor)
    setBusy(false)
    setFailure(saySignInFailure(answer.failure))
    password.current?.focus()
    password.current?.select()
  }

  async function byPasskey() {
    setBusy(true)
    setFailure(null)
    const shown = await showPasskey(client)
    if (!shown.ok) {
      setBusy(false)
      return setFailure(shown.why)
    }
    const body = { passkey: shown.passkey as never, rememberMe: rememberMe() }
    const answer = await client.call(passkeySignIn, { body })
    if (answer.ok) return session.begin(answer.data)
    setBusy(false)
    setFailure(sayFailure(answer.failure))
  }

  return (
    <Entrance
      title="Sign in"
      lead="Sign in with your school account."
      foot={<Way onClick={() => onStep('forgotten')}>Forgotten the password?</Way>}
    >
      <form
        ref={form}
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
        <PasswordField ref={password} />
        <Tick label="Stay signed in on this device" name="rememberMe" />
        <Button type="submit" tone="primary" busy={busy && 'Signing in …'}>
          Sign in
        </Button>
        {canPasskey() && (
          <Button disabled={busy} onClick={() => void byPasskey()}>
            Use a passkey
          </Button>
        )}
        <SignOns />
      </form>
    </Entrance>
  )
}

/** Said where a sign-on came back without a session, and gone with the next thing that is done. */
function saySignOnOnce(): string | null {
  const said = saySignOnFailure(window.location.hash)
  if (said !== null) window.history.replaceState(null, '', window.location.pathname)
  return said
}
