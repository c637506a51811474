import { randomBytes, randomUUIDv7, timingSafeEqual } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Actor, By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { hashOf } from '../auth/secret-hash.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { type EnrolmentCode, newEnrolmentCode } from './enrolment-code.ts'

export const CODE_MS = 15 * 60_000
export const CODE_TRIES_MAX = 5

/** A new code for a gate; the one before it ends. Null: there is no such gate. */
export async function createEnrolmentCode(
  tx: Tx,
  actor: Actor,
  gateId: string,
): Promise<{ code: EnrolmentCode; expiresAt: Date } | null> {
  const { schoolId, nowMs } = actor
  const gate = await tx.selectFrom('gates').select('id').where('id', '=', gateId).forUpdate().executeTakeFirst()
  if (gate === undefined) return null
  await tx.deleteFrom('enrolment_codes').where('gate_id', '=', gateId).execute()
  const expiresAt = new Date(nowMs + CODE_MS)
  for (;;) {
    const code = newEnrolmentCode()
    const made = await tx
      .insertInto('enrolment_codes')
      .values({
        id: randomUUIDv7(),
        school_id: schoolId,
        gate_id: gateId,
        selector: code.selector,
        secret_hash: hashOf(code.secret),
        tries_left: CODE_TRIES_MAX,
        expires_at: expiresAt,
        used_at: null,
        created_at: new Date(nowMs),
      })
      // One selector is one of a million: another open code of this or another school may have it.
      .onConflict(conflict => conflict.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (made === undefined) continue
    await audit(tx, actor, {
      action: 'enrolment_code.create',
      subject: { kind: 'gate', id: gateId },
      after: { expiresAt: expiresAt.toISOString() },
    })
    return { code, expiresAt }
  }
}

export type Refused = 'wrong' | 'expired' | 'used' | 'guessed'

/**
 * Holds a code against what was typed. Each wrong secret takes a try away, and answers rather than throws, so that
 * the try stays counted.
 */
export async function tryCode(
  tx: Tx,
  { codeId, secret, nowMs }: { readonly codeId: string; readonly secret: string; readonly nowMs: number },
): Promise<Result<Row<'enrolment_codes'>, Refused>> {
  const row = await tx.selectFrom('enrolment_codes').selectAll().where('id', '=', codeId).forUpdate().executeTakeFirst()
  if (row === undefined) return fail('wrong')
  if (row.used_at !== null) return fail('used')
  if (row.tries_left === 0) return fail('guessed')
  if (row.expires_at.getTime() <= nowMs) return fail('expired')
  if (!timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(row.secret_hash))) {
    const triesLeft = row.tries_left - 1
    await tx.updateTable('enrolment_codes').set({ tries_left: triesLeft }).where('id', '=', codeId).execute()
    return fail(triesLeft === 0 ? 'guessed' : 'wrong')
  }
  return ok(row)
}

/**
 * Makes the mini-PC with this key the gate: the code is used up, and a new broker secret is given once. A gate that
 * was enrolled before is another machine from now on.
 */
export async function enrolGate(
  tx: Tx,
  {
    schoolId,
    gateId,
    codeId,
    publicJwk,
    nowMs,
    by,
  }: {
    readonly schoolId: string
    readonly gateId: string
    readonly codeId: string
    readonly publicJwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
    readonly nowMs: number
    /** The machine that has the code. */
    readonly by?: By
  },
): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  const now = new Date(nowMs)
  const { kty, crv, x } = publicJwk
  await tx.updateTable('enrolment_codes').set({ used_at: now }).where('id', '=', codeId).execute()
  await tx
    .updateTable('gates')
    .set({ public_jwk: JSON.stringify({ kty, crv, x }), broker_secret_hash: hashOf(secret), enrolled_at: now })
    .where('id', '=', gateId)
    .execute()
  await leave(tx, schoolId, 'gates.changed', {})
  await audit(
    tx,
    { schoolId, nowMs, ...(by !== undefined && { by }) },
    {
      action: 'gate.enrol',
      subject: { kind: 'gate', id: gateId },
      after: { publicKey: x },
    },
  )
  return secret
}
