import { lazy, Suspense, useEffect } from 'react'
import type { BrowserSession } from './api/browser-session.ts'
import { SessionContext, useSessionState } from './api/session-context.ts'
import { SignIn } from './auth/sign-in.tsx'
import { Resuming } from './frame/resuming.tsx'
import { rememberPerson } from './my/last-person.ts'

/** Few are asked. */
const ChooseSchool = lazy(async () => ({ default: (await import('./auth/choose-school.tsx')).ChooseSchool }))

/** Fetched behind the sign-in: who stands before it waits for less. */
const House = lazy(async () => ({ default: (await import('./house.tsx')).House }))

export function App({ session }: { readonly session: BrowserSession }) {
  return (
    <SessionContext value={session}>
      {/^\/claim\/?$/.test(window.location.pathname) ? (
        <Suspense>
          <Claim />
        </Suspense>
      ) : (
        <Doorway />
      )}
    </SessionContext>
  )
}

/** Whoever takes an account has none to sign in with. */
const Claim = lazy(async () => ({ default: (await import('./claim/claim-page.tsx')).ClaimPage }))

/** What a phone shows of its pass before anybody answers, and where nobody does. */
const Outdoors = lazy(async () => ({ default: (await import('./my/outdoors.tsx')).Outdoors }))

/** What a mailed or printed link opens, whoever is signed in here. */
const BY_LINK: Readonly<Record<string, ReturnType<typeof lazy>>> = {
  '/reset': lazy(async () => ({ default: (await import('./auth/reset-page.tsx')).ResetPage })),
  '/sign-on-trial': lazy(async () => ({
    default: (await import('./auth/sign-on-trial-page.tsx')).SignOnTrialPage,
  })),
  '/setup': lazy(async () => ({ default: (await import('./auth/setup-page.tsx')).SetupPage })),
}

/** The sign-in page, or the house behind it. */
function Doorway() {
  const state = useSessionState()
  const ByLink = BY_LINK[window.location.pathname]
  const userId = state.is === 'signed-in' ? state.user.id : null
  useEffect(() => {
    if (userId !== null) rememberPerson(userId)
  }, [userId])

  if (ByLink !== undefined) {
    return (
      <Suspense>
        <ByLink />
      </Suspense>
    )
  }
  if (state.is === 'unknown') {
    if (!/^\/my\/?$/.test(window.location.pathname)) return <Resuming />
    return (
      <Suspense>
        <Outdoors />
      </Suspense>
    )
  }
  if (state.is === 'signed-out') return <SignIn />
  const { id, role, school } = state.user
  return (
    <Suspense>
      {role === 'super_admin' && school === null ? <ChooseSchool /> : <House key={`${id} ${school?.id}`} />}
    </Suspense>
  )
}
