import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { zstdCompressSync } from 'node:zlib'
import { toBase64url } from '@gatehouse/shared/bytes.ts'
import { DEFAULT_LEASE, DELTA_TYP, type Delta, LIST_HEAD_TYP, type ListHead } from '@gatehouse/shared/list/documents.ts'
import { diffRows } from '@gatehouse/shared/list/ops.ts'
import { type ListPass, NO_ROW_FLAGS, perTable } from '@gatehouse/shared/list/rows.ts'
import Sqlite from 'better-sqlite3'
import { encodeCarried } from '../../gateway/src/list/carried-list.ts'
import { keepList } from '../../gateway/src/list/list-keeper.ts'
import { sign, signList } from '../../gateway/src/list/sign-list.ts'
import { trustIn } from '../../gateway/src/list/trust.ts'
import { verifyTables } from '../../gateway/src/list/verify-list.ts'
import { openJournal } from '../../gateway/src/store/journal.ts'
import { openListStore } from '../../gateway/src/store/list-store.ts'
import { sha256Hex } from '../../gateway/src/store/sha256.ts'
import { show, spread } from './figures.ts'

const ROWS = 1_000_000
const LOOKUPS = 20_000
const CHANGES = 100

/** A list of a million passes at one gate: its size, taking it, replacing it while scans go on, a step of 100 changes, a lookup. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  try {
    await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<void> {
  const keys = { list: generateKeyPairSync('ed25519'), policy: generateKeyPairSync('ed25519') }
  const signers = {
    list: { kid: 'bench/list/1', key: keys.list.privateKey },
    policy: { kid: 'bench/policy/1', key: keys.policy.privateKey },
  }
  const trust = trustIn(
    (['list', 'policy'] as const).map(use => ({
      kid: `bench/${use}/1`,
      use,
      jwk: keys[use].publicKey.export({ format: 'jwk' }) as { kty: 'OKP'; crv: 'Ed25519'; x: string },
    })),
  )
  const nowS = Math.floor(Date.now() / 1000)
  const listOf = (version: number, passes: readonly ListPass[]) =>
    signList(
      {
        head: { issuer: 'bench', scope: 'main', epoch: 1, version, issuedAtS: nowS, serialMax: ROWS },
        policy: {
          issuer: 'bench',
          scope: 'main',
          version: 1,
          issuedAtS: nowS,
          profiles: {},
          holidays: {},
          groupSets: {},
          newerThanList: 'open',
          staticPasses: 'open',
          lease: DEFAULT_LEASE,
          whenClockInDoubt: 'listed_cards',
          gates: {},
        },
        passes,
        cards: [],
        deviceKeys: [],
      },
      signers,
    )
  let passes = manyPasses(nowS)
  const ids = Array.from({ length: LOOKUPS }, (_, at) => passes[(at * 104_729) % ROWS]!.passId)
  const first = await listOf(1, passes)
  const second = await listOf(
    2,
    passes.map((pass, at): ListPass => (at % (ROWS / CHANGES) === 0 ? { ...pass, status: 'revoked' } : pass)),
  )
  const headOf = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as ListHead

  const beforeVerify = performance.now()
  const [one, two] = [
    await verifyTables(first.files, headOf(first.headJws).snapshot),
    await verifyTables(second.files, headOf(second.headJws).snapshot),
  ]
  const verifyMs = (performance.now() - beforeVerify) / 2
  if (!one.ok || !two.ok) throw new Error('a list of our own did not verify')

  const journal = openJournal({ path: join(folder, 'journal.db'), gate: 'gate-of-bench' })
  const store = openListStore(join(folder, 'list'))
  const needs = { tenant: 'bench', scope: 'main', trust, journal, damaged() {} }
  const keeper = keepList({ ...needs, store, now: () => ({ epochS: nowS, confirmed: true }) })
  const load = await timed(() => keeper.carry(encodeCarried(first)))

  // 100 changes as a step from version 1 to 2.
  const { upsert, delete: gone } = diffRows('P', one.value.P.rows, two.value.P.rows)
  const delta: Delta = {
    issuer: 'bench',
    scope: 'main',
    epoch: 1,
    from: 1,
    to: 2,
    issuedAtS: nowS,
    previousDelta: null,
    rootBefore: headOf(first.headJws).stateRoot,
    rootAfter: headOf(second.headJws).stateRoot,
    bucketBits: perTable(table => two.value[table].bucketBits),
    ops: { P: { upsert: toBase64url(upsert), delete: toBase64url(gone) } },
  }
  const deltaJws = await sign(DELTA_TYP, delta, signers.list)
  const head: ListHead = { ...headOf(second.headJws), policyHash: headOf(first.headJws).policyHash }
  const headJws = await sign(LIST_HEAD_TYP, { ...head, deltaHash: sha256Hex(deltaJws) }, signers.list)
  const wanted = await keeper.read(headJws)
  if (!wanted.ok || wanted.value === null) throw new Error('the step should be wanted')
  const look = (at: number) => void store.findByPass(ids[at % ids.length]!)
  const step = await whileScanning(look, () =>
    keeper.take(wanted.value!, { policyJws: null, deltas: [deltaJws], files: null }),
  )

  const third = await listOf(3, passes)
  const whole = await keeper.read(third.headJws, true)
  if (!whole.ok || whole.value === null) throw new Error('the list should be wanted')
  // A gate has no million objects in its memory for its collector to walk through.
  passes = []
  collectGarbage()
  const rssBefore = process.memoryUsage().rss
  let rssMost = rssBefore
  const watch = setInterval(() => {
    rssMost = Math.max(rssMost, process.memoryUsage().rss)
  }, 50)
  const replace = await whileScanning(look, () =>
    keeper.take(whole.value!, { policyJws: third.policyJws, deltas: [], files: third.files }),
  )
  clearInterval(watch)

  const ours = lookupUs(id => store.findByPass(id), ids)
  const floor = defaultLookupUs(join(folder, 'default.db'), manyPasses(nowS))
  store.close()
  journal.close()
  const size = Object.values(first.files).reduce((bytes, file) => bytes + file.length, 0)
  console.log(
    `  ${ROWS} passes: ${(size / 1e6).toFixed(1)} MB zstd; verified in ${verifyMs.toFixed(0)} ms, taken in ${load.toFixed(0)} ms`,
  )
  console.log(
    `  replaced in ${replace.ms.toFixed(0)} ms with ${replace.lookups} lookups between: ${waits(replace)} (aim 10 ms); memory + ${((rssMost - rssBefore) / 1e6).toFixed(0)} MB`,
  )
  console.log(
    `  step of ${CHANGES}: ${(zstdCompressSync(deltaJws).length / 1000).toFixed(1)} kB zstd, ${(deltaJws.length / 1000).toFixed(1)} kB as sent (aim 10 kB), ${step.ms.toFixed(1)} ms (aim 50 ms); ${waits(step)}`,
  )
  show([
    { name: 'floor: a row by key, a default connection', figures: `p50 ${floor.toFixed(1)} us`, ratio: 1 },
    { name: 'a pass, its bucket hashed (aim 0.4x)', figures: `p50 ${ours.toFixed(1)} us`, ratio: ours / floor },
  ])
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

type Scanned = { readonly ms: number; readonly lookups: number; readonly waitMs: number; readonly workMs: number }

/**
 * Looks passes up while something else goes on: the longest pause of the loop is the longest wait of a scan. `workMs` is the most that the
 * loop itself had worked between two looks, which a busy machine does not lengthen.
 */
async function whileScanning(
  look: (at: number) => void,
  work: () => Promise<{ readonly ok: boolean }>,
): Promise<Scanned> {
  const workedMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let [lookups, waitMs, workMs, working] = [0, 0, 0, true]
  const scanning = (async () => {
    let [last, lastWorked] = [performance.now(), workedMs()]
    while (working) {
      look(lookups++)
      await new Promise(resolve => setImmediate(resolve))
      const [now, worked] = [performance.now(), workedMs()]
      waitMs = Math.max(waitMs, now - last)
      workMs = Math.max(workMs, worked - lastWorked)
      last = now
      lastWorked = worked
    }
  })()
  const ms = await timed(work)
  working = false
  await scanning
  return { ms, lookups, waitMs, workMs }
}

function waits({ waitMs, workMs }: Scanned): string {
  return `longest wait of a scan ${waitMs.toFixed(1)} ms, of it at most ${workMs.toFixed(1)} ms our own work`
}

async function timed(work: () => Promise<{ readonly ok: boolean }>): Promise<number> {
  const began = performance.now()
  const done = await work()
  if (!done.ok) throw new Error(`the list was refused: ${JSON.stringify(done)}`)
  return performance.now() - began
}

function manyPasses(nowS: number): ListPass[] {
  const ids = new Set<string>()
  while (ids.size < ROWS) ids.add(randomBytes(8).toString('hex'))
  return [...ids].map((passId, at) => ({
    passId,
    notBeforeS: 0,
    expiresS: nowS + 86_400 * (1 + (at % 700)),
    groups: 1 + (at % 1_000),
    status: 'active',
    class: at % 10 === 0 ? 'staff' : 'student',
    profile: 0,
    flags: NO_ROW_FLAGS,
    minGeneration: 0,
  }))
}

function lookupUs(find: (passId: string) => unknown, ids: readonly string[]): number {
  const times: number[] = []
  for (const passId of ids) {
    const began = performance.now()
    find(passId)
    times.push((performance.now() - began) * 1000)
  }
  return spread(times.slice(LOOKUPS / 10)).p50
}

/** The obvious table on a connection as the library opens it: rows as JSON by their id. */
function defaultLookupUs(path: string, passes: readonly ListPass[]): number {
  const db = new Sqlite(path)
  db.exec('create table pass (pass_id text primary key, body text not null)')
  const insert = db.prepare('insert into pass values (?, ?)')
  db.transaction(() => {
    for (const pass of passes) insert.run(pass.passId, JSON.stringify(pass))
  })()
  const select = db.prepare<[string], { body: string }>('select body from pass where pass_id = ?')
  const ids = Array.from({ length: LOOKUPS }, (_, at) => passes[(at * 104_729) % ROWS]!.passId)
  const us = lookupUs(id => JSON.parse(select.get(id)!.body), ids)
  db.close()
  return us
}
