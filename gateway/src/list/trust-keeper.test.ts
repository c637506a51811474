import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundleJws } from '@gatehouse/shared/list/bundle-jws.ts'
import type { TrustBundle } from '@gatehouse/shared/list/documents.ts'
import { openPass } from '@gatehouse/shared/pass/check.ts'
import { expect, test } from 'vitest'
import { passKeysOf } from '../core/pass-keys.ts'
import { openJournal } from '../store/journal.ts'
import { openListStore } from '../store/list-store.ts'
import { sealBundle, testBundle, testRoots } from '../testing/roots.ts'
import { NOW_S, passRow, testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { keepList } from './list-keeper.ts'
import { keepTrust, type TrustFailure, type TrustKeeper } from './trust-keeper.ts'

const school = testSchool()
const { tenant } = school
const roots = testRoots(tenant)
const [a, b, c] = [roots[0]!, roots[1]!, roots[2]!]
const others = testRoots(tenant, ['d', 'e', 'f'])
const [d, e] = [others[0]!, others[1]!]
const FIRST = testBundle(school, roots)
const NEXT: Partial<TrustBundle> = { version: 2, issuedAtS: NOW_S - 60 }
const next = (change: Partial<TrustBundle> = {}, of = roots) => testBundle(school, of, { ...NEXT, ...change })
const without = (use: string) => FIRST.keys.map(key => (key.use === use ? { ...key, revokedAtS: NOW_S - 60 } : key))

async function gateFolder() {
  const folder = await tempFolder()
  const pinned = await sealBundle(FIRST, [a, b])
  return { folder, path: join(folder, 'trust.json'), pinned }
}

const unkept = (error: unknown) => {
  throw error
}

/** As a gate starts. */
async function start({ folder, path, pinned }: Awaited<ReturnType<typeof gateFolder>>, nowS = NOW_S) {
  const journal = openJournal({ path: join(folder, 'journal.db'), gate: 'gate-north-1' })
  const now = () => ({ epochS: nowS, confirmed: true })
  const trust = await keepTrust({ identity: { ...school.identity(), roots: pinned }, path, journal, now, unkept })
  return { trust, journal }
}

const hear = (trust: TrustKeeper, ...chain: BundleJws[]) => trust.hear(JSON.stringify(chain))

test.each<[string, () => unknown, TrustFailure]>([
  ['nothing', () => [], 'malformed'],
  ['no JWS', () => ['hello'], 'malformed'],
  ['a payload that is no bundle', async () => [await sealBundle({ issuer: tenant }, [a, b])], 'malformed'],
  [
    'one root under two names',
    async () => [
      await sealBundle(
        next({ roots: [{ ...a }, { ...b }, { ...a, kid: b.kid + 2 }].map(({ kid, jwk }) => ({ kid, jwk })) }),
        [a, b],
      ),
    ],
    'malformed',
  ],
  [
    'a key of another use under its name',
    async () => [await sealBundle(next({ keys: FIRST.keys.map(key => ({ ...key, use: 'list' as const })) }), [a, b])],
    'malformed',
  ],
  ['another algorithm', async () => [await sealBundle(next(), [a, b], { alg: 'EdDSA' })], 'wrong_algorithm'],
  ['another type', async () => [await sealBundle(next(), [a, b], { typ: 'gh-head+1' })], 'wrong_type'],
  [
    'an extension that nobody knows',
    async () => [await sealBundle(next(), [a, b], { crit: ['x'], x: 1 })],
    'unknown_extension',
  ],
  [
    'another school',
    async () => [await sealBundle({ ...next({ keys: [] }), issuer: 'other-campus' }, [a, b])],
    'other_tenant',
  ],
  ['one signature', async () => [await sealBundle(next(), [a])], 'too_few_old_roots'],
  ['one root that signed twice', async () => [await sealBundle(next(), [a, a])], 'too_few_old_roots'],
  ['roots that nobody knows', async () => [await sealBundle(next({}, others), [d, e])], 'too_few_old_roots'],
  [
    'a signature of another bundle',
    async () => [
      { ...(await sealBundle(next({ epoch: 2 }), [a, b])), payload: (await sealBundle(next(), [])).payload },
    ],
    'too_few_old_roots',
  ],
  ['new roots that did not sign', async () => [await sealBundle(next({}, others), [a, b])], 'too_few_new_roots'],
  ['new roots of which one signed', async () => [await sealBundle(next({}, others), [a, b, d])], 'too_few_new_roots'],
  ['an older epoch', async () => [await sealBundle(next({ version: 4, epoch: 1 }), [a, b])], 'older_epoch'],
  ['an older version', async () => [await sealBundle(next({ version: 1, epoch: 2 }), [a, b])], 'older_version'],
  [
    'the same version with other words',
    async () => [await sealBundle(next({ version: 3, epoch: 2 }), [a, b])],
    'equivocation',
  ],
  [
    'an older date',
    async () => [await sealBundle(next({ version: 4, epoch: 2, issuedAtS: NOW_S - 7200 }), [a, b])],
    'older_date',
  ],
  [
    'a date in the future',
    async () => [await sealBundle(next({ version: 4, epoch: 2, issuedAtS: NOW_S + 121 }), [a, b])],
    'future_date',
  ],
])('%s is refused, and the trust in force stays', async (_name, make, failure) => {
  const { trust } = await start(await gateFolder())
  expect(await hear(trust, await sealBundle(next({ version: 3, epoch: 2, issuedAtS: NOW_S - 3600 }), [b, c]))).toEqual({
    ok: true,
    value: 'changed',
  })
  expect(await trust.hear(JSON.stringify(await make()))).toEqual({ ok: false, failure })
  expect([trust.version, trust.epoch]).toEqual([3, 2])
})

test('new roots are followed when two of the old and two of the new signed, also by who was away, and after a start', async () => {
  const files = await gateFolder()
  const changed = await sealBundle(next({}, others), [a, c, d, e])
  const after = await sealBundle(next({ version: 3 }, others), [d, e])
  const first = await start(files)
  expect(await hear(first.trust, after)).toEqual({ ok: false, failure: 'too_few_old_roots' })
  expect(await hear(first.trust, changed, after)).toEqual({ ok: true, value: 'changed' })
  expect(await hear(first.trust, await sealBundle(next({ version: 4 }), [a, b]))).toMatchObject({ ok: false })
  first.journal.close()
  const { trust } = await start(files)
  expect(trust.version).toBe(3)
})

test('a power cut between the file and its name leaves the old trust; after the name, the new one', async () => {
  const files = await gateFolder()
  const bundle = await sealBundle(next({ epoch: 2 }), [a, b])
  writeFileSync(`${files.path}.new`, JSON.stringify([bundle]).slice(0, 200))
  const before = await start(files)
  expect([before.trust.version, before.trust.epoch]).toEqual([1, 1])
  before.journal.close()
  // The journal had not heard of it yet.
  writeFileSync(files.path, JSON.stringify([bundle]))
  const after = await start(files)
  expect([after.trust.version, after.trust.epoch]).toEqual([2, 2])
})

test('a file that was put back does not bring back the epoch, nor a bundle that was passed', async () => {
  const files = await gateFolder()
  const first = await start(files)
  const second = await sealBundle(next(), [a, b])
  await hear(first.trust, second)
  const old = readFileSync(files.path)
  await hear(first.trust, await sealBundle(next({ version: 3, epoch: 2 }), [a, b]))
  first.journal.close()
  writeFileSync(files.path, old)
  const { trust } = await start(files)
  expect([trust.version, trust.epoch]).toEqual([2, 2])
  expect(await hear(trust, await sealBundle(next({ version: 2, epoch: 2 }), [a, b]))).toEqual({
    ok: false,
    failure: 'older_version',
  })
})

test('an identity whose own roots do not hold is refused in one sentence', async () => {
  const files = await gateFolder()
  await expect(start({ ...files, pinned: await sealBundle(FIRST, [a]) })).rejects.toThrow('enrol this gate again')
})

test('a full disk keeps no stolen key alive: the bundle is in force, and said not to be kept', async () => {
  const { folder, pinned } = await gateFolder()
  const journal = openJournal({ path: join(folder, 'journal.db'), gate: 'gate-north-1' })
  const problems: string[] = []
  const trust = await keepTrust({
    identity: { ...school.identity(), roots: pinned },
    // A folder that is not there is as good as no room.
    path: join(folder, 'gone', 'trust.json'),
    journal,
    now: () => ({ epochS: NOW_S, confirmed: true }),
    unkept: error => problems.push(String(error)),
  })
  const kid = FIRST.keys.find(({ use }) => use === 'list')!.kid
  expect(trust.find('list', kid, NOW_S)).not.toBe(null)
  expect(await hear(trust, await sealBundle(next({ keys: without('list') }), [a, b]))).toEqual({
    ok: true,
    value: 'changed',
  })
  expect(trust.find('list', kid, NOW_S)).toBe(null)
  expect(problems).toHaveLength(1)
})

test('a gate without roots follows no bundle and keeps none', async () => {
  const { path, folder } = await gateFolder()
  const journal = openJournal({ path: join(folder, 'journal.db'), gate: 'gate-north-1' })
  const now = () => ({ epochS: NOW_S, confirmed: true })
  const trust = await keepTrust({ identity: school.identity(), path, journal, now, unkept })
  expect(await hear(trust, await sealBundle(next(), [a, b]))).toEqual({ ok: false, failure: 'no_roots' })
  expect(existsSync(path)).toBe(false)
})

test.each<[string, Partial<TrustBundle>, string]>([
  ['still signed', {}, 'signed'],
  ['unknown when the key has run out', { keys: FIRST.keys.map(key => ({ ...key, expiresS: NOW_S })) }, 'unknown_key'],
  [
    'unknown before the key begins',
    { keys: FIRST.keys.map(key => ({ ...key, notBeforeS: NOW_S + 1 })) },
    'unknown_key',
  ],
  ['unknown when the key is revoked', { keys: without('pass') }, 'unknown_key'],
])('a pass that was found good before is %s', async (_name, change, found) => {
  const { trust } = await start(await gateFolder())
  const keys = passKeysOf({ identity: school.identity(), trust, inForce: () => 1 })
  const open = () => openPass(school.pass(), { tenant, keys, clock: 'confirmed', nowS: NOW_S }).certificate
  const before = open()
  expect(before).toMatchObject({ found: 'signed' })
  await hear(trust, await sealBundle(next(change), [a, b]))
  expect(open()).toMatchObject({ found })
})

async function gateWithList() {
  const files = await gateFolder()
  const { trust, journal } = await start(files)
  const store = openListStore(join(files.folder, 'list'))
  const now = () => ({ epochS: NOW_S, confirmed: true })
  const list = keepList({ store, tenant, scope: 'main', trust, journal, now, damaged() {} })
  const card = 'a'.repeat(24)
  await list.carry(await school.signList({ version: 5, cards: [[card, passRow().passId]] }))
  const stays = async () => {
    expect(list.facts()).toMatchObject({ version: 5, epoch: 1 })
    expect(await list.find('card', card)).toEqual({ ok: true, value: passRow() })
  }
  return { trust, list, stays }
}

test('a head by a revoked list key is refused, whatever its date, and the list in force stays', async () => {
  const { trust, list, stays } = await gateWithList()
  const head = await school.signHead({ version: 6 })
  expect(await list.read(head)).toMatchObject({ ok: true })
  await hear(trust, await sealBundle(next({ keys: without('list') }), [a, b]))
  expect(await list.read(head)).toEqual({ ok: false, failure: 'unknown_key' })
  await stays()
})

test('a head of an older epoch is refused from the bundle on, and one of the new epoch taken whole', async () => {
  const { trust, list, stays } = await gateWithList()
  await hear(trust, await sealBundle(next({ epoch: 2 }), [a, b]))
  expect(await list.read(await school.signHead({ version: 60 }))).toEqual({ ok: false, failure: 'older_epoch' })
  await stays()
  expect(await list.read(await school.signHead({ version: 6, epoch: 2 }))).toMatchObject({
    ok: true,
    value: { steps: [], files: {} },
  })
})

test('a document is asked for the key of its own date, so that a list whose key ran out can be made anew', async () => {
  const { trust, list } = await gateWithList()
  const ranOut = FIRST.keys.map(key => ({ ...key, expiresS: NOW_S - 30 }))
  await hear(trust, await sealBundle(next({ keys: ranOut }), [a, b]))
  expect(await list.read(await school.signHead({ version: 6, issuedAtS: NOW_S - 60 }))).toMatchObject({ ok: true })
  expect(await list.read(await school.signHead({ version: 6, issuedAtS: NOW_S }))).toEqual({
    ok: false,
    failure: 'unknown_key',
  })
})
