import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, describe } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import type { Database } from '../db/connect.ts'
import { migrations } from '../db/migrate.ts'
import { openPglite, pgliteImage } from '../db/pglite.ts'
import { openPostgres } from '../db/postgres.ts'
import type { OnQuery } from '../db/queries.ts'
import { createDatabase, startPostgres, type TestServer } from './postgres.ts'

/** Making one takes seconds on a machine at rest. */
const IMAGE_MS_MAX = 50_000

/** A fresh migrated database in memory. The first one on a machine makes the image that the others start from. */
export async function freshPglite(onQuery?: OnQuery): Promise<Database> {
  return openPglite({ folder: null, image: await image(), onQuery }, { migrating: false })
}

/** A way to fresh databases of one engine. */
export type Engine = { readonly name: 'pglite' | 'postgres'; fresh(onQuery?: OnQuery): Promise<Database> }

/** The same tests on both engines: PGlite always, PostgreSQL where it is installed. */
export function onBothEngines(name: string, tests: (engine: Engine) => void): void {
  describe(`${name} on PGlite`, () => tests({ name: 'pglite', fresh: freshPglite }))
  needs('postgres')(`${name} on PostgreSQL`, () => {
    let server: TestServer
    beforeAll(async () => {
      server = await startPostgres()
    })
    afterAll(() => server.stop())
    tests({ name: 'postgres', fresh: async onQuery => openPostgres({ ...(await createDatabase(server)), onQuery }) })
  })
}

async function image(): Promise<Blob> {
  const key = createHash('sha256')
  for (const { checksum } of migrations()) key.update(checksum)
  for (const file of ['pglite.ts', 'migrate.ts']) key.update(readFileSync(new URL(`../db/${file}`, import.meta.url)))
  key.update(readFileSync(new URL('../../../package-lock.json', import.meta.url)))
  const folder = join(tmpdir(), `gatehouse-test-images-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${key.digest('hex').slice(0, 16)}.tar`)
  if (!existsSync(path)) await makeImage(folder, path)
  return new Blob([readFileSync(path)])
}

/** One worker makes it and the others wait for it; a file is there whole or not at all. */
async function makeImage(folder: string, path: string): Promise<void> {
  const turn = new SqliteDatabase(join(folder, 'making.lock'), { timeout: IMAGE_MS_MAX })
  try {
    turn.exec('begin exclusive')
    if (existsSync(path)) return
    const made = await pgliteImage()
    const half = join(folder, `${randomUUID()}.half`)
    writeFileSync(half, Buffer.from(await made.arrayBuffer()))
    renameSync(half, path)
  } finally {
    turn.close()
  }
}
