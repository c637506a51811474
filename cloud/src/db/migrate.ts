import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Sql } from './connect.ts'

const FOLDER = new URL('./migrations/', import.meta.url)

/** Two starting processes take turns. Any number of our own would do. */
const LOCK = 7_462_015

export type Migration = {
  readonly number: number
  readonly name: string
  readonly text: string
  readonly checksum: string
}

type Applied = { readonly number: number; readonly name: string; readonly checksum: string }

/** The numbered files, in order: 1, 2, 3 ... without a gap. */
export function migrations(): readonly Migration[] {
  return readdirSync(FOLDER)
    .filter(name => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name, at) => {
      const number = Number(name.slice(0, 4))
      if (number !== at + 1) throw new Error(`migration ${name} should be number ${at + 1}`)
      const text = readFileSync(new URL(name, FOLDER), 'utf8')
      return { number, name, text, checksum: createHash('sha256').update(text).digest('hex') }
    })
}

/** Applies what is missing, as the owner and in the caller's transaction: all of it or nothing. Answers the numbers applied. */
export async function migrate(sql: Sql, known: readonly Migration[] = migrations()): Promise<number[]> {
  await sql.run(`select pg_advisory_xact_lock(${LOCK})`)
  await sql.run(`create table if not exists schema_migrations (
    number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`)
  const applied = await sql.rows<Applied>('select number, name, checksum from schema_migrations order by number')
  refuseStrangers(applied, known)

  const fresh = known.slice(applied.length)
  for (const { number, name, text, checksum } of fresh) {
    await sql.run(text)
    await sql.rows('insert into schema_migrations (number, name, checksum) values ($1, $2, $3)', [
      number,
      name,
      checksum,
    ])
  }
  if (fresh.length > 0) await sql.run('grant select on schema_migrations to gatehouse_app')
  return fresh.map(({ number }) => number)
}

/** Throws unless the database is exactly as new as this program. */
export async function requireCurrent(sql: Sql, known: readonly Migration[] = migrations()): Promise<void> {
  const there = await sql.rows<{ there: boolean }>(
    `select to_regclass('public.schema_migrations') is not null as there`,
  )
  const applied = there[0]!.there
    ? await sql.rows<Applied>('select number, name, checksum from schema_migrations order by number')
    : []
  refuseStrangers(applied, known)
  if (applied.length < known.length) {
    throw new Error(
      `the database is at migration ${applied.length} and this program needs ${known.length}. Set DATABASE_OWNER_URL, or run: ./gatehouse cloud migrate`,
    )
  }
}

function refuseStrangers(applied: readonly Applied[], known: readonly Migration[]): void {
  for (const [at, { number, name, checksum }] of applied.entries()) {
    const ours = known[at]
    if (ours === undefined) {
      throw new Error(
        `the database is at migration ${name}, newer than this program, which knows ${known.length}. Start the newer version of Gatehouse.`,
      )
    }
    if (ours.number !== number || ours.checksum !== checksum) {
      throw new Error(
        `migration ${name} in the database is not the ${ours.name} of this program: the file was changed after it was applied. Start the version that applied it.`,
      )
    }
  }
}
