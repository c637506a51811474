import { generateKeyPairSync } from 'node:crypto'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { type BundleKey, LIST_HEAD_TYP, type ListHead, type TrustBundle } from '@gatehouse/shared/list/documents.ts'
import { test } from 'vitest'
import { fakeCloud } from '../testing/fake-cloud.ts'
import { sealBundle, testBundle, testRoots } from '../testing/roots.ts'
import { gateFiles, runGate } from '../testing/running-gate.ts'
import { NOW_S, testSchool } from '../testing/school.ts'

const school = testSchool()
const { tenant } = school
const roots = testRoots(tenant)
const FIRST = testBundle(school, roots)
const signed = (bundle: TrustBundle) => sealBundle(bundle, roots.slice(0, 2))

const second = generateKeyPairSync('ed25519')
const SECOND: BundleKey = {
  ...FIRST.keys.find(({ use }) => use === 'list')!,
  kid: `${tenant}/list/2`,
  jwk: second.publicKey.export({ format: 'jwk' }) as BundleKey['jwk'],
}
const withSecond = [...FIRST.keys, SECOND]
const firstRevoked = withSecond.map(key => (key.kid === `${tenant}/list/1` ? { ...key, revokedAtS: NOW_S - 60 } : key))

/** A head over the very tables of version 1, by one of the two list keys. */
async function head(key: 1 | 2, change: Partial<ListHead>): Promise<string> {
  const told = JSON.parse(Buffer.from((await school.signHead({})).split('.')[1]!, 'base64url').toString()) as ListHead
  const version = change.version ?? told.version
  const said = { ...told, issuedAtS: NOW_S - 30, snapshot: { ...told.snapshot, version }, ...change }
  const privateKey = key === 1 ? school.keys.list.privateKey : second.privateKey
  return school.seal(LIST_HEAD_TYP, 'list', said, { kid: `${tenant}/list/${key}` }, privateKey)
}

const listSays = (details: object) => (record: ChainedEvent['record']) =>
  record.kind === 'list' && Object.entries(details).every(([name, value]) => record.details?.[name] === value)
const trustSays = (version: number) => (record: ChainedEvent['record']) =>
  record.kind === 'config' && record.details?.trust === version

async function following() {
  const cloud = await fakeCloud(school)
  const identity = { ...cloud.identity, roots: await signed(FIRST) }
  const files = await gateFiles(identity)
  const gate = await runGate(files, identity)
  await cloud.until(() => cloud.states.length > 0)
  await cloud.publishList({})
  await gate.event(listSays({ version: 1 }))
  return { cloud, gate, files, identity }
}

test('a new list key is followed once two roots have signed for it, and the old one is refused when they revoke it', async () => {
  const { cloud, gate } = await following()
  await cloud.publishHead(await head(2, { version: 2 }))
  await gate.event(listSays({ refused: 'unknown_key' }))

  // The head that was refused is looked at again by itself.
  await cloud.publishTrust([await signed({ ...FIRST, version: 2, issuedAtS: NOW_S - 60, keys: withSecond })])
  await gate.event(trustSays(2))
  await gate.event(listSays({ version: 2 }))

  await cloud.publishHead(await head(1, { version: 3 }))
  await gate.event(listSays({ version: 3 }))
  await cloud.publishTrust([await signed({ ...FIRST, version: 3, issuedAtS: NOW_S - 50, keys: firstRevoked })])
  await gate.event(trustSays(3))
  await cloud.publishHead(await head(1, { version: 9 }))
  await gate.event(listSays({ refused: 'unknown_key' }))
  await cloud.publishHead(await head(2, { version: 4 }))
  await gate.event(listSays({ version: 4 }))
})

test('a stolen list key is survived: a new epoch is taken from the roots only, and nothing of the old one after it', async () => {
  const { cloud, gate } = await following()
  await cloud.publishHead(await head(1, { version: 50, epoch: 7 }))
  await gate.event(listSays({ refused: 'unknown_epoch' }))
  // What the thief signed in the old epoch is in force until the roots speak.
  await cloud.publishHead(await head(1, { version: 40 }))
  await gate.event(listSays({ version: 40 }))

  const bundle = { ...FIRST, version: 2, epoch: 2, issuedAtS: NOW_S - 60, keys: firstRevoked }
  await cloud.publishTrust([await signed(bundle)])
  await gate.event(trustSays(2))
  await cloud.publishHead(await head(2, { version: 41 }))
  await gate.event(listSays({ refused: 'older_epoch' }))
  await cloud.publishHead(await head(2, { version: 2, epoch: 2 }))
  await gate.event(listSays({ version: 2 }))
})

test('a bundle of one root changes nothing, and is said to be refused', async () => {
  const { cloud, gate } = await following()
  const bundle = { ...FIRST, version: 2, epoch: 2, issuedAtS: NOW_S - 60, keys: firstRevoked }
  await cloud.publishTrust([await sealBundle(bundle, [roots[0]!])])
  await gate.event(({ kind, details }) => kind === 'config' && details?.refused === 'too_few_old_roots')
  await cloud.publishHead(await head(1, { version: 2 }))
  await gate.event(listSays({ version: 2 }))
})

test('what was revoked stays revoked over a restart, before anybody says it again', async () => {
  const { cloud, gate, files, identity } = await following()
  await cloud.publishTrust([await signed({ ...FIRST, version: 2, issuedAtS: NOW_S - 60, keys: firstRevoked })])
  await gate.event(trustSays(2))
  await cloud.publishTrust([])
  await gate.event(({ kind, details }) => kind === 'config' && details?.refused === 'malformed')
  await gate.stop()

  const again = await runGate(files, identity)
  await cloud.publishHead(await head(1, { version: 9 }))
  await again.event(listSays({ refused: 'unknown_key' }))
  await cloud.publishHead(await head(2, { version: 2 }))
  await again.event(listSays({ version: 2 }))
})
