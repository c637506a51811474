import { type SignInRules, type SignOn, updateSignInRules } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Choice, Field, Tick } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { ROLE_WORDS } from '../users/role-words.ts'
import { GroupRoles } from './group-roles.tsx'
import { problemAt, schoolRoles, words } from './sign-on-words.ts'

const NEWCOMERS = ['staff', 'security', 'facilities', 'student'] as const

/** Where the issuer is, whom it may let in, and what its groups mean here. */
export function SignOnForm({ rules, onClose }: { readonly rules: SignInRules; readonly onClose: () => void }) {
  const save = useDo(updateSignInRules, ['auth'])
  const say = useSay()
  const before = rules.signOn
  const [roleOfGroup, setRoleOfGroup] = useState<SignOn['roleOfGroup']>(before?.roleOfGroup ?? [])
  const problems = save.error ? fieldProblems(failureOf(save.error)) : {}
  const said = (name: string) => problemAt(problems, `signOn.${name}`)

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const signOn: SignOn = {
      issuer: text('issuer'),
      clientId: text('clientId'),
      scopes: words(text('scopes')),
      emailClaim: text('emailClaim') || 'email',
      trustEmail: form.get('trustEmail') !== null,
      allowedDomains: words(text('allowedDomains')),
      groupsClaim: text('groupsClaim') || null,
      roleOfGroup: roleOfGroup.filter(({ group }) => group.trim() !== ''),
      newcomersAre: NEWCOMERS.find(role => role === text('newcomersAre')) ?? null,
      required: form.get('required') !== null,
    }
    const clientSecret = text('clientSecret')
    save.mutate(
      {
        body: { secondFactorFor: schoolRoles(rules), signOn, ...(clientSecret !== '' && { clientSecret }) },
        ifMatch: rules.version,
      },
      {
        onSuccess: () => {
          say({ text: 'Saved. Try it before you tell anybody' })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Issuer"
        name="issuer"
        type="url"
        defaultValue={before?.issuer}
        placeholder="https://login.school.example/realms/staff"
        hint="Its address without what follows after /.well-known"
        required
        maxLength={500}
        problem={said('issuer')}
      />
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="Client id"
          name="clientId"
          defaultValue={before?.clientId}
          required
          maxLength={200}
          autoComplete="off"
          problem={said('clientId')}
        />
        <Field
          label="Client secret"
          name="clientSecret"
          type="password"
          autoComplete="new-password"
          hint={before === null ? undefined : 'Empty: as it was'}
          required={before === null}
          maxLength={500}
          problem={problems.clientSecret}
        />
      </div>
      <Field
        label="Domains of the school"
        name="allowedDomains"
        defaultValue={before?.allowedDomains.join(', ')}
        placeholder="school.example"
        hint="With commas between. Addresses of other domains are refused"
        required
        problem={said('allowedDomains')}
      />
      <Tick
        name="trustEmail"
        defaultChecked={before?.trustEmail ?? false}
        label="All addresses there are the school’s, also where the issuer does not say that they are checked"
      />
      <div className="grid gap-4 md:grid-cols-2">
        <Choice
          label="Whom nobody has entered yet is"
          name="newcomersAre"
          defaultValue={before?.newcomersAre ?? ''}
          hint="A student must be among the students, by school e-mail"
        >
          <option value="">refused</option>
          {NEWCOMERS.map(role => (
            <option key={role} value={role}>
              entered as {ROLE_WORDS[role].toLowerCase()}
            </option>
          ))}
        </Choice>
        <Field
          label="Claim with the groups"
          name="groupsClaim"
          defaultValue={before?.groupsClaim ?? ''}
          placeholder="groups"
          hint="Empty: roles are given under People only"
          maxLength={100}
          problem={said('groupsClaim')}
        />
      </div>
      <GroupRoles value={roleOfGroup} onChange={setRoleOfGroup} problem={said('roleOfGroup')} />
      <Tick
        name="required"
        defaultChecked={before?.required ?? false}
        label="Staff, security and facilities sign in this way only"
      />
      <details>
        <summary className="text-13 text-muted">Rarely changed</summary>
        <div className="mt-3 grid gap-4 md:grid-cols-2">
          <Field
            label="Scopes beside openid"
            name="scopes"
            defaultValue={(before?.scopes ?? ['email', 'profile']).join(', ')}
            problem={said('scopes')}
          />
          <Field
            label="Claim with the e-mail address"
            name="emailClaim"
            defaultValue={before?.emailClaim ?? 'email'}
            maxLength={100}
            problem={said('emailClaim')}
          />
        </div>
      </details>
      <Problem error={save.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={save.isPending && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}
