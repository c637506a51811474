import type { Row, Tx } from '../db/tables.ts'
import { notify } from '../notifications/notify.ts'
import { nameOf } from '../students/name.ts'

type Told = Pick<Row<'passes'>, 'school_id' | 'student_id' | 'serial' | 'expires'> &
  Pick<Row<'students'>, 'first_name' | 'last_name'>

/** Tells the holder what was done to their pass, in the transaction that does it. A visitor has no account: who hosts them tells them. */
export async function tellOfPass(
  tx: Tx,
  pass: Told,
  kind: 'pass_issued' | 'pass_suspended' | 'pass_revoked' | 'card_lost',
  reason?: string,
): Promise<void> {
  if (pass.student_id === null) return
  const to = { studentId: pass.student_id }
  const facts = { holder: nameOf(pass), number: String(pass.serial) }
  if (kind === 'card_lost') return notify(tx, pass.school_id, { kind, to, facts, path: '/my' })
  if (kind === 'pass_issued') {
    return notify(tx, pass.school_id, { kind, to, facts: { ...facts, until: pass.expires.toISOString() }, path: '/my' })
  }
  return notify(tx, pass.school_id, { kind, to, facts: { ...facts, reason }, path: '/my' })
}
