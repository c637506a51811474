import { changePassword } from '@gatehouse/shared/wire/api/auth-password.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { PasswordField } from '../auth/password-field.tsx'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

export function ChangePassword() {
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Change the password</Button>
      <Dialog open={open} onClose={close} title="Change the password">
        <Change onClose={close} />
      </Dialog>
    </>
  )
}

function Change({ onClose }: { readonly onClose: () => void }) {
  const change = useDo(changePassword)
  const say = useSay()
  const problems = change.error ? fieldProblems(failureOf(change.error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const body = { current: String(form.get('current')), password: String(form.get('password')) }
    change.mutate(
      { body },
      {
        onSuccess: () => {
          say({ text: 'Password changed; your other sessions have ended' })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <PasswordField label="Current password" name="current" />
      <PasswordField
        label="New password"
        kind="new"
        hint="8 characters or more; four words are good"
        problem={problems.password}
      />
      <p className="text-13 text-muted">Your sessions on other devices end. Access keys go on working.</p>
      {problems.password === undefined && <Problem error={change.error} />}
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={change.isPending && 'Changing …'}>
          Change
        </Button>
      </Acts>
    </form>
  )
}
