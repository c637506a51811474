import type { User } from '@gatehouse/shared/wire/api/auth.ts'
import { may, type Operation } from '@gatehouse/shared/wire/rights.ts'
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { BrowserSession } from './browser-session.ts'

export const SessionContext = createContext<BrowserSession | null>(null)

export function useBrowserSession(): BrowserSession {
  const found = useContext(SessionContext)
  if (found === null) throw new Error('a page was drawn outside of the session')
  return found
}

export function useSessionState() {
  const { session } = useBrowserSession()
  return useSyncExternalStore(session.subscribe, session.state)
}

/** Who is signed in. Only for what is drawn behind the sign-in. */
export function useUser(): User {
  const state = useSessionState()
  if (state.is !== 'signed-in') throw new Error('nobody is signed in')
  return state.user
}

export function useMay(operation: Operation): boolean {
  const { role, grants } = useUser()
  return may(role, operation, grants)
}
