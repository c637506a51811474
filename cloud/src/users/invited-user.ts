import type { Actor } from '../audit/actor.ts'
import type { Post } from '../auth/letters.ts'
import { makeOneTime } from '../auth/one-time.repo.ts'
import type { Tx } from '../db/tables.ts'
import type { UserRow } from './users.repo.ts'

const DAYS = 7

/** Mails somebody new the link by which they choose their first password. */
export function invitedUser({ post, publicUrl }: { readonly post: Post; readonly publicUrl: string }) {
  return async (tx: Tx, { schoolId, nowMs }: Actor, { id: userId, email }: UserRow): Promise<void> => {
    const lifeMs = DAYS * 86_400_000
    const token = await makeOneTime(tx, { schoolId, userId, purpose: 'password_reset', lifeMs, nowMs })
    // Behind #: no server, proxy or log on the way sees it.
    const values = { link: `${publicUrl}/reset#${token}`, days: DAYS }
    await post(tx, { schoolId, userId, to: email, template: 'invitation', values })
  }
}
