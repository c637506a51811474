import { confirmTotp, startTotp } from '@gatehouse/shared/wire/api/auth-factors.ts'
import { type FormEvent, useEffect } from 'react'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem, Waiting } from '../ui/notice.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

/** Scan, type the first code, keep the recovery codes. */
export function SetUpTotp({ onClose }: { readonly onClose: () => void }) {
  const { mutate: begin, ...start } = useDo(startTotp)
  const confirm = useDo(confirmTotp)
  useEffect(() => begin({}), [begin])

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    confirm.mutate({ body: { code: String(new FormData(event.currentTarget).get('code')) } })
  }

  if (confirm.data) return <RecoveryCodes codes={confirm.data.recoveryCodes} onClose={onClose} />
  if (start.error) return <Problem error={start.error} />
  if (start.data === undefined) return <Waiting rows={4} />
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p>Scan this with an authenticator application, then type the six digits it shows.</p>
      <div className="mx-auto w-44 rounded-6 bg-white">
        <QrCode digits={start.data.uri} name="Code for an authenticator application" />
      </div>
      <p className="text-13 text-muted">
        No camera? Type this into the application:{' '}
        <code className="font-mono text-text break-words">{start.data.secret.replaceAll(/(.{4})/g, '$1 ').trim()}</code>
      </p>
      <Field label="Code" name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={10} required />
      <Problem error={confirm.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={confirm.isPending && 'Checking …'}>
          Confirm
        </Button>
      </Acts>
    </form>
  )
}
