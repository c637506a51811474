import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import type { Database } from '../db/connect.ts'
import { openPglite, pgliteImage } from '../db/pglite.ts'
import { openPostgres } from '../db/postgres.ts'
import type { OnQuery } from '../db/queries.ts'
import { keptImage } from './kept-image.ts'
import { createDatabase, startPostgres, type TestServer } from './postgres.ts'

/** A fresh migrated database in memory. The first one on a machine makes the image that the others start from. */
export async function freshPglite(onQuery?: OnQuery): Promise<Database> {
  const made = ['pglite.ts', 'migrate.ts'].map(file => new URL(`../db/${file}`, import.meta.url))
  const path = await keptImage('pglite', made, async half =>
    writeFileSync(half, Buffer.from(await (await pgliteImage()).arrayBuffer())),
  )
  return openPglite({ folder: null, image: new Blob([readFileSync(path)]), onQuery }, { migrating: false })
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
