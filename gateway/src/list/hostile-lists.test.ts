import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { toBase64url } from '@gatehouse/shared/bytes.ts'
import { DELTA_TYP, type Delta, LIST_HEAD_TYP, type ListHead, POLICY_TYP } from '@gatehouse/shared/list/documents.ts'
import { encodeCard, encodePass, ROW_LAYOUT, type Table } from '@gatehouse/shared/list/rows.ts'
import { CompactSign } from 'jose'
import { describe, expect, test } from 'vitest'
import { openJournal } from '../store/journal.ts'
import { openListStore } from '../store/list-store.ts'
import { sha256Hex } from '../store/sha256.ts'
import { listSchool as school, verifiedStep } from '../testing/lists.ts'
import { NOW_S, passRow, type TestListChange, testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { keepList, type ListKeeper, type Parts, type TakeFailure } from './list-keeper.ts'
import { trustIn } from './trust.ts'

const CARD = 'a'.repeat(24)
const IN_FORCE: TestListChange = { version: 5, cards: [[CARD, passRow().passId]] }
const NEXT: TestListChange = { ...IN_FORCE, version: 6, passes: [passRow({ status: 'revoked' })] }

async function gate() {
  const folder = await tempFolder()
  const journal = openJournal({ path: join(folder, 'journal.db'), gate: 'gate-north-1' })
  const store = openListStore(join(folder, 'list'))
  const keeper = keepList({
    store,
    tenant: school.tenant,
    scope: 'main',
    trust: trustIn(school.trust),
    journal,
    now: () => ({ epochS: NOW_S, confirmed: true }),
    damaged() {},
  })
  expect(await keeper.carry(await school.signList(IN_FORCE))).toMatchObject({ ok: true })
  return { keeper, store }
}

/** Everything as it was: the version, and the row that the next list would have revoked. */
async function stays(keeper: ListKeeper): Promise<void> {
  expect(keeper.facts()).toMatchObject({ version: 5, epoch: 1 })
  expect(await keeper.find('card', CARD)).toEqual({ ok: true, value: passRow() })
}

const next = await school.signParts(school.list(NEXT))
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const [header, payload, signature] = next.headJws.split('.') as [string, string, string]
const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as ListHead
const kid = `${school.tenant}/list/1`
const head = (change: Partial<Record<keyof ListHead, unknown>>, list = NEXT) =>
  school.signHead(list, change as Partial<ListHead>)
const plain = (text: string, typ = LIST_HEAD_TYP) =>
  new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'Ed25519', typ, kid }).sign(school.keys.list.privateKey)

describe('a hostile head is refused, and the list in force stays', () => {
  test.each<[string, () => string | Promise<string>, TakeFailure]>([
    ['nothing', () => '', 'malformed'],
    ['no JWS', () => 'hello', 'malformed'],
    ['a line feed behind it', () => `${next.headJws}\n`, 'malformed'],
    ['a fourth part', () => `${next.headJws}.AAAA`, 'malformed'],
    ['a header that is no JSON', () => `AAAA.${payload}.${signature}`, 'malformed'],
    [
      'algorithm none',
      () => `${b64({ alg: 'none', typ: LIST_HEAD_TYP, kid })}.${payload}.${signature}`,
      'wrong_algorithm',
    ],
    [
      'an HMAC with the public key',
      () => `${b64({ alg: 'HS256', typ: LIST_HEAD_TYP, kid })}.${payload}.${signature}`,
      'wrong_algorithm',
    ],
    [
      'EdDSA by its old name',
      () => `${b64({ alg: 'EdDSA', typ: LIST_HEAD_TYP, kid })}.${payload}.${signature}`,
      'wrong_algorithm',
    ],
    ['a delta’s type', () => school.seal(DELTA_TYP, 'list', said), 'wrong_type'],
    ['a type in other case', () => school.seal('GH-HEAD+1', 'list', said), 'wrong_type'],
    ['no type', () => school.seal(undefined as never, 'list', said), 'wrong_type'],
    [
      'an extension we do not know',
      () => school.seal(LIST_HEAD_TYP, 'list', said, { crit: ['x'], x: 1 }),
      'unknown_extension',
    ],
    ['no key', () => school.seal(LIST_HEAD_TYP, 'list', said, { kid: undefined }), 'unknown_key'],
    [
      'a key nobody told us',
      () => school.seal(LIST_HEAD_TYP, 'list', said, { kid: `${school.tenant}/list/2` }),
      'unknown_key',
    ],
    ['the key that signs passes', () => school.seal(LIST_HEAD_TYP, 'pass', said), 'unknown_key'],
    ['the key that signs acks', () => school.seal(LIST_HEAD_TYP, 'ack', said), 'unknown_key'],
    ['the key that signs policies', () => school.seal(LIST_HEAD_TYP, 'policy', said), 'unknown_key'],
    [
      'another key under our id',
      () => school.seal(LIST_HEAD_TYP, 'list', said, {}, generateKeyPairSync('ed25519').privateKey),
      'bad_signature',
    ],
    ['a school like ours', () => testSchool().signHead(NEXT), 'bad_signature'],
    [
      'one character changed',
      () => `${header}.${payload.slice(0, 40)}${payload[40] === 'A' ? 'B' : 'A'}${payload.slice(41)}.${signature}`,
      'bad_signature',
    ],
    ['the signature cut', () => next.headJws.slice(0, -4), 'bad_signature'],
    ['the payload cut', () => `${header}.${payload.slice(0, -8)}.${signature}`, 'bad_signature'],
    [
      'another head’s signature',
      async () => `${header}.${payload}.${(await head({ version: 7 })).split('.')[2]}`,
      'bad_signature',
    ],
    ['a payload that is no JSON', () => plain('{'), 'malformed'],
    ['an empty payload object', () => plain('{}'), 'malformed'],
    ['version 0', () => head({ version: 0 }), 'malformed'],
    ['a fractional version', () => head({ version: 6.5 }), 'malformed'],
    [
      'a version beyond all numbers',
      () => plain(JSON.stringify(said).replace('"version":6', '"version":1e308')),
      'malformed',
    ],
    ['a date of 1e308', () => plain(JSON.stringify(said).replace(/"expiresS":\d+/, '"expiresS":1e308')), 'malformed'],
    ['a negative date', () => head({ issuedAtS: -1 }), 'malformed'],
    ['epoch 0', () => head({ epoch: 0 }), 'malformed'],
    ['a root that is too short', () => head({ stateRoot: 'ab' }), 'malformed'],
    ['a root in capitals', () => head({ stateRoot: said.stateRoot.toUpperCase().replace(/\d/g, 'A') }), 'malformed'],
    ['no tables', () => head({ snapshot: { ...said.snapshot, files: {} } }), 'malformed'],
    ['a table that would be 4 GB', () => head({ snapshot: withFile('P', { bytes: 4_000_000_000 }) }), 'malformed'],
    ['a table cut into 2^32 buckets', () => head({ snapshot: withFile('P', { bucketBits: 32 }) }), 'malformed'],
    ['another school', () => head({ issuer: 'other-campus' }), 'other_tenant'],
    ['another scope', () => head({ scope: 'labs' }), 'other_scope'],
    ['the version before', () => head({}, { ...NEXT, version: 4 }), 'older_version'],
    ['the version in force, another root', () => head({}, { ...NEXT, version: 5 }), 'equivocation'],
    ['a newer version of an older date', () => head({ issuedAtS: NOW_S - 600 }), 'older_date'],
    ['a date three minutes ahead', () => head({ issuedAtS: NOW_S + 180, expiresS: NOW_S + 1_080 }), 'future_date'],
    ['a date in 2106', () => head({ issuedAtS: 0xffffffff, expiresS: 0xffffffff }), 'future_date'],
    ['its expiry just now', () => head({ expiresS: NOW_S }), 'expired_head'],
  ])('%s', async (_fault, jws, failure) => {
    const { keeper } = await gate()
    const read = await keeper.read(await jws())
    expect(read).toEqual({ ok: false, failure })
    await stays(keeper)
  })

  test('after an equivocation nothing more comes from the network, and a newer list by hand ends it', async () => {
    const { keeper } = await gate()
    await keeper.read(await head({}, { ...NEXT, version: 5 }))
    expect(await keeper.read(next.headJws)).toEqual({ ok: false, failure: 'frozen' })
    await stays(keeper)
    expect(await keeper.carry(await school.signList(NEXT))).toMatchObject({ ok: true, value: { version: 6 } })
    expect((await keeper.read(await head({}, { ...NEXT, version: 7 }))).ok).toBe(true)
  })
})

function withFile(table: Table, change: object): ListHead['snapshot'] {
  const { files } = said.snapshot
  return { ...said.snapshot, files: { ...files, [table]: { ...files[table], ...change } } }
}

/** A head that keeps its word about a file of anyone's making. */
async function promising(table: Table, file: Uint8Array, change: object = {}): Promise<{ jws: string; parts: Parts }> {
  const snapshot = withFile(table, { sha256: sha256Hex(file), compressedBytes: file.length, ...change })
  return {
    jws: await head({ snapshot }),
    parts: { policyJws: next.policyJws, deltas: [], files: { ...next.files, [table]: file } },
  }
}

const P = zstdDecompressSync(next.files.P)
const rows = (...parts: readonly Uint8Array[]) => {
  const { bytes } = ROW_LAYOUT.P
  const body = Buffer.concat(parts)
  const file = Buffer.concat([P.subarray(0, 12), body])
  file.writeUInt32BE(Math.floor(body.length / bytes), 8)
  return file
}
const lying = (file: Uint8Array, change: object = {}) => {
  const { bytes } = ROW_LAYOUT.P
  return promising('P', zstdCompressSync(file), {
    bytes: file.length,
    rows: Math.floor((file.length - 12) / bytes),
    ...change,
  })
}
const patched = (at: number, value: number) => {
  const file = Buffer.from(P)
  file[at] = value
  return file
}
const pass = encodePass(passRow())

describe('hostile tables under a signed head are refused, and the list in force stays', () => {
  test.each<[string, () => Promise<{ jws: string; parts: Parts }>, TakeFailure]>([
    [
      'another file than was promised',
      async () => ({
        jws: next.headJws,
        parts: { policyJws: next.policyJws, deltas: [], files: { ...next.files, P: next.files.C } },
      }),
      'wrong_file',
    ],
    [
      'a file cut short',
      async () => ({
        jws: next.headJws,
        parts: { policyJws: next.policyJws, deltas: [], files: { ...next.files, P: next.files.P.subarray(0, -1) } },
      }),
      'wrong_file',
    ],
    [
      'a file with a byte more',
      async () => ({
        jws: next.headJws,
        parts: {
          policyJws: next.policyJws,
          deltas: [],
          files: { ...next.files, P: Buffer.concat([next.files.P, Buffer.alloc(1)]) },
        },
      }),
      'wrong_file',
    ],
    ['the right rows under another hash', () => promising('P', next.files.P, { sha256: 'f'.repeat(64) }), 'wrong_file'],
    ['no zstd', () => promising('P', Buffer.from('hello, this is no zstd')), 'wrong_file'],
    ['zstd cut in the middle', () => promising('P', next.files.P.subarray(0, next.files.P.length >> 1)), 'wrong_file'],
    ['80 MB of zeros in a few bytes', () => promising('P', zstdCompressSync(Buffer.alloc(80_000_000))), 'wrong_file'],
    ['less than was promised', () => lying(P, { bytes: P.length + 26 }), 'wrong_file'],
    ['more rows in the head than in the file', () => lying(P, { rows: 2 }), 'wrong_file'],
    ['other buckets in the head than in the file', () => lying(P, { bucketBits: 3 }), 'wrong_file'],
    ['another magic', () => lying(patched(3, 0x32)), 'malformed'],
    ['another table’s letter', () => lying(patched(4, 0x43)), 'malformed'],
    ['2^21 buckets', () => lying(patched(5, 21)), 'malformed'],
    ['another row size', () => lying(patched(7, 25)), 'malformed'],
    [
      'a count of 2^32 - 1',
      () => lying(Buffer.concat([P.subarray(0, 8), Buffer.alloc(4, 255), P.subarray(12)])),
      'malformed',
    ],
    ['half a row', () => lying(P.subarray(0, -13)), 'malformed'],
    ['a pass twice', () => lying(rows(pass, pass)), 'malformed'],
    ['passes out of order', () => lying(rows(pass, encodePass(passRow({ passId: '0'.repeat(16) })))), 'malformed'],
    ['a status nobody has', () => lying(patched(12 + 20, 9)), 'malformed'],
    ['status 0', () => lying(patched(12 + 20, 0)), 'malformed'],
    ['a class nobody has', () => lying(patched(12 + 21, 6)), 'malformed'],
    ['a flag nobody knows', () => lying(patched(12 + 23, 128)), 'malformed'],
    [
      'no groups',
      () => lying(Buffer.concat([P.subarray(0, 12 + 16), Buffer.alloc(4), P.subarray(12 + 20)])),
      'malformed',
    ],
    [
      'an end before the beginning',
      () => lying(Buffer.concat([P.subarray(0, 12 + 12), Buffer.alloc(4), P.subarray(12 + 16)])),
      'malformed',
    ],
    ['rows that were not signed', () => lying(rows(pass)), 'wrong_root'],
    ['a row more', () => lying(rows(encodePass(passRow({ passId: '0'.repeat(16) })), P.subarray(12))), 'wrong_root'],
    ['no rows', () => lying(rows()), 'wrong_root'],
    [
      'another policy',
      async () => ({ jws: next.headJws, parts: { policyJws: 'x', deltas: [], files: next.files } }),
      'wrong_file',
    ],
    ['a policy by the list’s key', () => policy(school.seal(POLICY_TYP, 'list', school.policy())), 'unknown_key'],
    [
      'a policy of another scope',
      () => policy(school.seal(POLICY_TYP, 'policy', school.policy({ scope: 'labs' }))),
      'other_scope',
    ],
    [
      'a policy of another school',
      () => policy(school.seal(POLICY_TYP, 'policy', school.policy({ issuer: 'other-campus' }))),
      'other_tenant',
    ],
    ['a policy that is none', () => policy(school.seal(POLICY_TYP, 'policy', {})), 'malformed'],
    [
      'a snapshot behind its head, and no steps',
      async () => ({
        jws: await head({ snapshot: { ...said.snapshot, version: 4 } }),
        parts: { policyJws: next.policyJws, deltas: [], files: next.files },
      }),
      'gap',
    ],
  ])('%s', async (_fault, make, failure) => {
    const { keeper } = await gate()
    const { jws, parts } = await make()
    const wanted = await keeper.read(jws, true)
    if (!wanted.ok || wanted.value === null) throw new Error('the head should be followed')
    expect(await keeper.take(wanted.value, parts)).toEqual({ ok: false, failure })
    await stays(keeper)
  })
})

async function policy(sealed: Promise<string>) {
  const policyJws = await sealed
  return { jws: await head({ policyHash: sha256Hex(policyJws) }), parts: { policyJws, deltas: [], files: next.files } }
}

const upsert = (...cards: readonly string[]) =>
  toBase64url(Buffer.concat(cards.map(cardKey => encodeCard({ cardKey, passId: passRow().passId }))))

describe('hostile steps are refused, and the list in force stays', () => {
  test.each<[string, Partial<Delta>, TakeFailure]>([
    ['another school', { issuer: 'other-campus' }, 'other_tenant'],
    ['another scope', { scope: 'labs' }, 'other_scope'],
    ['another epoch', { epoch: 2 }, 'older_epoch'],
    ['two versions at once', { to: 7 }, 'malformed'],
    ['a step that was done', { from: 4, to: 5 }, 'older_version'],
    ['a step that is too far', { from: 6, to: 7 }, 'gap'],
    ['another delta before it', { previousDelta: 'f'.repeat(64) }, 'fork'],
    ['another root before it', { rootBefore: 'f'.repeat(64) }, 'fork'],
    ['another root after it', { rootAfter: 'f'.repeat(64) }, 'wrong_root'],
    ['nothing done, and another root', { ops: {} }, 'wrong_root'],
    ['half a row', { ops: { C: { upsert: upsert('b'.repeat(24)).slice(0, -8), delete: '' } } }, 'malformed_ops'],
    ['a row twice', { ops: { C: { upsert: upsert('b'.repeat(24), 'b'.repeat(24)), delete: '' } } }, 'malformed_ops'],
    [
      'rows out of order',
      { ops: { C: { upsert: upsert('c'.repeat(24), 'b'.repeat(24)), delete: '' } } },
      'malformed_ops',
    ],
    [
      'a key taken out that is not there',
      { ops: { C: { upsert: '', delete: toBase64url(Buffer.alloc(12, 9)) } } },
      'malformed_ops',
    ],
    ['a row put in as it is', { ops: { C: { upsert: upsert(CARD), delete: '' } } }, 'malformed_ops'],
    [
      'a row put in and taken out',
      { ops: { C: { upsert: upsert(CARD), delete: toBase64url(Buffer.alloc(12, 0xaa)) } } },
      'malformed_ops',
    ],
    [
      'a row that means nothing',
      { ops: { P: { upsert: toBase64url(Buffer.alloc(26, 255)), delete: '' } } },
      'malformed_ops',
    ],
    ['bits behind the last byte', { ops: { C: { upsert: '', delete: `${'A'.repeat(17)}B` } } }, 'malformed_ops'],
    ['tables cut anew', { bucketBits: { P: 1, C: 0, K: 0, N: 0 } }, 'recut'],
  ])('%s', async (_fault, change, failure) => {
    const { keeper } = await gate()
    const { signed, delta } = await verifiedStep(IN_FORCE, NEXT, change).catch(async error => {
      // What its own reading refuses never becomes a step.
      expect((error as Error).message).toBe(failure)
      return { signed: null, delta: null }
    })
    if (signed !== null && delta !== null) {
      const wanted = await keeper.read(signed.headJws)
      if (!wanted.ok || wanted.value === null) throw new Error('the head should be followed')
      expect(wanted.value.steps).toEqual([6])
      expect(await keeper.take(wanted.value, { policyJws: null, deltas: [delta.jws], files: null })).toEqual({
        ok: false,
        failure,
      })
    }
    await stays(keeper)
  })

  test('a head that names another root than its step comes to: the step alone is not believed', async () => {
    const [{ keeper }, { delta }] = [await gate(), await verifiedStep(IN_FORCE, NEXT)]
    const wanted = await keeper.read(await head({ deltaHash: delta.hash, stateRoot: 'f'.repeat(64) }))
    if (!wanted.ok || wanted.value === null) throw new Error('the head should be followed')
    const parts = { policyJws: null, deltas: [delta.jws], files: null }
    expect(await keeper.take(wanted.value, parts)).toEqual({ ok: false, failure: 'wrong_root' })
    await stays(keeper)
  })

  test('the right step is taken, so the others were refused for their fault', async () => {
    const { keeper } = await gate()
    const { signed, delta } = await verifiedStep(IN_FORCE, NEXT)
    const wanted = await keeper.read(signed.headJws)
    if (!wanted.ok || wanted.value === null) throw new Error('the head should be followed')
    expect(wanted.value).toMatchObject({ policy: null, steps: [6], files: null })
    expect(await keeper.take(wanted.value, { policyJws: null, deltas: [delta.jws], files: null })).toMatchObject({
      ok: true,
    })
    expect(await keeper.find('card', CARD)).toMatchObject({ value: { status: 'revoked' } })
  })
})

test('a list by hand may be past its expiry when it is newer, and never when it is not', async () => {
  const { keeper } = await gate()
  const old = NOW_S - 30
  expect(await keeper.carry(await school.signList({ ...NEXT, issuedAtS: old, version: 4 }))).toEqual({
    ok: false,
    failure: 'older_version',
  })
  expect(await keeper.carry(await school.signList({ ...NEXT, issuedAtS: old }))).toMatchObject({
    ok: true,
    value: { issuedAtS: old },
  })
})

test('a list’s folder that was put back does not put back what is accepted', async () => {
  const folder = await tempFolder()
  const journal = openJournal({ path: join(folder, 'journal.db'), gate: 'gate-north-1' })
  const needs = { tenant: school.tenant, scope: 'main', trust: trustIn(school.trust), journal, damaged() {} }
  const now = () => ({ epochS: NOW_S, confirmed: true })
  await keepList({ ...needs, now, store: openListStore(join(folder, 'new')) }).carry(await school.signList(NEXT))
  const keeper = keepList({ ...needs, now, store: openListStore(join(folder, 'old')) })
  expect(await keeper.carry(await school.signList(IN_FORCE))).toEqual({ ok: false, failure: 'older_version' })
  expect((await keeper.read(next.headJws)).ok).toBe(true)
})
