import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { ErasurePreview } from '@gatehouse/shared/wire/api/persons.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { eraseIn } from '../audit/forget.repo.ts'
import type { Tx } from '../db/tables.ts'
import { sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { turnPasses } from '../students/status-effects.ts'
import { deleteUser } from '../users/users.repo.ts'
import { forgetVisitors } from '../visitors/forget.repo.ts'
import { endVisit } from '../visitors/visits.repo.ts'
import { aboutSubject, type DataSubject, ERASED } from './data-subject.ts'
import { erasedNumberIndex } from './erased-numbers.ts'
import { countHeld } from './held.repo.ts'
import { HOLDINGS, type Holding } from './holdings.ts'

/** What erasing would do. Changes nothing. */
export async function previewErasure(tx: Tx, subject: DataSubject): Promise<ErasurePreview> {
  const { userId, userEmail, passIds } = subject
  const open =
    passIds.length === 0
      ? []
      : await tx
          .selectFrom('passes')
          .select('pass_id')
          .where('pass_id', 'in', passIds)
          .where('revoked_at', 'is', null)
          .execute()
  const counted = await countHeld(tx, subject)
  return {
    passesRevoked: open.length,
    account: userId === null ? null : { id: userId, email: userEmail! },
    holdings: counted
      .filter(({ rows }) => rows > 0)
      .map(({ holding: { name, becomes, why }, rows }) => ({ name, rows, becomes, why })),
  }
}

type Refused = 'yourself' | 'last_administrator'

/**
 * Erases a person (GDPR article 17), in the transaction in hand: passes revoked, then what each table holds as `HOLDINGS` says. That it
 * was done is told in the log without a name. Answers what there was.
 */
export async function erase(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  subject: DataSubject,
  note: string | undefined,
): Promise<Result<ErasurePreview, Refused>> {
  const before = await previewErasure(tx, subject)
  const { studentIds, visitorIds, userId } = subject
  if (userId !== null) {
    // First, because it may be refused and nothing is done then. Somebody who was deleted before is emptied all the same.
    const gone = await deleteUser(tx, actor, userId, null)
    if (!gone.ok && (gone.failure === 'yourself' || gone.failure === 'last_administrator')) return fail(gone.failure)
  }
  await turnPasses(tx, actor, studentIds, { to: 'archived', endAtMs: 0 })
  for (const id of visitorIds) await endVisit(tx, actor, { visitorId: id, note: 'The visitor was erased.' })
  for (const holding of HOLDINGS) {
    if (holding.becomes === 'deleted') await remove(tx, holding, subject)
  }
  await empty(tx, vault, actor, subject)
  await forgetVisitors(tx, visitorIds)
  for (const id of studentIds) {
    await sql`select events_unlink(${id}::uuid)`.execute(tx)
    await eraseIn(tx, id, userId)
  }
  if (studentIds.length === 0) await eraseIn(tx, null, userId)
  await audit(tx, actor, {
    action: 'person.erase',
    ...aboutSubject(subject),
    after: Object.fromEntries(before.holdings.map(({ name, rows }) => [name, rows])),
    ...(note !== undefined && { note }),
  })
  return ok(before)
}

function remove(tx: Tx, { table, of }: Holding, subject: DataSubject) {
  return tx
    .deleteFrom(table as 'passes')
    .where(of(subject))
    .execute()
}

async function empty(tx: Tx, vault: Vault, { schoolId, nowMs }: Actor, subject: DataSubject): Promise<void> {
  const { studentIds, studentNumbers, passIds, userId } = subject
  const now = new Date(nowMs)
  if (passIds.length > 0) await tx.updateTable('passes').set({ note: null }).where('pass_id', 'in', passIds).execute()
  if (userId !== null) {
    await tx.updateTable('imports').set({ made_by_name: null }).where('made_by', '=', userId).execute()
    await tx
      .updateTable('users')
      .set({
        display_name: ERASED,
        password_hash: ERASED,
        grants: [],
        language: null,
        signed_in_at: null,
        updated_at: now,
      })
      .where('id', '=', userId)
      .execute()
  }
  if (studentIds.length === 0) return
  const seal = await sealingOf(tx, vault, schoolId)
  const indexes = new Set(studentNumbers.map(number => erasedNumberIndex(seal, number)))
  await tx
    .insertInto('erased_numbers')
    .values(
      [...indexes].map(number_index => ({
        school_id: schoolId,
        number_index,
        student_id: studentIds[0]!,
        erased_at: now,
      })),
    )
    .onConflict(on =>
      on.columns(['school_id', 'number_index']).doUpdateSet({ student_id: studentIds[0]!, erased_at: now }),
    )
    .execute()
  await tx
    .updateTable('students')
    .set({
      student_number: sql<string>`'erased-' || id`,
      first_name: ERASED,
      last_name: '',
      search_text: '',
      email: null,
      user_id: null,
      department_id: null,
      enrolled_on: null,
      sealed_personal: null,
      sealed_notes: null,
      person_index: null,
      phone_index: null,
      private_email_index: null,
      archived_at: sql<Date>`coalesce(archived_at, ${now})`,
      updated_at: now,
      version: sql<number>`version + 1`,
    })
    .where('id', 'in', studentIds)
    .execute()
}
