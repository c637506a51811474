import { readSignInRules, type SignInRules, updateSignInRules } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import type { FormEvent } from 'react'
import { Section } from '../account/section.tsx'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Tick } from '../ui/field.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { ROLE_SHORT } from '../users/role-words.ts'
import { SCHOOL_ROLES } from './sign-on-words.ts'

/** Which roles need something beside the password. */
export function SecondFactors() {
  const rules = useAsk(readSignInRules, {})
  // Here, and not in the form: what was saved is another version, and another version another form.
  const save = useDo(updateSignInRules)
  return (
    <Section title="Second factor">
      {rules.isPending && <Waiting rows={5} />}
      {rules.isError && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && <Fields key={rules.data.data.version} rules={rules.data.data} save={save} />}
    </Section>
  )
}

function Fields({
  rules,
  save,
}: {
  readonly rules: SignInRules
  readonly save: ReturnType<typeof useDo<typeof updateSignInRules>>
}) {
  const say = useSay()

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const secondFactorFor = SCHOOL_ROLES.filter(role => form.get(role) !== null)
    save.mutate(
      { body: { secondFactorFor, signOn: rules.signOn }, ifMatch: rules.version },
      { onSuccess: () => say({ text: 'Saved; it counts at once' }) },
    )
  }

  return (
    <form onSubmit={submit} className="p-4">
      <p className="mb-2 text-muted">
        Who signs in with a password is asked for a code of an application or a passkey too. Whoever has none yet can
        set one up and do nothing else until then.
      </p>
      <fieldset>
        <legend className="text-13 font-medium">Asked of</legend>
        {SCHOOL_ROLES.map(role => (
          <Tick key={role} name={role} label={ROLE_SHORT[role]} defaultChecked={rules.secondFactorFor.includes(role)} />
        ))}
      </fieldset>
      <Problem error={save.error} />
      <Acts>
        <Button type="submit" tone="primary" busy={save.isPending && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}
