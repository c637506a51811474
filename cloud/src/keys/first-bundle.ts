import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT_THRESHOLD } from '@gatehouse/shared/list/documents.ts'
import type { Tx } from '../db/tables.ts'
import {
  makeRoots,
  publicRoots,
  type RootKey,
  Roots,
  readRoot,
  signBundle,
  unsignedBundle,
  writeRoots,
} from './root-keys.ts'
import type { SchoolName } from './school-keys.ts'
import { bundleInForce, draftBundle, publishBundle } from './trust.repo.ts'
import type { Vault } from './vault.ts'

/** Signs and publishes a school's first bundle with roots that are at hand. A school that has one keeps it. */
export async function publishFirstBundle(
  tx: Tx,
  vault: Vault,
  school: SchoolName,
  roots: readonly RootKey[],
  nowMs: number,
): Promise<void> {
  if ((await bundleInForce(tx, school.schoolId)) !== null) return
  const change = { rotate: [], revoke: [], newEpoch: false, roots: publicRoots(roots) }
  const draft = await draftBundle(tx, vault, school, change, nowMs)
  if (!draft.ok) throw new Error(`no first bundle of ${school.tenant}: ${draft.failure}`)
  let signed = unsignedBundle(draft.value)
  for (const root of roots.slice(0, ROOT_THRESHOLD)) signed = await signBundle(signed, root)
  const published = await publishBundle(tx, school, signed, nowMs)
  if (!published.ok) throw new Error(`no first bundle of ${school.tenant}: ${published.failure}`)
}

/** The roots of a school on embedded parts: made once as files in the data folder, so that one command starts everything. */
export function rootsInFolder(dataFolder: string, tenant: string): RootKey[] {
  const folder = join(dataFolder, 'roots', tenant)
  if (!existsSync(join(folder, 'roots.json'))) {
    const roots = makeRoots(tenant)
    writeRoots(folder, roots, null)
    return roots
  }
  return Roots.parse(JSON.parse(readFileSync(join(folder, 'roots.json'), 'utf8'))).map((_, at) =>
    readRoot(join(folder, `root-${at + 1}.pem`), tenant, null),
  )
}
