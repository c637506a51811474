import { DELTA_TYP, type Delta, type ListHead, type TrustBundle } from '@gatehouse/shared/list/documents.ts'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { makeListVersion, signHeads } from '../lists/list-versions.repo.ts'
import { createSchool } from '../schools/schools.repo.ts'
import { onBothEngines } from '../testing/database.ts'
import { publishFirstBundle } from './first-bundle.ts'
import { makeRoots, publicRoots, type RootKey, signBundle, unsignedBundle } from './root-keys.ts'
import { signerOf } from './school-keys.ts'
import { bundleInForce, draftBundle, epochOf, publishBundle, type TrustChange, trustChain } from './trust.repo.ts'
import { openVault } from './vault.ts'

const vault = openVault(Buffer.alloc(32, 1))
const NOTHING: TrustChange = { rotate: [], revoke: [], newEpoch: false, roots: null }
let schools = 0

onBothEngines('trust of a school', engine => {
  let database: Database
  let school: { readonly schoolId: string; readonly tenant: string }
  let roots: RootKey[]
  beforeAll(async () => {
    database = await engine.fresh()
  })
  afterAll(() => database[Symbol.asyncDispose]())
  const within = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(database.db, school.schoolId, work)
  beforeEach(async () => {
    school = { schoolId: crypto.randomUUID(), tenant: `trust-${++schools}` }
    roots = makeRoots(school.tenant)
    await within(tx => createSchool(tx, vault, { ...school, name: 'Trust', timeZone: 'Europe/Amsterdam' }))
  })
  const first = () => within(tx => publishFirstBundle(tx, vault, school, roots, Date.now()))
  const drafted = async (change: Partial<TrustChange> = {}) => {
    const made = await within(tx => draftBundle(tx, vault, school, { ...NOTHING, ...change }, Date.now()))
    if (!made.ok) throw new Error(made.failure)
    return made.value
  }
  const publish = async (bundle: TrustBundle, by: readonly RootKey[]) => {
    let signed = unsignedBundle(bundle)
    for (const root of by) signed = await signBundle(signed, root)
    return within(tx => publishBundle(tx, school, signed, Date.now()))
  }
  const kidOf = (use: 'list' | 'pass') => within(async tx => (await signerOf(tx, vault, school, use)).kid)
  const list = () =>
    within(async tx => {
      await makeListVersion(tx, vault, { ...school, scope: 'main' }, Date.now())
      const [head] = await signHeads(tx, vault, school, Date.now())
      const version = await tx
        .selectFrom('list_versions')
        .selectAll()
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
      return { head: head!.headJws, said: decodeJwt<ListHead>(head!.headJws), version }
    })

  test('without roots there is no draft, and with them no bundle until two have signed', async () => {
    expect(await within(tx => draftBundle(tx, vault, school, NOTHING, Date.now()))).toEqual({
      ok: false,
      failure: 'no_roots',
    })
    const bundle = await drafted({ roots: publicRoots(roots) })
    expect(await publish(bundle, [roots[0]!])).toEqual({ ok: false, failure: 'too_few_new_roots' })
    expect(await within(tx => bundleInForce(tx, school.schoolId))).toBeNull()
    expect(await publish(bundle, [roots[0]!, roots[2]!])).toMatchObject({ ok: true, value: { version: 1, epoch: 1 } })
    expect(await publish(bundle, [roots[0]!, roots[1]!])).toEqual({ ok: false, failure: 'in_force' })
  })

  test('a new list key signs nothing as a draft, and everything once it is published', async () => {
    await first()
    const bundle = await drafted({ rotate: ['list'] })
    expect(await kidOf('list')).toBe(`${school.tenant}/list/1`)
    expect(await publish(bundle, roots.slice(0, 2))).toMatchObject({ ok: true })
    expect(await kidOf('list')).toBe(`${school.tenant}/list/2`)
    expect(decodeProtectedHeader((await list()).head).kid).toBe(`${school.tenant}/list/2`)
    // The old one stays in the bundle: what it signed is still believed.
    expect(bundle.keys.filter(({ use }) => use === 'list').map(({ revokedAtS }) => revokedAtS)).toEqual([null, null])
  })

  test('a revoked key signs no more, and the last key of a use is not revoked without another', async () => {
    await first()
    const revoke = [{ kid: `${school.tenant}/pass/1`, reason: 'stolen' }]
    expect(await within(tx => draftBundle(tx, vault, school, { ...NOTHING, revoke }, Date.now()))).toEqual({
      ok: false,
      failure: 'no_key_left',
    })
    expect(await publish(await drafted({ rotate: ['pass'], revoke }), roots.slice(1))).toMatchObject({ ok: true })
    expect(await kidOf('pass')).toBe(`${school.tenant}/pass/2`)
    const again = await drafted()
    expect(again.keys.find(({ kid }) => kid === `${school.tenant}/pass/1`)).toMatchObject({ revokedFor: 'stolen' })
  })

  test('a new epoch is a new version of the list, one step from the last, and a policy by the key of today', async () => {
    await first()
    const before = await list()
    const change = {
      newEpoch: true,
      rotate: ['list', 'policy'],
      revoke: [{ kid: `${school.tenant}/list/1`, reason: 'stolen' }],
    } as const
    expect(await publish(await drafted(change), roots.slice(0, 2))).toMatchObject({ ok: true })
    expect(await within(tx => epochOf(tx, school.schoolId))).toBe(2)
    const after = await list()
    expect([before.said.epoch, after.said.epoch, after.said.version - before.said.version]).toEqual([1, 2, 1])
    expect(decodeProtectedHeader(after.version.policy_jws).kid).toBe(`${school.tenant}/policy/2`)
    expect(decodeProtectedHeader(after.version.delta_jws)).toMatchObject({
      typ: DELTA_TYP,
      kid: `${school.tenant}/list/2`,
    })
    expect(decodeJwt<Delta>(after.version.delta_jws).epoch).toBe(2)
    expect((await list()).said.version).toBe(after.said.version)
  })

  test('new roots need two of the old and two of the new, and gates are told the way there', async () => {
    await first()
    const others = makeRoots(school.tenant)
    const bundle = await drafted({ roots: publicRoots(others) })
    expect(await publish(bundle, roots)).toEqual({ ok: false, failure: 'too_few_new_roots' })
    expect(await publish(bundle, others)).toEqual({ ok: false, failure: 'too_few_old_roots' })
    expect(await publish(bundle, [...roots.slice(1), ...others.slice(1)])).toMatchObject({ ok: true })
    expect(await publish(await drafted(), roots)).toEqual({ ok: false, failure: 'too_few_old_roots' })
    expect(await publish(await drafted(), others)).toMatchObject({ ok: true })
    expect(await publish(await drafted(), others)).toMatchObject({ ok: true })
    expect(await within(tx => trustChain(tx, school.schoolId))).toHaveLength(3)
  })

  test('a bundle with a key that the school does not hold is refused', async () => {
    await first()
    const bundle = await drafted()
    const foreign = publicRoots(makeRoots(school.tenant))[0]!.jwk
    const keys = bundle.keys.map(key => (key.use === 'list' ? { ...key, jwk: foreign } : key))
    expect(await publish({ ...bundle, keys }, roots)).toEqual({ ok: false, failure: 'foreign_key' })
  })

  test('a published bundle is never changed nor deleted', async () => {
    await first()
    await expect(within(tx => tx.deleteFrom('trust_bundles').execute())).rejects.toThrow('permission denied')
    await expect(within(tx => tx.updateTable('trust_bundles').set({ epoch: 9 }).execute())).rejects.toThrow(
      'permission denied',
    )
  })
})
