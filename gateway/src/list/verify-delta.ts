import { fromBase64url } from '@gatehouse/shared/bytes.ts'
import { DELTA_TYP, Delta } from '@gatehouse/shared/list/documents.ts'
import type { Ops } from '@gatehouse/shared/list/ops.ts'
import { TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sha256Hex } from '../store/sha256.ts'
import type { Trust } from './trust.ts'
import { type JwsFailure, verifyJws } from './verify-jws.ts'

/** A delta whose signature holds. Whether it follows from the list in force is asked where it is applied. */
export type VerifiedDelta = {
  readonly delta: Delta
  readonly ops: readonly (readonly [Table, Ops])[]
  readonly jws: string
  /** What the next delta and the head call it by. */
  readonly hash: string
}

export async function verifyDelta(
  jws: string,
  trust: Trust,
): Promise<Result<VerifiedDelta, JwsFailure | 'malformed_ops'>> {
  const payload = await verifyJws(jws, { typ: DELTA_TYP, use: 'list', trust })
  if (!payload.ok) return payload
  const delta = Delta.safeParse(payload.value)
  if (!delta.success) return fail('malformed')
  const ops: [Table, Ops][] = []
  for (const table of TABLES) {
    const said = delta.data.ops[table]
    if (said === undefined) continue
    const upsert = fromBase64url(said.upsert)
    const gone = fromBase64url(said.delete)
    if (upsert === null || gone === null) return fail('malformed_ops')
    ops.push([table, { upsert, delete: gone }])
  }
  return ok({ delta: delta.data, ops, jws, hash: sha256Hex(jws) })
}
