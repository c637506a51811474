import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { findSchools } from '../db/definer.ts'
import { leave } from '../db/outbox.ts'
import { enterSchool, inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { createSchool, createUser } from '../schools/schools.repo.ts'
import { makeOneTime, takeOneTime } from './one-time.repo.ts'

const SETUP_MS = 24 * 3_600_000

/** Whether nobody has begun here yet: no school, and nobody for all schools. */
export async function isUntouched(db: Db): Promise<boolean> {
  if ((await findSchools(db)).length > 0) return false
  const anybody = await inSchool(db, null, tx => tx.selectFrom('users').select('id').limit(1).executeTakeFirst())
  return anybody === undefined
}

/**
 * A link with which the first school and its administrator are made, once; null: that was done. Those printed before
 * serve too until one of them was used: two processes that start together print two.
 */
export async function setupLink(
  db: Db,
  { publicUrl, nowMs }: { readonly publicUrl: string; readonly nowMs: number },
): Promise<string | null> {
  if (!(await isUntouched(db))) return null
  const token = await inSchool(db, null, tx =>
    makeOneTime(tx, { schoolId: null, userId: null, purpose: 'setup', lifeMs: SETUP_MS, nowMs }),
  )
  return `${publicUrl}/setup#${token}`
}

export type NewAdministrator = {
  readonly email: string
  readonly displayName: string
  readonly passwordHash: string
}

export type FirstSchool = {
  readonly name: string
  readonly tenant: string
  readonly timeZone: string
  readonly administrator: NewAdministrator
  readonly superAdministrator: NewAdministrator | null
}

/** The school, its administrator and, where wanted, one for all schools: all of it or nothing. `tx` is in no school. */
export async function setUpFirst(
  tx: Tx,
  vault: Vault,
  token: string,
  { name, tenant, timeZone, administrator, superAdministrator }: FirstSchool,
  { nowMs, by }: { readonly nowMs: number; readonly by: By },
): Promise<Result<{ readonly schoolId: string; readonly inside: Tx }, 'link_ended'>> {
  if ((await takeOneTime(tx, token, 'setup', nowMs)) === null) return fail('link_ended')
  await tx.deleteFrom('one_time_tokens').where('purpose', '=', 'setup').execute()
  const schoolId = randomUUIDv7()

  const enter = async (tx: Tx, of: string | null, role: 'school_admin' | 'super_admin', user: NewAdministrator) => {
    const made = await createUser(tx, { schoolId: of, role, ...user })
    if (!made.ok) throw new Error(`an empty service has somebody with the e-mail ${user.email}`)
    const after = { email: user.email, displayName: user.displayName, role }
    const subject = { kind: 'user', id: made.value }
    await audit(tx, { schoolId: of, nowMs, by }, { action: 'user.create', subject, after, note: 'by the setup link' })
  }
  if (superAdministrator !== null) await enter(tx, null, 'super_admin', superAdministrator)
  const inside = await enterSchool(tx, schoolId)
  const made = await createSchool(inside, vault, { schoolId, name, tenant, timeZone })
  if (!made.ok) throw new Error(`an empty service has the school ${tenant}`)
  const subject = { kind: 'school', id: schoolId }
  await audit(inside, { schoolId, nowMs, by }, { action: 'school.create', subject, after: { name, tenant, timeZone } })
  await enter(inside, schoolId, 'school_admin', administrator)
  await leave(inside, schoolId, 'list.changed', {})
  return ok({ schoolId, inside })
}
