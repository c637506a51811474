import { pendingLists } from '@gatehouse/shared/wire/api/lists.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'

/** A change waits for a person: they need not hear of it in the same second. Not asked while the window is hidden. */
const WAITING_MS = 15_000

/** Changes that wait for a second administrator; the notice and the page share one answer. */
export function useWaitingLists() {
  return useAsk(pendingLists, {}, { enabled: useMay('list:read'), refetchMs: WAITING_MS })
}
