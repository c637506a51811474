import { GATE_CONFIGURATION_TYP, type GateConfiguration } from '@gatehouse/shared/command/gate-configuration.ts'
import { findSchools } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { newestConfigurations } from './gate-configuration.repo.ts'

export type PublishConfigurationsNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly publish: (tenant: string, gateId: string, jws: string) => Promise<void>
}

/** Which are said: of these gates, of these schools, or all at start, because a broker in memory forgets. */
export type Which = { readonly gateIds: readonly string[] } | { readonly schoolIds: readonly string[] } | 'all'

/** Tells gates what hangs on them, signed by the key of today: a key that was revoked since has not signed it. */
export async function publishConfigurations(
  { db, vault, publish }: PublishConfigurationsNeeds,
  which: Which,
): Promise<void> {
  for (const { id: schoolId, tenant } of await findSchools(db)) {
    if (which !== 'all' && 'schoolIds' in which && !which.schoolIds.includes(schoolId)) continue
    const signed = await inSchool(db, schoolId, async tx => {
      const rows = (await newestConfigurations(tx)).filter(
        ({ gate_id }) => which === 'all' || 'schoolIds' in which || which.gateIds.includes(gate_id),
      )
      if (rows.length === 0) return []
      const signer = await signerOf(tx, vault, { schoolId, tenant }, 'command')
      return Promise.all(
        rows.map(async ({ gate_id: gateId, version, document: { boards, lanes }, made_at }) => {
          const said: GateConfiguration = {
            tenant,
            gate: gateId,
            version,
            issuedAtMs: made_at.getTime(),
            boards,
            lanes,
          }
          return { gateId, jws: await signer.jws(GATE_CONFIGURATION_TYP, JSON.stringify(said)) }
        }),
      )
    })
    for (const { gateId, jws } of signed) await publish(tenant, gateId, jws)
  }
}
