import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { BlobStore } from './blob-store.ts'
import { blobsOf } from './files.repo.ts'

/** An upload takes minutes and a file that waits for its job perhaps hours: after a day nobody comes back for it. */
export const UNNAMED_MS = 24 * 3_600_000
const NAMES_AT_ONCE = 500

/** Removes from the store what no row names, a day after it was written: an upload whose process was killed, a file whose person was erased. Answers how many. */
export async function sweepFiles(
  { db, store }: { readonly db: Db; readonly store: BlobStore },
  schoolId: string,
  nowMs: number,
): Promise<number> {
  const before = new Date(nowMs - UNNAMED_MS)
  let removed = 0
  const names: string[] = []
  const sweep = async () => {
    const unnamed = await unnamedOf(db, schoolId, names.splice(0))
    for (const name of unnamed) await store.remove(name)
    removed += unnamed.length
  }
  for await (const { name, writtenAt } of store.list(schoolId)) {
    if (writtenAt >= before) continue
    names.push(name)
    if (names.length >= NAMES_AT_ONCE) await sweep()
  }
  await sweep()
  return removed
}

async function unnamedOf(db: Db, schoolId: string, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  const storageNames = [...new Set(names.map(storageName))]
  const rows = await inSchool(db, schoolId, tx =>
    tx.selectFrom('files').selectAll().where('storage_name', 'in', storageNames).execute(),
  )
  const named = new Set(rows.flatMap(blobsOf))
  return names.filter(name => !named.has(name))
}

const storageName = (name: string) => name.split('/')[1]!.split('.')[0]!
