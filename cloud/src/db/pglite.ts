import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite, types } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import SqliteDatabase from 'better-sqlite3'
import { Kysely, PGliteDialect } from 'kysely'
import type { Database, Sql } from './connect.ts'
import { migrate } from './migrate.ts'
import { type OnQuery, toldTo } from './queries.ts'
import type { Tables } from './tables.ts'

/** Same types out of both engines: 64-bit integers and dates as text, bytes as a Buffer. */
const PARSERS = {
  [types.INT8]: (text: string) => text,
  [types.DATE]: (text: string) => text,
  [types.BYTEA]: (text: string) => Buffer.from(text.slice(2), 'hex'),
}

/** The superuser of an embedded database passes every policy, so even migrations run as an owner that does not. */
const OWNER = `
do $$ begin
  if not exists (select from pg_roles where rolname = 'gatehouse_owner') then
    create role gatehouse_owner nologin createrole;
    execute format('alter database %I owner to gatehouse_owner', current_database());
  end if;
end $$`

/**
 * Opens the embedded database in a folder, or in memory. It keeps what it acknowledged through a kill, but not
 * through a power cut (it never calls fsync), and is for one process.
 */
export async function openPglite(
  {
    folder,
    image,
    onQuery,
  }: { readonly folder: string | null; readonly image?: Blob; readonly onQuery?: OnQuery | undefined },
  { migrating = true }: { readonly migrating?: boolean } = {},
): Promise<Database> {
  const unlock = folder === null ? () => {} : lock(folder)
  try {
    const pglite = await opened(folder, image)
    await pglite.exec(OWNER)
    const database = wrap(pglite, unlock, onQuery)
    if (migrating) await database.asOwner(sql => migrate(sql))
    // From here on everything runs as the role that owns nothing, inside a transaction or out.
    await pglite.exec('set role gatehouse_app')
    return database
  } catch (problem) {
    unlock()
    throw problem
  }
}

/** What PGlite says of files it cannot read ("Aborted()") helps nobody. */
async function opened(folder: string | null, image: Blob | undefined): Promise<PGlite> {
  try {
    return await PGlite.create({
      ...(folder !== null && { dataDir: join(folder, 'pglite') }),
      ...(image !== undefined && { loadDataDir: image }),
      extensions: { pg_trgm },
      parsers: PARSERS,
    })
  } catch (problem) {
    if (folder === null) throw problem
    throw new Error(
      `the database in ${join(folder, 'pglite')} cannot be opened: its files are damaged, or the disk is full. Restore the folder from a copy, or begin anew in another.`,
      { cause: problem },
    )
  }
}

/** The migrated files of a database in memory: opening from them takes 0.4 s, making them anew several. */
export async function pgliteImage(): Promise<Blob> {
  const pglite = await PGlite.create({ extensions: { pg_trgm }, parsers: PARSERS })
  await pglite.exec(OWNER)
  const database = wrap(pglite, () => {})
  await database.asOwner(sql => migrate(sql))
  const image = await pglite.dumpDataDir('none')
  await pglite.close()
  return image
}

function wrap(pglite: PGlite, unlock: () => void, onQuery?: OnQuery): Database {
  const log = toldTo(onQuery)
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }), ...(log !== undefined && { log }) })
  return {
    engine: 'pglite',
    db,
    replica: db,
    queueAccess: { pglite },
    asOwner: work =>
      pglite.transaction(async tx => {
        await tx.exec('set local role gatehouse_owner')
        const sql: Sql = {
          run: async text => void (await tx.exec(text)),
          rows: async <Row>(text: string, values: readonly unknown[] = []) =>
            (await tx.query<Row>(text, [...values])).rows,
        }
        return work(sql)
      }),
    listen: async (channel, heard) => {
      const stop = await pglite.listen(channel, heard)
      return async () => void (pglite.closed || (await stop()))
    },
    async [Symbol.asyncDispose]() {
      if (!pglite.closed) await pglite.close()
      unlock()
    },
  }
}

/**
 * Two processes on one folder corrupt it silently, and PGlite has no lock. An exclusive transaction on a SQLite file
 * is one that the kernel gives back even after kill -9.
 */
function lock(folder: string): () => void {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = new SqliteDatabase(join(folder, 'pglite.lock'), { timeout: 0 })
  try {
    file.exec('begin exclusive')
  } catch (problem) {
    file.close()
    if ((problem as { code?: string }).code !== 'SQLITE_BUSY') throw problem
    throw new Error(
      `another process is using the data in ${folder}. Stop it first, or choose another folder with GATEHOUSE_DATA.`,
    )
  }
  return () => {
    if (file.open) file.close()
  }
}
