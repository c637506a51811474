import type { TrustChain } from '@gatehouse/shared/list/bundle-jws.ts'
import { findSchools } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { trustChain } from './trust.repo.ts'

/** Tells gates whom to trust: of these schools, or of all at start, because a broker in memory forgets. */
export async function publishTrust(
  db: Db,
  schoolIds: readonly string[] | null,
  publish: (tenant: string, chain: TrustChain) => Promise<void>,
): Promise<void> {
  for (const { id, tenant } of await findSchools(db)) {
    if (schoolIds !== null && !schoolIds.includes(id)) continue
    const chain = await inSchool(db, id, tx => trustChain(tx, id))
    if (chain !== null) await publish(tenant, chain)
  }
}
