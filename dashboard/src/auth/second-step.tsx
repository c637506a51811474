import type { FactorAsked } from '@gatehouse/shared/wire/api/auth.ts'
import { secondFactor } from '@gatehouse/shared/wire/api/auth-factors.ts'
import { type FormEvent, useState } from 'react'
import type { InputOf } from '../api/client.ts'
import { sayFailure } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { Entrance, Way } from './entrance.tsx'
import { canPasskey, showPasskey } from './passkey.ts'

/** What is shown beside the password: a code, a passkey, or a code from paper. */
export function SecondStep({
  asked: { token, methods },
  onAgain,
}: {
  readonly asked: FactorAsked['secondFactor']
  readonly onAgain: () => void
}) {
  const { client, session } = useBrowserSession()
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [paper, setPaper] = useState(!methods.includes('totp'))
  const hasPasskey = methods.includes('passkey') && canPasskey()
  const typed = paper ? methods.includes('recovery') : methods.includes('totp')

  async function show(body: InputOf<typeof secondFactor>['body']) {
    const answer = await client.call(secondFactor, { body })
    if (answer.ok) return session.begin(answer.data)
    setBusy(false)
    setFailure(sayFailure(answer.failure))
  }
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const code = String(new FormData(event.currentTarget).get('code'))
    setBusy(true)
    setFailure(null)
    await show(paper ? { token, recoveryCode: code } : { token, code })
  }
  async function byPasskey() {
    setBusy(true)
    setFailure(null)
    const shown = await showPasskey(client, token)
    if (shown.ok) return show({ token, passkey: shown.passkey as never })
    setBusy(false)
    setFailure(shown.why)
  }

  return (
    <Entrance
      title="One more step"
      lead="The password is right. Show that it is you."
      foot={
        <>
          {methods.includes('recovery') && methods.includes('totp') && (
            <Way onClick={() => setPaper(!paper)}>
              {paper ? 'Use the code of the application' : 'Use a recovery code'}
            </Way>
          )}
          <Way onClick={onAgain}>Begin again</Way>
          <p>Lost all of them? An administrator of your school can take the second step away.</p>
        </>
      }
    >
      <form onSubmit={event => void submit(event)} className="panel flex flex-col gap-4 p-5" aria-label="Second step">
        <Problem error={failure} />
        {hasPasskey && (
          <Button tone={typed ? 'plain' : 'primary'} busy={busy && 'Waiting …'} onClick={() => void byPasskey()}>
            Use a passkey
          </Button>
        )}
        {typed && (
          <>
            <Field
              key={String(paper)}
              label={paper ? 'Recovery code' : 'Code'}
              name="code"
              hint={
                paper
                  ? 'One of the ten you kept, such as abcd-efgh-jkmn'
                  : 'Six digits from your authenticator application'
              }
              inputMode={paper ? 'text' : 'numeric'}
              autoComplete="one-time-code"
              autoCapitalize="none"
              maxLength={paper ? 40 : 10}
              required
              autoFocus
            />
            <Button type="submit" tone="primary" busy={busy && 'Checking …'}>
              Go on
            </Button>
          </>
        )}
      </form>
    </Entrance>
  )
}
