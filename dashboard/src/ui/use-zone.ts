import { useUser } from '../api/session-context.ts'
import type { Zone } from './when.ts'

const here = Intl.DateTimeFormat().resolvedOptions().timeZone

/** The school's zone. Who belongs to no school reads times in their own. */
export function useZone(): Zone {
  return { timeZone: useUser().school?.timeZone ?? here }
}
