import { createPasskey, newPasskeyOptions } from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import { type PublicKeyCredentialCreationOptionsJSON, startRegistration } from '@simplewebauthn/browser'
import { type FormEvent, useState } from 'react'
import { useDo } from '../api/use-api.ts'
import { sayPasskeyProblem } from '../auth/passkey.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

/** A passkey of this device, or of one beside it. */
export function AddPasskey({ onClose }: { readonly onClose: () => void }) {
  const ask = useDo(newPasskeyOptions)
  const keep = useDo(createPasskey)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name'))
    setProblem(null)
    setBusy(true)
    try {
      const { options } = await ask.mutateAsync({})
      const made = await make(options as unknown as PublicKeyCredentialCreationOptionsJSON)
      if (made === null) return
      const { recoveryCodes } = await keep.mutateAsync({ body: { name, passkey: made as never } })
      if (recoveryCodes === null) onClose()
    } catch {
      // What the service said stands in the mutation.
    } finally {
      setBusy(false)
    }
  }
  async function make(optionsJSON: PublicKeyCredentialCreationOptionsJSON) {
    try {
      return await startRegistration({ optionsJSON })
    } catch (failed) {
      setProblem(sayPasskeyProblem(failed))
      return null
    }
  }

  if (keep.data?.recoveryCodes) return <RecoveryCodes codes={keep.data.recoveryCodes} onClose={onClose} />
  return (
    <form onSubmit={event => void submit(event)} className="flex flex-col gap-4">
      <p>
        A passkey signs you in with the lock of this device: finger, face or its PIN. Nothing of that leaves the device.
      </p>
      <Field label="Name, to know it by" name="name" placeholder="My phone" required maxLength={100} />
      <Problem error={problem ?? ask.error ?? keep.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={busy && 'Waiting …'}>
          Add
        </Button>
      </Acts>
    </form>
  )
}
