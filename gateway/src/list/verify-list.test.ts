import { generateKeyPairSync } from 'node:crypto'
import { packPass, SNAPSHOT_TYP, type Snapshot } from '@gatehouse/shared/list/snapshot.ts'
import { CompactSign } from 'jose'
import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../store/sha256.ts'
import { passRow, testSchool } from '../testing/school.ts'
import { trustIn } from './trust.ts'
import { type InForce, verifyHead, verifyList } from './verify-list.ts'

const school = testSchool()
const expected = (inForce: InForce | null = null) => ({
  tenant: school.tenant,
  scope: 'main',
  trust: trustIn(school.trust),
  inForce,
})
const answer = async (jws: string, inForce: InForce | null = null) => {
  const list = await verifyList(jws, null, expected(inForce))
  return list.ok ? 'ok' : list.failure
}
const signed = (change: Partial<Snapshot>) => school.signList(school.snapshot(change))
const good = await school.signList(school.snapshot())
const [header, payload, signature] = good.split('.') as [string, string, string]
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a signed list', () => {
  test('of this school, newer than the one in force, is taken', async () => {
    const list = await verifyList(good, null, expected({ version: 0, sha256: '' }))
    expect(list.ok && list.value).toMatchObject({ version: 1, sha256: sha256Hex(good), jws: good })
  })

  test.each<[string, () => string | Promise<string>, string]>([
    ['nothing', () => '', 'malformed'],
    ['no JWS', () => 'hello', 'malformed'],
    ['a line feed after it', () => `${good}\n`, 'malformed'],
    ['a header that is no JSON', () => `AAAA.${payload}.${signature}`, 'malformed'],
    [
      'algorithm none',
      () => `${b64({ alg: 'none', typ: SNAPSHOT_TYP, kid: 'test-campus/list/1' })}.${payload}.${signature}`,
      'wrong_algorithm',
    ],
    [
      'an HMAC with the public key',
      () => `${b64({ alg: 'HS256', typ: SNAPSHOT_TYP, kid: 'test-campus/list/1' })}.${payload}.${signature}`,
      'wrong_algorithm',
    ],
    ['another type', () => school.seal('gh-head+1', 'list', school.snapshot()), 'wrong_type'],
    ['a type in other case', () => school.seal('GH-SNAPSHOT+1', 'list', school.snapshot()), 'wrong_type'],
    [
      'an extension we do not know',
      () => school.seal(SNAPSHOT_TYP, 'list', school.snapshot(), { crit: ['x'], x: 1 }),
      'unknown_extension',
    ],
    ['no key', () => school.seal(SNAPSHOT_TYP, 'list', school.snapshot(), { kid: undefined }), 'unknown_key'],
    [
      'a key nobody told us',
      () => school.seal(SNAPSHOT_TYP, 'list', school.snapshot(), { kid: 'test-campus/list/2' }),
      'unknown_key',
    ],
    ['the key that signs acks', () => school.seal(SNAPSHOT_TYP, 'ack', school.snapshot()), 'unknown_key'],
    [
      'another key under our id',
      () => school.seal(SNAPSHOT_TYP, 'list', school.snapshot(), {}, generateKeyPairSync('ed25519').privateKey),
      'bad_signature',
    ],
    [
      'one character of the payload changed',
      () => `${header}.${payload.slice(0, 40)}${payload[40] === 'A' ? 'B' : 'A'}${payload.slice(41)}.${signature}`,
      'bad_signature',
    ],
    ['the signature cut', () => good.slice(0, -4), 'bad_signature'],
    [
      'a payload that is no JSON',
      () =>
        new CompactSign(Buffer.from('{'))
          .setProtectedHeader({ alg: 'Ed25519', typ: SNAPSHOT_TYP, kid: 'test-campus/list/1' })
          .sign(school.keys.list.privateKey),
      'malformed',
    ],
    ['another school', () => signed({ issuer: 'other-campus' }), 'other_tenant'],
    ['another scope', () => signed({ scope: 'labs' }), 'other_scope'],
    ['version 0', () => signed({ version: 0 }), 'malformed'],
    ['a fractional version', () => signed({ version: 1.5 }), 'malformed'],
    ['a row too short', () => signed({ passes: [['92ac63853fc0633b', 0]] as never }), 'malformed'],
    ['a status nobody has', () => signed({ passes: [['92ac63853fc0633b', 0, 1, 1, 9, 0, 0, 0]] }), 'malformed'],
    [
      'a pass twice',
      () => signed({ passes: [packPass(passRow()), packPass(passRow({ status: 'revoked' }))] }),
      'malformed',
    ],
    [
      'a card twice',
      () =>
        signed({
          cards: [
            ['a'.repeat(24), passRow().passId],
            ['a'.repeat(24), 'b'.repeat(16)],
          ],
        }),
      'malformed',
    ],
    ['a card key in capitals', () => signed({ cards: [['A'.repeat(24), passRow().passId]] }), 'malformed'],
    ['no policy', () => signed({ policy: undefined as never }), 'malformed'],
  ])('with %s is refused', async (_fault, jws, failure) => {
    expect(await answer(await jws())).toBe(failure)
  })

  test('older than the one in force is a rollback', async () => {
    expect(await answer(good, { version: 2, sha256: 'a'.repeat(64) })).toBe('rollback')
  })

  test('of the version in force with another content is an equivocation', async () => {
    expect(await answer(good, { version: 1, sha256: 'a'.repeat(64) })).toBe('equivocation')
  })

  test('that is in force already is no fault', async () => {
    expect(await answer(good, { version: 1, sha256: sha256Hex(good) })).toBe('ok')
  })

  test('must be what its head promised, in hash, length and version', async () => {
    const promised = {
      snapshotSha256: sha256Hex(good),
      snapshotBytes: good.length,
      version: 1,
      policyHash: 'a'.repeat(64),
    }
    const failure = async (change: Partial<typeof promised>) => {
      const list = await verifyList(good, { ...promised, ...change }, expected())
      return list.ok ? 'ok' : list.failure
    }
    expect(await failure({})).toBe('ok')
    expect(await failure({ snapshotSha256: 'a'.repeat(64) })).toBe('wrong_hash')
    expect(await failure({ snapshotBytes: 5 })).toBe('wrong_length')
    expect(await failure({ version: 2 })).toBe('malformed')
  })
})

describe('a head', () => {
  const snapshot = school.snapshot({ version: 5 })

  test('of a newer list is followed', async () => {
    const head = await verifyHead(
      await school.signHead(snapshot, good),
      expected({ version: 4, sha256: 'a'.repeat(64) }),
    )
    expect(head.ok && head.value.version).toBe(5)
  })

  test('signed by nobody we know is refused', async () => {
    const stranger = testSchool()
    expect(await verifyHead(await stranger.signHead(snapshot, good), expected())).toEqual({
      ok: false,
      failure: 'bad_signature',
    })
  })

  test('of an older list is a rollback', async () => {
    const head = await verifyHead(
      await school.signHead(snapshot, good),
      expected({ version: 6, sha256: 'a'.repeat(64) }),
    )
    expect(head).toEqual({ ok: false, failure: 'rollback' })
  })
})
