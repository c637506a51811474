import { recall, remember } from '../api/browser-session.ts'
import type { PocketPass } from './pocket.ts'

const KEPT = 'gatehouse.my.person'

/** Whoever signs in on this browser is its person from then on, also without a network. */
export function rememberPerson(userId: string): void {
  remember(KEPT, userId)
}

/** The newest pass of the last person who signed in here: whoever used the browser before shows nothing of theirs. */
export function passOfLastPerson(passes: readonly PocketPass[]): PocketPass | undefined {
  const userId = recall(KEPT)
  return passes.find(pass => pass.userId === userId)
}
