import { listSignOns } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { useEffect, useState } from 'react'
import { useBrowserSession } from '../api/session-context.ts'
import { BUTTON_SHAPE, BUTTON_TONES } from '../ui/button.tsx'

/** Schools whose people sign on at the school's own account. */
export function SignOns() {
  const { client } = useBrowserSession()
  const [schools, setSchools] = useState<readonly { tenant: string; name: string }[]>([])
  useEffect(() => {
    const stop = new AbortController()
    client
      .call(listSignOns, {}, stop.signal)
      .then(answer => answer.ok && setSchools(answer.data))
      // Without it there is still the password.
      .catch(() => {})
    return () => stop.abort()
  }, [client])
  return schools.map(({ tenant, name }) => (
    <a key={tenant} href={`/auth/oidc/${tenant}/start`} className={`${BUTTON_SHAPE} ${BUTTON_TONES.plain} w-full`}>
      <span className="truncate">
        Continue with <bdi>{name}</bdi>
      </span>
    </a>
  ))
}

const WORDS: Readonly<Record<string, string>> = {
  no_sign_on: 'This school has no sign-on of its own. Sign in with e-mail and password.',
  issuer_away: 'The school’s sign-on does not answer. Try again in a minute, or tell the school’s helpdesk.',
  issuer_refused: 'The school’s sign-on did not let you through. Try again, or ask the school’s helpdesk.',
  sign_on_failed:
    'What the school’s sign-on answered could not be trusted, so nobody was signed in. Tell the school’s helpdesk.',
  sign_on_ended: 'This sign-on took too long, or was begun in another window. Begin again.',
  no_email: 'The school’s sign-on did not say your e-mail address. Tell the school’s helpdesk.',
  email_not_checked: 'The school’s sign-on has not checked your e-mail address. Tell the school’s helpdesk.',
  other_domain: 'Your e-mail address is not one of this school’s. Sign on with your school account.',
  unknown_person: 'The school has not entered you here yet. Ask an administrator of the school.',
  no_role: 'The school’s sign-on gives you no role here. Ask an administrator of the school.',
  other_account: 'Your e-mail address belongs to somebody else’s account here. Ask an administrator of the school.',
  not_active: 'This account is switched off. Ask an administrator of the school.',
}

/** Why a sign-on came back without a session: `#sign-on=issuer_away`. Null: it did not. */
export function saySignOnFailure(hash: string): string | null {
  const why = /^#sign-on=(\w+)$/.exec(hash)?.[1]
  return why === undefined ? null : (WORDS[why] ?? 'The sign-on did not work. Begin again.')
}
