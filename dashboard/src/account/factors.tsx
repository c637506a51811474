import { listFactors, removeTotp, renewRecoveryCodes } from '@gatehouse/shared/wire/api/auth-factors.ts'
import { deletePasskey, type Passkey } from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import { type FormEvent, useState } from 'react'
import { useBrowserSession, useUser } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { canPasskey } from '../auth/passkey.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAgo, sayDay } from '../ui/when.ts'
import { AddPasskey } from './add-passkey.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { Item, Section } from './section.tsx'
import { SetUpTotp } from './set-up-totp.tsx'

type Open = 'totp' | 'remove' | 'codes' | 'passkey' | Passkey | null

/** What somebody signs in with beside the password. */
export function Factors() {
  const factors = useAsk(listFactors, {})
  const [open, setOpen] = useState<Open>(null)
  const close = useClose(() => setOpen(null))
  const { mustSetUpFactor = false } = useUser()
  const zone = useZone()
  const nowMs = useNow(60_000)
  const data = factors.data?.data
  const bare = data !== undefined && data.totp === null && data.passkeys.length === 0
  return (
    <Section
      title="Second factor and passkeys"
      act={
        canPasskey() && (
          <Button icon="plus" onClick={() => setOpen('passkey')}>
            Add a passkey
          </Button>
        )
      }
    >
      {factors.isPending && <Waiting rows={2} />}
      {factors.isError && <Failed error={factors.error} retry={() => void factors.refetch()} />}
      {(mustSetUpFactor || (bare && data.required)) && (
        <div className="px-4 pt-3">
          <Warning>Your school asks you for one: set up an application or a passkey, then the rest opens.</Warning>
        </div>
      )}
      {data && (
        <ul>
          <Item
            title="Authenticator application"
            detail={
              data.totp
                ? `asked for since ${sayDay(data.totp.since, zone)}`
                : 'six digits from your phone, after the password'
            }
            act={
              <Button onClick={() => setOpen(data.totp ? 'remove' : 'totp')}>{data.totp ? 'Remove' : 'Set up'}</Button>
            }
          />
          {!bare && (
            <Item
              title="Recovery codes"
              detail={data.recoveryCodesLeft === 1 ? 'one is left' : `${data.recoveryCodesLeft} are left`}
              act={data.totp && <Button onClick={() => setOpen('codes')}>Make new ones</Button>}
            />
          )}
          {data.passkeys.map(passkey => (
            <Item
              key={passkey.id}
              title={<bdi>{passkey.name}</bdi>}
              detail={`passkey · ${passkey.lastUsedAt ? `used ${sayAgo(passkey.lastUsedAt, nowMs)}` : 'never used'}`}
              act={
                <Button onClick={() => setOpen(passkey)} aria-label={`Take away ${passkey.name}`}>
                  Take away
                </Button>
              }
            />
          ))}
        </ul>
      )}
      <Dialog open={open === 'totp'} onClose={close} title="Authenticator application">
        <SetUpTotp onClose={close} />
      </Dialog>
      <Dialog open={open === 'passkey'} onClose={close} title="Add a passkey">
        <AddPasskey onClose={close} />
      </Dialog>
      <Dialog open={open === 'remove'} onClose={close} title="Remove the application">
        <RemoveTotp onClose={close} />
      </Dialog>
      <Dialog open={open === 'codes'} onClose={close} title="New recovery codes">
        <NewCodes onClose={close} />
      </Dialog>
      <Dialog open={typeof open === 'object' && open !== null} onClose={close} title="Take the passkey away">
        {typeof open === 'object' && open !== null && <TakeAway passkey={open} onClose={close} />}
      </Dialog>
    </Section>
  )
}

/** Who had to set up a factor is let on as soon as there is one: a new token says so. */
function useClose(close: () => void): () => void {
  const { session } = useBrowserSession()
  const { mustSetUpFactor = false } = useUser()
  return () => {
    close()
    if (mustSetUpFactor) void session.token().then(token => (token === null ? null : session.replace(token)))
  }
}

function RemoveTotp({ onClose }: { readonly onClose: () => void }) {
  const remove = useDo(removeTotp)
  return (
    <ProofForm
      say="No codes are asked for any more. Type a last code of the application, or a recovery code."
      act="Remove"
      error={remove.error}
      busy={remove.isPending}
      onClose={onClose}
      onCode={code => remove.mutate({ body: { code } }, { onSuccess: onClose })}
    />
  )
}

function NewCodes({ onClose }: { readonly onClose: () => void }) {
  const renew = useDo(renewRecoveryCodes)
  if (renew.data) return <RecoveryCodes codes={renew.data.recoveryCodes} onClose={onClose} />
  return (
    <ProofForm
      say="The codes you have now end. Type a code of the application, or one of the old ones."
      act="Make new ones"
      error={renew.error}
      busy={renew.isPending}
      onClose={onClose}
      onCode={code => renew.mutate({ body: { code } })}
    />
  )
}

function ProofForm({
  say,
  act,
  error,
  busy,
  onClose,
  onCode,
}: {
  readonly say: string
  readonly act: string
  readonly error: unknown
  readonly busy: boolean
  readonly onClose: () => void
  readonly onCode: (code: string) => void
}) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onCode(String(new FormData(event.currentTarget).get('code')))
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p>{say}</p>
      <Field label="Code" name="code" autoComplete="one-time-code" autoCapitalize="none" maxLength={40} required />
      <Problem error={error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={busy && 'Checking …'}>
          {act}
        </Button>
      </Acts>
    </form>
  )
}

function TakeAway({ passkey, onClose }: { readonly passkey: Passkey; readonly onClose: () => void }) {
  const remove = useDo(deletePasskey)
  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium">{passkey.name}</bdi> signs you in no more. Delete it on the device too: it may go
        on offering it.
      </p>
      <Problem error={remove.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="danger"
          busy={remove.isPending && 'Taking away …'}
          onClick={() => remove.mutate({ params: { passkeyId: passkey.id } }, { onSuccess: onClose })}
        >
          Take it away
        </Button>
      </Acts>
    </div>
  )
}
