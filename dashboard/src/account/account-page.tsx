import { logoutEverywhere } from '@gatehouse/shared/wire/api/auth.ts'
import { useBrowserSession, useMay, useUser } from '../api/session-context.ts'
import { useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Problem } from '../ui/notice.tsx'
import { chooseTheme, THEMES, useTheme } from '../ui/theme.ts'
import { ROLE_WORDS } from '../users/role-words.ts'
import { AccessKeys } from './access-keys.tsx'
import { ChangePassword } from './change-password.tsx'
import { Factors } from './factors.tsx'
import { NotificationChoices } from './notification-choices.tsx'
import { Sessions } from './sessions.tsx'

const THEME_WORDS = { system: 'As the system', light: 'Light', dark: 'Dark' } as const

export function AccountPage() {
  const user = useUser()
  const { session, signOut } = useBrowserSession()
  const everywhere = useDo(logoutEverywhere)
  const theme = useTheme()

  return (
    <Page title="Account">
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[360px_minmax(0,1fr)]">
        <div className="flex flex-col gap-4">
          <section aria-label="Me" className="panel p-4">
            <p className="mb-3 text-16 font-strong">
              <bdi>{user.displayName}</bdi>
            </p>
            <Facts>
              <Fact name="E-mail">{user.email}</Fact>
              <Fact name="Role">{ROLE_WORDS[user.role]}</Fact>
              <Fact name="School">
                <bdi>{user.school?.name ?? 'all schools'}</bdi>
              </Fact>
              {user.school && <Fact name="Times in">{user.school.timeZone.replaceAll('_', ' ')}</Fact>}
            </Facts>
            {user.role === 'student' && (
              <p className="mt-3 text-muted">
                Your pass opens the gates by this phone, by card or by the printed code. Ask the office when it does
                not.
              </p>
            )}
          </section>
          <section aria-label="Password" className="panel flex flex-col items-start gap-3 p-4">
            <h2 className="font-strong">Password</h2>
            <ChangePassword />
          </section>
          <section aria-label="Theme" className="panel p-4">
            <h2 className="mb-3 font-strong">Theme</h2>
            <Chips name="Theme">
              {THEMES.map(each => (
                <Chip key={each} on={theme === each} onPress={() => chooseTheme(each)}>
                  {THEME_WORDS[each]}
                </Chip>
              ))}
            </Chips>
          </section>
          <section aria-label="Sign out" className="panel flex flex-col items-start gap-3 p-4">
            <h2 className="font-strong">Sign out</h2>
            <Button icon="out" onClick={() => void signOut()}>
              Sign out here
            </Button>
            <p className="text-13 text-muted">
              Everywhere ends your sessions on all devices, this one too. Access keys go on working; end them by
              themselves.
            </p>
            <Button
              busy={everywhere.isPending && 'Signing out …'}
              onClick={() => everywhere.mutate({}, { onSuccess: session.end })}
            >
              Sign out everywhere
            </Button>
            <Problem error={everywhere.error} />
          </section>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Factors />
          <Sessions />
          {user.role !== 'super_admin' && <NotificationChoices />}
          {useMay('key:own') && <AccessKeys />}
        </div>
      </div>
    </Page>
  )
}
