import type { TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import type { Db, Tx } from '../db/tables.ts'

/** Every public key of the school, published or not. */
export async function publicKeys(tx: Tx | Db, schoolId: string): Promise<TrustedKey[]> {
  const rows = await tx
    .selectFrom('signing_keys')
    .select(['kid', 'use', 'public_jwk'])
    .where('school_id', '=', schoolId)
    .orderBy('use')
    .orderBy('number')
    .execute()
  return rows.map(({ kid, use, public_jwk }) => ({ kid, use, jwk: public_jwk }))
}
