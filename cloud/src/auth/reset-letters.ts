import { audit } from '../audit/audit.ts'
import { findLogins } from '../db/definer.ts'
import type { OutboxHandlers } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Post } from './letters.ts'
import { dropOneTimes, makeOneTime } from './one-time.repo.ts'

/** As long as a mail may be on its way, and no longer. */
export const RESET_MS = 3_600_000

type Needs = {
  readonly db: Db
  readonly post: Post
  /** Where people find the service. */
  readonly publicUrl: string
  readonly nowMs: () => number
}

/** Mails the links that were asked for, to whoever there is. The newest serves; those before end. */
export function resetLetters({
  db,
  post,
  publicUrl,
  nowMs,
}: Needs): Required<Pick<OutboxHandlers, 'password.reset_asked'>> {
  return {
    async 'password.reset_asked'(rows) {
      for (const { body } of rows) {
        for (const { user_id: userId, school_id: schoolId, active, email } of await findLogins(db, body.email)) {
          if (!active) continue
          await inSchool(db, schoolId, async tx => {
            const link = await resetLink(tx, { schoolId, userId, publicUrl, nowMs: nowMs() })
            const by = { ...body.by, kind: 'nobody' as const, role: null }
            const subject = { kind: 'user', id: userId }
            await audit(tx, { schoolId, nowMs: nowMs(), by }, { action: 'password.reset_asked', subject })
            const values = { link, address: body.by.address ?? '' }
            await post(tx, { schoolId, userId, to: email, template: 'password_reset', values })
          })
        }
      }
    },
  }
}

/** A link that sets a new password, once. */
export async function resetLink(
  tx: Tx,
  { schoolId, userId, publicUrl, nowMs }: { schoolId: string | null; userId: string; publicUrl: string; nowMs: number },
): Promise<string> {
  await dropOneTimes(tx, userId, ['password_reset'])
  const token = await makeOneTime(tx, { schoolId, userId, purpose: 'password_reset', lifeMs: RESET_MS, nowMs })
  // Behind #: no server, proxy or log on the way sees it.
  return `${publicUrl}/reset#${token}`
}
