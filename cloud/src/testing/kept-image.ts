import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { migrations } from '../db/migrate.ts'

/** Making one takes seconds on a machine at rest. */
const IMAGE_MS_MAX = 50_000

/**
 * The path of a migrated database that was made once on this machine, a file or a folder, for other tests to copy. One
 * worker makes it and the others wait; it is there whole or not at all, and another migration or package makes another.
 * `made`: the files that say how it is made.
 */
export async function keptImage(
  name: string,
  made: readonly URL[],
  make: (half: string) => Promise<void>,
): Promise<string> {
  const key = createHash('sha256')
  for (const { checksum } of migrations()) key.update(checksum)
  for (const file of [...made, new URL('../../../package-lock.json', import.meta.url)]) key.update(readFileSync(file))
  const folder = join(tmpdir(), `gatehouse-test-images-${process.getuid?.() ?? 0}`)
  // Others pass through it: a server that root starts runs as somebody else.
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o711)
  const path = join(folder, `${name}-${key.digest('hex').slice(0, 16)}`)
  if (existsSync(path)) return path
  const turn = new SqliteDatabase(join(folder, `${name}.lock`), { timeout: IMAGE_MS_MAX })
  try {
    turn.exec('begin exclusive')
    if (!existsSync(path)) {
      const half = join(folder, `${randomUUID()}.half`)
      await make(half)
      renameSync(half, path)
    }
    return path
  } finally {
    turn.close()
  }
}
