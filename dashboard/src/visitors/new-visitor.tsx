import { createVisitor, type VisitorInFull } from '@gatehouse/shared/wire/api/visitors.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useUser } from '../api/session-context.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { type Host, HostPicker } from './host-picker.tsx'
import { readVisit, VisitFields } from './visit-fields.tsx'

/** Enters a visitor and issues the pass, in one step. */
export function NewVisitor({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: (visitor: VisitorInFull) => void
}) {
  const { id, displayName: name, role } = useUser()
  const create = useDo(createVisitor, ['passes'])
  const zone = useZone()
  // Whoever is of no school hosts nobody in it.
  const [host, setHost] = useState<Host | null>(role === 'super_admin' ? null : { userId: id, name })
  const [missing, setMissing] = useState<string | null>(null)
  const problems = create.error ? fieldProblems(failureOf(create.error)) : {}

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (host === null) return setMissing('Choose whom the visitor comes to see.')
    setMissing(null)
    const said = (field: string) => String(form.get(field)).trim() || null
    const body = {
      firstName: said('firstName') ?? '',
      lastName: said('lastName') ?? '',
      organisation: said('organisation'),
      phone: said('phone'),
      email: said('email'),
      purpose: said('purpose'),
      hostUserId: host.userId,
      ...(await readVisit(form, zone.timeZone)),
    }
    create.mutate({ body }, { onSuccess: onMade })
  }

  return (
    <Dialog open onClose={onClose} title="New visitor">
      <form onSubmit={event => void submit(event)} className="flex flex-col gap-4">
        <div className="grid gap-4 md:grid-cols-2">
          <Field label="First name" name="firstName" required autoComplete="off" problem={problems.firstName} />
          <Field label="Last name" name="lastName" autoComplete="off" problem={problems.lastName} />
          <Field label="Organisation" name="organisation" autoComplete="off" problem={problems.organisation} />
          <Field label="Purpose" name="purpose" autoComplete="off" problem={problems.purpose} />
          <Field label="Phone" name="phone" type="tel" autoComplete="off" problem={problems.phone} />
          <Field label="E-mail" name="email" type="email" autoComplete="off" problem={problems.email} />
        </div>
        <HostPicker picked={host} onPick={setHost} problem={problems.hostUserId} />
        <VisitFields problems={problems} />
        <Problem error={missing ?? create.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={create.isPending && 'Entering …'}>
            Enter and issue the pass
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}
