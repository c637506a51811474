import { updateVisitor, type VisitorInFull } from '@gatehouse/shared/wire/api/visitors.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { type Host, HostPicker } from './host-picker.tsx'

/** Changes what is known of a visitor. What this person sees in part is not in the form, and stays. */
export function ChangeVisitor({ visitor, onClose }: { readonly visitor: VisitorInFull; readonly onClose: () => void }) {
  const change = useDo(updateVisitor, ['passes'])
  const say = useSay()
  const [host, setHost] = useState<Host | null>(visitor.host)
  const [missing, setMissing] = useState<string | null>(null)
  const problems = change.error ? fieldProblems(failureOf(change.error)) : {}
  const seesContact = visitor.masked.length === 0

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (host === null) return setMissing('Choose whom the visitor comes to see.')
    setMissing(null)
    const said = (field: string) => String(form.get(field)).trim() || null
    const body = {
      firstName: said('firstName') ?? '',
      lastName: said('lastName') ?? '',
      organisation: said('organisation'),
      purpose: said('purpose'),
      ...(host.userId !== visitor.host.userId && { hostUserId: host.userId }),
      ...(seesContact && { phone: said('phone'), email: said('email') }),
    }
    const done = () => {
      say({ text: 'The visitor is changed' })
      onClose()
    }
    change.mutate({ params: { visitorId: visitor.id }, body, ifMatch: visitor.version }, { onSuccess: done })
  }

  return (
    <Dialog open onClose={onClose} title="Change the visitor">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <div className="grid gap-4 md:grid-cols-2">
          <Field
            label="First name"
            name="firstName"
            required
            defaultValue={visitor.firstName}
            problem={problems.firstName}
          />
          <Field label="Last name" name="lastName" defaultValue={visitor.lastName} problem={problems.lastName} />
          <Field
            label="Organisation"
            name="organisation"
            defaultValue={visitor.organisation ?? ''}
            problem={problems.organisation}
          />
          <Field label="Purpose" name="purpose" defaultValue={visitor.purpose ?? ''} problem={problems.purpose} />
          {seesContact && (
            <>
              <Field
                label="Phone"
                name="phone"
                type="tel"
                defaultValue={visitor.phone ?? ''}
                problem={problems.phone}
              />
              <Field
                label="E-mail"
                name="email"
                type="email"
                defaultValue={visitor.email ?? ''}
                problem={problems.email}
              />
            </>
          )}
        </div>
        <HostPicker picked={host} onPick={setHost} problem={problems.hostUserId} />
        <Problem error={missing ?? change.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={change.isPending && 'Changing …'}>
            Change
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}
