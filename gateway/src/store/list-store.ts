import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { ListState } from '@gatehouse/shared/list/acceptance.ts'
import { ListHead, ListPolicy } from '@gatehouse/shared/list/documents.ts'
import { EMPTY_POLICY, type Policy } from '@gatehouse/shared/list/policy.ts'
import { type ListPass, perTable, TABLES } from '@gatehouse/shared/list/rows.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { z } from 'zod'
import { inTurns } from '../list/in-turns.ts'
import type { Files, Signed, TableShape, VerifiedList } from '../list/verified-list.ts'
import type { VerifiedDelta } from '../list/verify-delta.ts'
import { rootOf } from '../list/verify-list.ts'
import { type Database, isDamaged, keepDatabase, makeDatabase, openDatabase } from './database.ts'
import { readInForce, setAside, sweep, unusedName } from './list-folder.ts'
import { changeTable, readShape, rowFinder, type Shape, writeTable } from './list-rows.ts'
import { sha256Hex } from './sha256.ts'
import { syncAside, writeAside, writeWholeAside } from './write-whole.ts'

const MIGRATIONS = join(import.meta.dirname, 'list-migrations')

/** Eight gigabytes: a million rows take one fortieth of it. */
const PAGES_MAX = 2_097_152

/** Of the file, mapped: a row is then read without a call. */
const MAPPED_BYTES = 256 * 1024 * 1024

/** What a gate asks of the list in force besides its rows. */
export type ListFacts = ListState & {
  readonly serialMax: number
  readonly policy: Policy & Partial<ListPolicy>
  readonly policyHash: string
}

/** Before the first list: no card is known, and every serial is newer. */
export const NO_LIST: ListFacts = {
  epoch: 0,
  version: 0,
  issuedAtS: 0,
  stateRoot: '',
  deltaHash: null,
  frozen: false,
  serialMax: 0,
  policy: EMPTY_POLICY,
  policyHash: sha256Hex(JSON.stringify(EMPTY_POLICY)),
}

/** `damaged`: what was read is not what was written. The answer is `rebuild`; nothing is decided from it. */
export type Found = Result<ListPass | null, 'damaged'>

/** `recut`: a table has other buckets afterwards, and is taken whole. */
export type DeltaFailure = 'malformed_ops' | 'wrong_root' | 'recut' | 'damaged'

/** What a list in force was made of, signatures to be verified again. */
export type Kept = {
  /** The head that names the files. */
  readonly baseJws: string
  readonly files: Files
  /** The steps from there, in order. */
  readonly deltas: readonly string[]
  readonly headJws: string
  readonly policyJws: string
}

export type ListStore = {
  facts(): ListFacts
  findByCard(cardKey: string): Found
  findByPass(passId: string): Found
  /** The compressed point of the phone that is bound to a pass, 66 hexadecimal characters. */
  deviceKey(passId: string): Result<string | null, 'damaged'>
  /** Puts a list in force, whole or not at all; decisions go on from the old one meanwhile. */
  apply(list: VerifiedList): Promise<Result<null, DeltaFailure>>
  /** Goes on from the list in force, all steps in one transaction. */
  step(signed: Signed, deltas: readonly VerifiedDelta[]): Promise<Result<null, DeltaFailure>>
  /** The list in force is signed again, later. */
  confirm(signed: Pick<Signed, 'head' | 'headJws'>): Promise<void>
  /** After an equivocation: nothing more from the network, also after a restart. */
  freeze(): Promise<void>
  kept(): Kept | null
  /** The policy in force, as it was signed. */
  policyJws(): string | null
  /** How many deltas lie beside the files; 0 where no list is in force. */
  steps(): number
  /** Sets damaged rows aside; `apply` makes them anew. */
  quarantine(): void
  close(): void
}

const Size = z.object({ bucketBits: z.int().min(0).max(20), count: z.int().min(0) })
const Saved = z.object({
  head: ListHead,
  headJws: z.string(),
  policy: ListPolicy,
  policyJws: z.string(),
  deltaHash: z.string().nullable(),
  sizes: z.record(z.enum(TABLES), Size),
  steps: z.int().min(0),
  frozen: z.boolean(),
})
type Saved = z.infer<typeof Saved>

type Rows = { readonly db: Database; saved: Saved; shape: Shape; find: ReturnType<typeof rowFinder> }

/**
 * The list in force, in a folder: `in-force.json` names a folder in it, which has the files that were fetched, the deltas since and the
 * rows. A new list is made beside and put in force by renaming one file, a delta is one transaction: a power cut leaves the old or the new.
 */
export function openListStore(folder: string): ListStore {
  mkdirSync(folder, { recursive: true })
  let name = readInForce(folder)
  const within = (file: string) => join(folder, name ?? '', file)
  let rows = name === null ? null : openRows(within('rows.db'))

  const look = <Value>(read: (rows: Rows) => Result<Value | null, 'damaged'>): Result<Value | null, 'damaged'> => {
    if (rows === null) return name === null ? ok(null) : fail('damaged')
    try {
      return read(rows)
    } catch (error) {
      if (isDamaged(error)) return fail('damaged')
      throw error
    }
  }

  return {
    // The version in force is known even when its rows are damaged, and it never falls.
    facts: () =>
      rows === null
        ? name === null
          ? NO_LIST
          : { ...NO_LIST, ...savedBeside(within('state.json')) }
        : factsOf(rows.saved),
    findByCard: cardKey => look(({ find }) => find.byCard(cardKey)),
    findByPass: passId => look(({ find }) => find.byPass(passId)),
    deviceKey: passId => look(({ find }) => find.deviceKey(passId)),
    async apply(list) {
      const next = unusedName(folder, list.head)
      const built = await buildRows(join(folder, next), list)
      if (!built.ok) return built
      await writeWholeAside(join(folder, 'in-force.json'), JSON.stringify({ name: next }))
      const before = rows
      name = next
      rows = built.value
      if (before !== null) leave(before.db)
      await sweep(folder, next)
      return ok(null)
    },
    async step(signed, deltas) {
      const before = rows
      for (const { delta, jws } of deltas) await writeWholeAside(within(`delta-${delta.to}.jws`), jws)
      // Made anew meanwhile, in another folder, where these steps do not lie.
      if (rows === null || rows !== before) return fail('damaged')
      const changed = applyDeltas(rows, signed, deltas)
      if (changed.ok) await keepBeside(within('state.json'), rows.saved)
      return changed
    },
    async confirm(signed) {
      if (rows === null) return
      save(rows, { ...rows.saved, head: signed.head, headJws: signed.headJws })
      await keepBeside(within('state.json'), rows.saved)
    },
    async freeze() {
      if (rows === null) return
      save(rows, { ...rows.saved, frozen: true })
      await keepBeside(within('state.json'), rows.saved)
    },
    kept: () => (name === null ? null : readKept(join(folder, name), savedBeside(within('state.json')))),
    policyJws: () => rows?.saved.policyJws ?? null,
    steps: () => (rows === null ? 0 : rows.saved.steps),
    quarantine() {
      rows?.db.close()
      rows = null
      setAside(folder, within('rows.db'))
    },
    close() {
      rows?.db.close()
      rows = null
    },
  }
}

function factsOf({ head, policy, deltaHash, frozen }: Saved): ListFacts {
  const { epoch, version, issuedAtS, stateRoot, serialMax, policyHash } = head
  return { epoch, version, issuedAtS, stateRoot, deltaHash, frozen, serialMax, policy, policyHash }
}

/** The rows of a list that was finished; null when they are not what was signed. */
function openRows(path: string): Rows | null {
  if (!existsSync(path)) return null
  let db: Database | null = null
  try {
    db = openDatabase(path, { migrations: MIGRATIONS, pagesMax: PAGES_MAX })
    const row = db.prepare<[], { head: string; sum: number }>('select head, sum from list').get()
    if (row === undefined || crc32(row.head) !== row.sum) throw new Error('no finished list')
    const saved = Saved.parse(JSON.parse(row.head))
    const shape = readShape(db, saved.sizes)
    if (rootOf(shape) !== saved.head.stateRoot) throw new Error('another list')
    return inUse(db, saved, shape)
  } catch {
    db?.close()
    return null
  }
}

function inUse(db: Database, saved: Saved, shape: Shape): Rows {
  db.pragma(`mmap_size = ${MAPPED_BYTES}`)
  hold(db)
  return { db, saved, shape, find: rowFinder(db, shape) }
}

/**
 * Between two changes the rows are in one open transaction: to begin and end one for each look is most of what a look costs. Whoever
 * else reads the file, and whoever writes, is not hindered by it.
 */
function hold(db: Database): void {
  if (!db.inTransaction) db.exec('begin')
}

/** Writes in a transaction of its own. Nothing of it stays when it throws. */
function change(db: Database, write: () => void): void {
  if (db.inTransaction) db.exec('commit')
  try {
    db.transaction(write).immediate()
  } finally {
    hold(db)
  }
}

/** Closes rows that are thrown away: nothing of them need be durable any more. */
function leave(db: Database): void {
  if (db.inTransaction) db.exec('commit')
  db.pragma('synchronous = off')
  db.close()
}

async function buildRows(folder: string, list: VerifiedList): Promise<Result<Rows, DeltaFailure>> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const db = makeDatabase(join(folder, 'rows.db'), { migrations: MIGRATIONS, pagesMax: PAGES_MAX })
  try {
    for (const table of TABLES) await inTurns(writeTable(db, list.tables[table]))
    for (const table of TABLES) await writeAside(join(folder, `${table}.zst`), list.files[table])
    for (const { delta, jws } of list.deltas) await writeAside(join(folder, `delta-${delta.to}.jws`), jws)
    await writeAside(join(folder, 'base.jws'), list.baseJws)

    const made = asWritten(db, list)
    const changed = applyDeltas(made, list, list.deltas)
    if (!changed.ok) {
      db.close()
      rmSync(folder, { recursive: true, force: true })
      return changed
    }
    if (db.inTransaction) db.exec('commit')
    await syncAside(join(folder, 'rows.db'))
    keepDatabase(db)
    await keepBeside(join(folder, 'state.json'), made.saved)
    return ok(inUse(db, made.saved, made.shape))
  } catch (error) {
    if (db.open) db.close()
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** All steps and the new state in one transaction; on a failure nothing of it, and the old list stays in force. */
function applyDeltas(rows: Rows, signed: Signed, deltas: readonly VerifiedDelta[]): Result<null, DeltaFailure> {
  const { db } = rows
  let shape = rows.shape
  let failure: DeltaFailure | null = null
  const steps = () => {
    for (const delta of deltas) {
      const stepped = stepOf(db, shape, delta)
      if (!stepped.ok) {
        failure = stepped.failure
        throw new Error('given up')
      }
      shape = stepped.value
    }
    if (rootOf(shape) !== signed.head.stateRoot) {
      failure = 'wrong_root'
      throw new Error('given up')
    }
    write(db, savedOf(signed, shape, rows.saved.steps + deltas.length))
  }
  try {
    change(db, steps)
  } catch (error) {
    if (failure !== null) return fail(failure)
    throw error
  }
  rows.saved = savedOf(signed, shape, rows.saved.steps + deltas.length)
  rows.shape = shape
  rows.find = rowFinder(db, shape)
  return ok(null)
}

function stepOf(db: Database, before: Shape, { delta, ops }: VerifiedDelta): Result<Shape, DeltaFailure> {
  if (rootOf(before) !== delta.rootBefore) return fail('wrong_root')
  if (TABLES.some(table => before[table].bucketBits !== delta.bucketBits[table])) return fail('recut')
  const shape = { ...before }
  for (const [table, part] of ops) {
    const changed = changeTable(db, shape[table], part)
    if (!changed.ok) return changed
    shape[table] = changed.value
  }
  return rootOf(shape) === delta.rootAfter ? ok(shape) : fail('wrong_root')
}

/** The rows of a list that was just written, before the steps from it. */
function asWritten(db: Database, list: VerifiedList): Rows {
  const shape = perTable((table): TableShape => withoutRows(list.tables[table]))
  return { db, saved: savedOf(list, shape, 0), shape, find: rowFinder(db, shape) }
}

function withoutRows({ rows: _rows, ...shape }: VerifiedList['tables']['P']): TableShape {
  return shape
}

function savedOf({ head, headJws, policy, policyJws }: Signed, shape: Shape, steps: number): Saved {
  const { deltaHash } = head
  return { head, headJws, policy, policyJws, deltaHash, sizes: sizesOf(shape), steps, frozen: false }
}

function sizesOf(shape: Shape): Saved['sizes'] {
  return perTable(table => ({ bucketBits: shape[table].bucketBits, count: shape[table].count }))
}

function save(rows: Rows, saved: Saved): void {
  change(rows.db, () => write(rows.db, saved))
  rows.saved = saved
}

function write(db: Database, saved: Saved): void {
  const text = JSON.stringify(Saved.parse(saved))
  db.prepare('insert or replace into list (one, head, sum) values (1, ?, ?)').run(text, crc32(text))
}

/** Beside the rows, for the day when they cannot be read. */
function keepBeside(path: string, saved: Saved): Promise<void> {
  return writeWholeAside(path, JSON.stringify(saved))
}

function savedBeside(path: string): (ListFacts & Pick<Saved, 'headJws' | 'policyJws'>) | null {
  try {
    const saved = Saved.parse(JSON.parse(readFileSync(path, 'utf8')))
    return { ...factsOf(saved), headJws: saved.headJws, policyJws: saved.policyJws }
  } catch {
    return null
  }
}

function readKept(folder: string, state: ReturnType<typeof savedBeside>): Kept | null {
  if (state === null) return null
  try {
    const text = (file: string) => readFileSync(join(folder, file), 'utf8')
    const steps = readdirSync(folder)
      .flatMap(file => /^delta-(\d+)\.jws$/.exec(file)?.[1] ?? [])
      .map(Number)
      .filter(to => to <= state.version)
      .sort((a, b) => a - b)
    return {
      baseJws: text('base.jws'),
      files: perTable(table => readFileSync(join(folder, `${table}.zst`))),
      deltas: steps.map(to => text(`delta-${to}.jws`)),
      headJws: state.headJws,
      policyJws: state.policyJws,
    }
  } catch {
    return null
  }
}
