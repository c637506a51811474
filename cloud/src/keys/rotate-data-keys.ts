import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { Hopeless, type JobHandler } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { addDataKey, keyNumberOf, openingOf, sealingOf } from './data-keys.ts'
import type { Vault } from './vault.ts'

/** Every column that a data key of a school seals: what is not here could not be opened any more once its key is retired. The row of each is `id`. */
export const SEALED_BY_DATA_KEYS = {
  students: ['sealed_personal', 'sealed_notes'],
  credentials: ['sealed_bits'],
  files: ['sealed_key'],
  applications: ['sealed_answers'],
  visitors: ['sealed_contact'],
} as const
type SealedTable = keyof typeof SEALED_BY_DATA_KEYS
const TABLES = Object.keys(SEALED_BY_DATA_KEYS) as SealedTable[]

/** A new data key seals from now on; a job seals anew what older ones sealed, and retires them. */
export async function beginRotation(
  tx: Tx,
  { vault, jobs }: { readonly vault: Vault; readonly jobs: Pick<Jobs, 'add'> },
  actor: Actor,
): Promise<Result<{ readonly jobId: string; readonly number: number }, 'rotating_already'>> {
  const { schoolId, userId, nowMs } = actor
  // Whoever comes second waits here, and sees the first one's key.
  const { tenant } = await tx
    .selectFrom('schools')
    .select('tenant')
    .where('id', '=', schoolId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const alive = await tx.selectFrom('data_keys').select('number').where('retired_at', 'is', null).execute()
  if (alive.length > 1) return fail('rotating_already')
  const newest = await tx
    .selectFrom('data_keys')
    .select(eb => eb.fn.max('number').as('number'))
    .executeTakeFirst()
  const number = (newest?.number ?? 0) + 1
  await addDataKey(tx, vault, { schoolId, tenant, number, nowMs })
  await audit(tx, actor, { action: 'data_key.create', subject: { kind: 'data_key', id: String(number) } })
  const title = `Personal data under data key ${number}`
  const jobId = await jobs.add(tx, {
    kind: 'rotate_data_key',
    schoolId,
    body: { number },
    title,
    madeBy: userId,
    key: schoolId,
  })
  return ok({ jobId, number })
}

/** Rows looked at in one transaction: a moment, so that nobody waits long for a row of theirs. */
const ROWS_AT_ONCE = 500

/** Does a rotation, from wherever an earlier try ended: what is sealed with the newest key is only looked at. */
export function rotateDataKey({
  db,
  vault,
  nowMs,
}: {
  readonly db: Db
  readonly vault: Vault
  readonly nowMs: () => number
}): JobHandler<'rotate_data_key'> {
  return async ({ schoolId, signal, progress }) => {
    if (schoolId === null) throw new Hopeless('a data key belongs to a school')
    const total = await inSchool(db, schoolId, tx => countRows(tx))
    let done = 0
    let resealed = 0
    for (const table of TABLES) {
      let after: string | null = null
      do {
        signal.throwIfAborted()
        const step = await inSchool(db, schoolId, tx => rotateSome(tx, vault, schoolId, { table, after }))
        after = step.after
        done += step.looked
        resealed += step.resealed
        await progress(done, total, 'rows')
      } while (after !== null)
    }
    const retired = await inSchool(db, schoolId, tx => retireOldKeys(tx, { schoolId, userId: null, nowMs: nowMs() }))
    return { resealed, retired }
  }
}

type Step = { readonly after: string | null; readonly looked: number; readonly resealed: number }

/** Seals the next rows of a table with the newest key; `after` null at the end. */
export async function rotateSome(
  tx: Tx,
  vault: Vault,
  schoolId: string,
  { table, after, limit = ROWS_AT_ONCE }: { table: SealedTable; after: string | null; limit?: number },
): Promise<Step> {
  const columns: readonly string[] = SEALED_BY_DATA_KEYS[table]
  const { rows } = await sql<Record<string, string | null> & { id: string }>`
    select id, ${sql.join(columns.map(name => sql.ref(name)))} from ${sql.table(table)}
    where id > ${after ?? '00000000-0000-0000-0000-000000000000'}::uuid order by id limit ${limit} for update`.execute(
    tx,
  )
  const seal = await sealingOf(tx, vault, schoolId)
  const old = rows.filter(row => columns.some(name => isOlder(row[name], seal.keyNumber)))
  const opening = await openingOf(
    tx,
    vault,
    schoolId,
    old.flatMap(row => columns.map(name => row[name] ?? null)),
  )
  for (const row of old) {
    const resealed = columns
      .filter(name => isOlder(row[name], seal.keyNumber))
      .map(column => {
        const field = { table, column, row: row.id }
        return sql`${sql.ref(column)} = ${seal.seal(field, opening.open(field, row[column]!))}`
      })
    await sql`update ${sql.table(table)} set ${sql.join(resealed)} where id = ${row.id}::uuid`.execute(tx)
  }
  return {
    after: rows.length < limit ? null : rows.at(-1)!.id,
    looked: rows.length,
    resealed: old.length,
  }
}

const isOlder = (sealed: string | null | undefined, newest: number) =>
  sealed !== null && sealed !== undefined && keyNumberOf(sealed) !== newest

/**
 * Destroys every key but the newest, once nothing is sealed with them. Whoever is sealing with an older one at this moment holds its row, and is
 * waited for; throws when something is found, so that the rotation is tried again. Answers the numbers.
 */
export async function retireOldKeys(tx: Tx, actor: Actor): Promise<number[]> {
  const alive = await tx
    .selectFrom('data_keys')
    .select('number')
    .where('retired_at', 'is', null)
    .orderBy('number')
    .forUpdate()
    .execute()
  const newest = alive.at(-1)?.number
  const old = alive.slice(0, -1).map(({ number }) => number)
  if (newest === undefined || old.length === 0) return []
  for (const table of TABLES) {
    for (const column of SEALED_BY_DATA_KEYS[table]) {
      const left = await sql<{ left: boolean }>`
        select exists (select from ${sql.table(table)} where ${sql.ref(column)} is not null
          and not starts_with(${sql.ref(column)}, ${`v2.${newest}.`})) as left`.execute(tx)
      if (left.rows[0]!.left) throw new Error(`${table}.${column} still has values that an older data key sealed`)
    }
  }
  await tx
    .updateTable('data_keys')
    .set({ wrapped: null, retired_at: new Date(actor.nowMs) })
    .where('number', 'in', old)
    .execute()
  for (const number of old) {
    await audit(tx, actor, { action: 'data_key.retire', subject: { kind: 'data_key', id: String(number) } })
  }
  return old
}

async function countRows(tx: Tx): Promise<number> {
  let total = 0
  for (const table of TABLES) {
    const { count } = await tx
      .selectFrom(table)
      .select(sql<number>`count(*)::int`.as('count'))
      .executeTakeFirstOrThrow()
    total += count
  }
  return total
}
