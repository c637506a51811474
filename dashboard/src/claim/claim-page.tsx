import { claimInvitation } from '@gatehouse/shared/wire/api/invitations.ts'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { type Failure, fieldProblems, sayFailure } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Field, Tick } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { type ClaimLink, readClaimLink } from './claim-link.ts'

type Claimed = { readonly email: string; readonly schoolName: string }

/** Where a student takes the account that the school has for them. Nobody is signed in here. */
export function ClaimPage() {
  const [link, setLink] = useState(() => readClaimLink(window.location.hash))
  const [claimed, setClaimed] = useState<Claimed | null>(null)
  useEffect(() => {
    document.title = 'Take your account · Gatehouse'
    // The code of another letter is pasted over this one.
    const onHash = () => setLink(readClaimLink(window.location.hash))
    window.addEventListener('hashchange', onHash)
    return () => window.removeEventListener('hashchange', onHash)
  }, [])

  return (
    <main className="flex min-h-dvh flex-col items-center px-4 pt-[8vh] pb-8">
      <div className="w-full max-w-[400px]">
        <h1 className="mb-1 flex items-center gap-3 text-28 font-strong">
          <img src="/icon.svg" alt="" width="32" height="32" />
          {claimed === null ? 'Take your account' : 'It is yours'}
        </h1>
        {claimed === null ? (
          <ClaimForm key={link?.code ?? 'typed'} link={link} onClaimed={setClaimed} />
        ) : (
          <Done claimed={claimed} />
        )}
      </div>
    </main>
  )
}

function ClaimForm({
  link,
  onClaimed,
}: {
  readonly link: ClaimLink | null
  readonly onClaimed: (claimed: Claimed) => void
}) {
  const { client } = useBrowserSession()
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const [shown, setShown] = useState(false)
  const [needsEmail, setNeedsEmail] = useState(false)
  const asks = link?.asks ?? { number: true, birth: true }
  const isTyped = link === null

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const told = (name: string) => String(form.get(name) ?? '').trim() || undefined
    setBusy(true)
    setFailure(null)
    const answer = await client.call(claimInvitation, {
      body: {
        code: link?.code ?? told('code') ?? '',
        studentNumber: told('studentNumber'),
        birthDate: told('birthDate'),
        email: told('email'),
        password: String(form.get('password')),
      },
    })
    setBusy(false)
    if (answer.ok) return onClaimed(answer.data)
    setFailure(answer.failure)
    if (answer.failure.kind !== 'problem') return
    const { code } = answer.failure.problem
    if (code === 'email_needed' || code === 'email_taken') setNeedsEmail(true)
  }

  const problems = failure === null ? {} : fieldProblems(failure)
  return (
    <>
      <p className="mb-6 text-muted">
        {isTyped
          ? 'Type the code from your letter, and what the letter asks for beside it.'
          : 'Your school has an account for you. Choose a password, and it is yours.'}
      </p>
      <form
        onSubmit={event => void submit(event)}
        className="panel flex flex-col gap-4 p-5"
        aria-label="Take your account"
      >
        <Problem error={failure === null ? null : sayFailure(failure)} />
        {isTyped && (
          <Field
            label="Code"
            name="code"
            required
            autoFocus
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            placeholder="XXXX-XXXX-XXXX"
            maxLength={20}
            className="font-mono"
          />
        )}
        {asks.number && (
          <Field label="Student number" name="studentNumber" required={!isTyped} autoComplete="off" maxLength={50} />
        )}
        {asks.birth && (
          <Field label="Date of birth" name="birthDate" type="date" required={!isTyped} autoComplete="bday" />
        )}
        {needsEmail && (
          <Field
            label="E-mail"
            name="email"
            type="email"
            required
            autoFocus
            autoComplete="email"
            autoCapitalize="none"
            problem={problems.email}
            hint="You sign in with it."
          />
        )}
        <Field
          label="Password"
          name="password"
          type={shown ? 'text' : 'password'}
          required
          minLength={8}
          maxLength={256}
          autoComplete="new-password"
          hint="Eight characters or more; three words that belong to nothing are a good one."
          problem={problems.password}
        />
        <Tick label="Show the password" checked={shown} onChange={() => setShown(!shown)} />
        <Button type="submit" tone="primary" busy={busy && 'One moment …'}>
          Take my account
        </Button>
      </form>
      <Quiet>
        No code? Ask your school. Have an account already? <HomeLink>Sign in</HomeLink>
      </Quiet>
    </>
  )
}

function Done({ claimed: { email, schoolName } }: { readonly claimed: Claimed }) {
  return (
    <div className="panel mt-4 flex flex-col gap-4 p-5" role="status">
      <p>
        Your account at <bdi className="font-medium">{schoolName}</bdi> is ready. Sign in with{' '}
        <bdi className="font-medium break-all">{email}</bdi> and the password you chose.
      </p>
      <a
        href="/"
        className="control inline-flex items-center justify-center border-transparent bg-accent font-medium text-fill"
      >
        Sign in
      </a>
    </div>
  )
}

function Quiet({ children }: { readonly children: ReactNode }) {
  return <p className="mt-4 text-13 text-muted">{children}</p>
}

/** A page load of its own: whoever was signed in here before is asked for again. */
function HomeLink({ children }: { readonly children: ReactNode }) {
  return (
    <a href="/" className="quiet-link">
      {children}
    </a>
  )
}
