import { findSchools } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { makeListVersion, type PublishedHead, scopesOf, signHeads } from './list-versions.repo.ts'

export type Publisher = {
  /** Makes and publishes what changed in these schools; one version however many changes came together. */
  changed(schoolIds: readonly string[]): Promise<void>
  /** At start: what changed while nobody looked, and every head again, because a broker in memory forgets them. */
  all(): Promise<void>
  /** Every head signed anew: gates learn by it what time it is, and that nothing is kept from them. */
  heads(): Promise<void>
}

export type PublisherNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly nowMs: () => number
  /** Retains the head where the scope's gates see it. */
  readonly publishHead: (head: PublishedHead) => Promise<void>
}

export function openPublisher({ db, vault, nowMs, publishHead }: PublisherNeeds): Publisher {
  const publish = async (schoolId: string, tenant: string) => {
    for (const scope of await inSchool(db, schoolId, scopesOf)) {
      await inSchool(db, schoolId, tx => makeListVersion(tx, vault, { schoolId, tenant, scope }, nowMs()))
    }
    // Published whether made now or before: the last try may have ended between its commit and its publishing.
    await sign(schoolId, tenant)
  }
  const sign = async (schoolId: string, tenant: string) => {
    for (const head of await inSchool(db, schoolId, tx => signHeads(tx, vault, { schoolId, tenant }, nowMs())))
      await publishHead(head)
  }

  return {
    async changed(schoolIds) {
      const schools = await findSchools(db)
      for (const { id, tenant } of schools) if (schoolIds.includes(id)) await publish(id, tenant)
    },
    async all() {
      for (const { id, tenant } of await findSchools(db)) await publish(id, tenant)
    },
    async heads() {
      for (const { id, tenant } of await findSchools(db)) await sign(id, tenant)
    },
  }
}
