import { readSignInRules, type SignInRules, updateSignInRules } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { useState } from 'react'
import { Section } from '../account/section.tsx'
import { useUser } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { BUTTON_SHAPE, BUTTON_TONES, Button } from '../ui/button.tsx'
import { Copy } from '../ui/copy.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { ROLE_WORDS } from '../users/role-words.ts'
import { SignOnForm } from './sign-on-form.tsx'
import { schoolRoles } from './sign-on-words.ts'

/** The school's OpenID Connect issuer: how people sign on with their school account. */
export function OwnSignOn() {
  const rules = useAsk(readSignInRules, {})
  const [changing, setChanging] = useState(false)
  const [ending, setEnding] = useState(false)
  const has = rules.data && rules.data.data.signOn !== null
  return (
    <Section
      title="The school’s own sign-on"
      act={rules.data && <Button onClick={() => setChanging(true)}>{has ? 'Change' : 'Set up'}</Button>}
    >
      {rules.isPending && <Waiting rows={4} />}
      {rules.isError && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && <Standing rules={rules.data.data} onEnd={() => setEnding(true)} />}
      <Dialog open={changing} onClose={() => setChanging(false)} title="The school’s own sign-on" wide>
        {rules.data && <SignOnForm rules={rules.data.data} onClose={() => setChanging(false)} />}
      </Dialog>
      <Dialog open={ending} onClose={() => setEnding(false)} title="Switch the sign-on off">
        {rules.data && <End rules={rules.data.data} onClose={() => setEnding(false)} />}
      </Dialog>
    </Section>
  )
}

function Standing({ rules, onEnd }: { readonly rules: SignInRules; readonly onEnd: () => void }) {
  const { signOn, callbackUrl } = rules
  return (
    <div className="flex flex-col gap-4 p-4">
      {signOn === null && (
        <p className="text-muted">
          With Entra ID, Google Workspace, Keycloak or another issuer that speaks OpenID Connect, people sign in with
          the account they have. Register a web application there with this redirect address, then set it up here.
        </p>
      )}
      <div>
        <p className="mb-1 text-13 font-medium">Redirect address, to be entered at the issuer</p>
        <div className="flex items-start gap-2 rounded-6 bg-sunken p-2">
          <code className="min-w-0 flex-1 py-1.5 font-mono text-13 break-all">{callbackUrl}</code>
          <Copy text={callbackUrl} />
        </div>
      </div>
      {signOn !== null && (
        <>
          <Facts>
            <Fact name="Issuer">{signOn.issuer}</Fact>
            <Fact name="Client">{signOn.clientId}</Fact>
            <Fact name="Addresses of">{signOn.allowedDomains.join(', ')}</Fact>
            <Fact name="Roles">
              {signOn.roleOfGroup.length === 0
                ? 'as entered under People'
                : signOn.roleOfGroup.map(({ group, role }) => `${group}: ${ROLE_WORDS[role].toLowerCase()}`).join('; ')}
            </Fact>
            <Fact name="Newcomers">
              {signOn.newcomersAre === null ? 'refused' : `entered as ${ROLE_WORDS[signOn.newcomersAre].toLowerCase()}`}
            </Fact>
            <Fact name="Password">
              {signOn.required ? 'only for administrators and students' : 'still works beside it'}
            </Fact>
          </Facts>
          <Try />
          <div>
            <Button onClick={onEnd}>Switch off</Button>
          </div>
        </>
      )}
    </div>
  )
}

/** A link and no button: it goes to another site, in a window of its own. */
function Try() {
  const { school } = useUser()
  if (school === null) return null
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <a
        href={`/auth/oidc/${school.tenant}/start?trial=1`}
        target="_blank"
        rel="noreferrer"
        className={`${BUTTON_SHAPE} ${BUTTON_TONES.plain}`}
      >
        Try it
      </a>
      <span className="min-w-0 flex-1 basis-60 text-13 text-muted">
        Opens the issuer in a new window and says who would be let in. Nobody is signed in by it.
      </span>
    </div>
  )
}

function End({ rules, onClose }: { readonly rules: SignInRules; readonly onClose: () => void }) {
  const save = useDo(updateSignInRules, ['auth'])
  const say = useSay()
  return (
    <div className="flex flex-col gap-4">
      <Warning>
        Nobody signs in with the school’s account any more. Who has no password asks for a link on the sign-in page.
        Sessions that are open go on; the secret is forgotten.
      </Warning>
      <Problem error={save.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="danger"
          busy={save.isPending && 'Switching off …'}
          onClick={() =>
            save.mutate(
              { body: { secondFactorFor: schoolRoles(rules), signOn: null }, ifMatch: rules.version },
              {
                onSuccess: () => {
                  say({ text: 'The school’s own sign-on is off' })
                  onClose()
                },
              },
            )
          }
        >
          Switch off
        </Button>
      </Acts>
    </div>
  )
}
