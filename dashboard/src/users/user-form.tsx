import { createUser, STAFF_ROLES, type UserAccount, updateUser } from '@gatehouse/shared/wire/api/users.ts'
import { GRANTABLE, GRANTS } from '@gatehouse/shared/wire/rights.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useUser } from '../api/session-context.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field, Tick } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { ROLE_MEANS, ROLE_WORDS } from './role-words.ts'

/** Enters somebody who can sign in, or changes one. */
export function UserForm({
  open,
  onClose,
  user,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly user: UserAccount | null
}) {
  return (
    <Dialog open={open} onClose={onClose} title={user === null ? 'Enter somebody' : 'Change the account'}>
      <Fields onClose={onClose} user={user} />
    </Dialog>
  )
}

type StaffRole = (typeof STAFF_ROLES)[number]

function Fields({ onClose, user }: { readonly onClose: () => void; readonly user: UserAccount | null }) {
  const create = useDo(createUser)
  const update = useDo(updateUser)
  const say = useSay()
  const me = useUser()
  const given = STAFF_ROLES.find(role => role === user?.role)
  const [role, setRole] = useState<StaffRole>(given ?? 'staff')
  const error = create.error ?? update.error
  const problems = error ? fieldProblems(failureOf(error)) : {}
  const roleStays = user !== null && (given === undefined || user.id === me.id)
  const takesGrant = !(user?.role === 'student') && GRANTABLE['pii:read'].includes(role)

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const who = { email: String(form.get('email')), displayName: String(form.get('displayName')) }
    const grants = takesGrant ? GRANTS.filter(grant => form.get(grant) !== null) : []
    const done = (said: string) => () => {
      say({ text: said })
      onClose()
    }
    if (user === null) {
      create.mutate(
        { body: { ...who, role, grants: [...grants] } },
        { onSuccess: done(`${who.displayName} entered; a mail with a link is on its way`) },
      )
    } else {
      const body = { ...who, grants: [...grants], ...(!roleStays && { role }) }
      update.mutate(
        { params: { userId: user.id }, body, ifMatch: user.version },
        { onSuccess: done(`${who.displayName} changed`) },
      )
    }
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Name"
        name="displayName"
        defaultValue={user?.displayName}
        problem={problems.displayName}
        required
        maxLength={200}
        dir="auto"
        autoComplete="off"
      />
      <Field
        label="E-mail"
        name="email"
        type="email"
        hint={user === null ? 'Signs in with it, and gets the link there by which to choose a password' : undefined}
        defaultValue={user?.email}
        problem={problems.email}
        required
        maxLength={254}
        autoComplete="off"
      />
      {roleStays ? (
        <p className="text-muted">
          {user.role === 'student'
            ? 'A student’s account stays a student’s. For their work enter another one.'
            : 'Your own role is changed by another administrator.'}
        </p>
      ) : (
        <Choice
          label="Role"
          value={role}
          onChange={event => setRole(STAFF_ROLES.find(each => each === event.target.value) ?? 'staff')}
          hint={ROLE_MEANS[role]}
          problem={problems.role}
        >
          {STAFF_ROLES.map(each => (
            <option key={each} value={each}>
              {ROLE_WORDS[each]}
            </option>
          ))}
        </Choice>
      )}
      {takesGrant && (
        <>
          <Tick
            name="pii:read"
            defaultChecked={user?.grants.includes('pii:read') ?? false}
            label="Sees and changes personal data of students: birth date, phone, address, notes"
          />
          <Tick
            name="application:decide"
            defaultChecked={user?.grants.includes('application:decide') ?? false}
            label="Decides applications for passes"
          />
        </>
      )}
      {user !== null && !roleStays && role !== user.role && (
        <Warning>
          {ROLE_WORDS[user.role]} becomes {ROLE_WORDS[role].toLowerCase()}. Their sessions end at once
          {user.grants.length > 0 && !takesGrant && ', sight of personal data falls away'}, and their access keys may
          only what the new role may.
        </Warning>
      )}
      <Problem error={error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={(create.isPending || update.isPending) && 'Saving …'}>
          {user === null ? 'Enter and mail the link' : 'Save'}
        </Button>
      </Acts>
    </form>
  )
}
