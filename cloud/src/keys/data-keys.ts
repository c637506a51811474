import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Tx } from '../db/tables.ts'
import { decrypt, encrypt } from './aes.ts'
import { additional, type Place, said, type Vault } from './vault.ts'

/** Where a sealed field stands in its school. */
export type Field = Omit<Place, 'tenant'>

/** Opens what a school has sealed. */
export type Opening = {
  /** Throws when it was sealed elsewhere or changed since. */
  open(field: Field, sealed: string): Buffer
  /** A keyed hash for `is there one like this` in this school, 64 hexadecimal characters. */
  blindIndex(column: Omit<Field, 'row'>, text: string): string
}

/** Seals too, with the newest key of the school. */
export type Sealing = Opening & {
  readonly keyNumber: number
  /** `v2.<number of the data key>.<iv>.<ciphertext and tag>`. */
  seal(field: Field, bytes: Uint8Array): string
}

type Kept = { readonly tenant: string; readonly keys: Map<number, KeyObject> }

/** Unwrapped keys of so many schools are in memory; the rest is read again when it is needed. */
const SCHOOLS_MAX = 1_000
const caches = new WeakMap<Vault, LRUCache<string, Kept>>()

/** What opens these values. Keys that were seen before are not read again: a key never changes, and one that is retired opens nothing that is there. */
export async function openingOf(
  tx: Tx,
  vault: Vault,
  schoolId: string,
  sealed: Iterable<string | null>,
): Promise<Opening> {
  const numbers = new Set<number>()
  for (const value of sealed) if (value !== null) numbers.add(keyNumberOf(value))
  numbers.delete(0)
  const kept = cacheOf(vault).get(schoolId)
  const known = kept !== undefined && [...numbers].every(number => kept.keys.has(number))
  return opening(vault, known ? kept : (await readKeys(tx, vault, schoolId)).kept)
}

/**
 * What seals new values. The key's row is held until the commit, so that it is not retired between being chosen and the row that is sealed
 * with it. A school without a data key gets its first.
 */
export async function sealingOf(tx: Tx, vault: Vault, schoolId: string): Promise<Sealing> {
  let read = await readKeys(tx, vault, schoolId)
  if (read.newest === null) {
    await addDataKey(tx, vault, { schoolId, tenant: read.kept.tenant, number: 1, nowMs: null })
    read = await readKeys(tx, vault, schoolId)
  }
  const { kept, newest } = read
  const key = kept.keys.get(newest!)!
  return {
    ...opening(vault, kept),
    keyNumber: newest!,
    seal: (field, bytes) => `v2.${newest}.${encrypt(key, additional({ ...field, tenant: kept.tenant }), bytes)}`,
  }
}

/** A data key under the next number; of two who add one at once the first one's stands. */
export async function addDataKey(
  tx: Tx,
  vault: Vault,
  { schoolId, tenant, number, nowMs }: { schoolId: string; tenant: string; number: number; nowMs: number | null },
): Promise<void> {
  await tx
    .insertInto('data_keys')
    .values({
      school_id: schoolId,
      number,
      wrapped: vault.seal(placeOf(tenant, number), randomBytes(32)),
      created_at: nowMs === null ? sql`now()` : new Date(nowMs),
      retired_at: null,
    })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

const SEALED = /^v2\.(\d{1,9})\./

/** The number of the data key that sealed a value; 0: the master key itself, from before there were data keys. */
export function keyNumberOf(sealed: string): number {
  if (sealed.startsWith('v1.')) return 0
  const number = SEALED.exec(sealed)?.[1]
  if (number === undefined) throw new Error('this is no sealed value')
  return Number(number)
}

async function readKeys(tx: Tx, vault: Vault, schoolId: string): Promise<{ kept: Kept; newest: number | null }> {
  const rows = await sql<{ tenant: string; number: number | null; wrapped: string | null }>`
    select schools.tenant, data_keys.number, data_keys.wrapped from schools
    left join (select * from data_keys where retired_at is null for share) as data_keys on data_keys.school_id = schools.id
    where schools.id = ${schoolId} order by data_keys.number`.execute(tx)
  const first = rows.rows[0]
  if (first === undefined) throw new Error(`there is no school ${schoolId} here`)
  const cache = cacheOf(vault)
  const kept = cache.get(schoolId) ?? { tenant: first.tenant, keys: new Map() }
  cache.set(schoolId, kept)
  let newest: number | null = null
  for (const { number, wrapped } of rows.rows) {
    if (number === null || wrapped === null) continue
    newest = number
    if (!kept.keys.has(number)) {
      kept.keys.set(number, createSecretKey(vault.open(placeOf(first.tenant, number), wrapped)))
    }
  }
  return { kept, newest }
}

function opening(vault: Vault, { tenant, keys }: Kept): Opening {
  return {
    open(field, sealed) {
      const place = { ...field, tenant }
      const number = keyNumberOf(sealed)
      if (number === 0) return vault.open(place, sealed)
      const key = keys.get(number)
      if (key === undefined) throw new Error(`${said(place)} was sealed with data key ${number}, which is retired`)
      const from = sealed.indexOf('.', 3) + 1
      const middle = sealed.indexOf('.', from)
      return decrypt(key, additional(place), sealed.slice(from, middle), sealed.slice(middle + 1))
    },
    blindIndex: (column, text) => vault.blindIndex({ ...column, tenant }, Buffer.from(text)),
  }
}

function cacheOf(vault: Vault): LRUCache<string, Kept> {
  let cache = caches.get(vault)
  if (cache === undefined) {
    cache = new LRUCache({ max: SCHOOLS_MAX })
    caches.set(vault, cache)
  }
  return cache
}

const placeOf = (tenant: string, number: number): Place => ({
  tenant,
  table: 'data_keys',
  column: 'wrapped',
  row: String(number),
})
