import { ROLES } from '@gatehouse/shared/wire/rights.ts'
import { ROLE_WORDS } from '../users/role-words.ts'
import { Entrance } from './entrance.tsx'
import { saySignOnFailure } from './sign-on.tsx'

/** Where a sign-on that was only tried ends: who would be let in, or why not. */
export function SignOnTrialPage() {
  const { hash } = window.location
  const role = ROLES.find(each => hash === `#role=${each}`)
  const why = saySignOnFailure(hash.replace(/^#why=/, '#sign-on='))
  return (
    <Entrance title="Sign-on tried" lead="This was a try: nobody was signed in, and nothing was changed.">
      {role !== undefined && (
        <p role="status" className="rounded-6 bg-granted-on px-3 py-2 text-granted">
          It works. You would be let in as: {ROLE_WORDS[role]}.
        </p>
      )}
      {role === undefined && (
        <p role="alert" className="rounded-6 bg-refused-on px-3 py-2 text-refused">
          {why ?? 'Begin the try in the school’s settings.'}
        </p>
      )}
      <p className="mt-4 text-muted">Close this window and go on in the settings.</p>
    </Entrance>
  )
}
