import { createPublicKey, verify } from 'node:crypto'
import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { readPass } from '@gatehouse/shared/pass/read-pass.ts'
import { dynamicDigits } from '@gatehouse/shared/pass/write-pass.ts'
import { BINDING_TYP } from '@gatehouse/shared/wire/api/my.ts'
import { CompactSign, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { publicKeys } from '../testing/public-keys.ts'
import { enterGroups } from './groups.repo.ts'

type Bound = { iat?: number; typ?: string; passId?: string; signedBy?: 'another phone' }

async function phone() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { x, y } = (await exportJWK(publicKey)) as { x: string; y: string }
  const jwk = { kty: 'EC', crv: 'P-256', x, y }
  return {
    jwk,
    proof: (passId: string, iat: number, typ = BINDING_TYP) =>
      new CompactSign(Buffer.from(JSON.stringify({ passId, publicKey: { x, y }, iat })))
        .setProtectedHeader({ alg: 'ES256', typ })
        .sign(privateKey),
  }
}

onBothEngines('binding a phone', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let admin: string
  let student: string
  let ownId: string
  let strangerId: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    admin = await cloud.signIn(school, 'school_admin')
    student = await cloud.signIn(school, 'student')
    await inSchool(database.db, school.schoolId, tx => enterGroups(tx, school.schoolId, new Map([[0, 'North']])))
    const made = async (studentNumber: string) =>
      (await as(admin, 'POST', '/students', { studentNumber, firstName: 'Ada', lastName: 'Lovelace' })).body.data.id
    ownId = await made('S-1')
    strangerId = await made('S-2')
    await inSchool(database.db, school.schoolId, async tx => {
      const { id } = await tx
        .selectFrom('users')
        .select('id')
        .where('email', '=', school.users.get('student')!)
        .executeTakeFirstOrThrow()
      await tx.updateTable('students').set({ user_id: id }).where('id', '=', ownId).execute()
    })
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const as = (token: string, method: string, path: string, body?: object) =>
    cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })
  const passOf = async (studentId: string): Promise<string> =>
    (
      await as(admin, 'POST', '/passes', {
        studentId,
        notBefore: '2026-01-01T00:00:00Z',
        expires: '2036-01-01T00:00:00Z',
        groups: [0],
      })
    ).body.data.passId
  const nowS = () => Math.floor(cloud.clock.nowMs / 1000)
  const bind = async (passId: string, one: Awaited<ReturnType<typeof phone>>, changed: Bound = {}) => {
    const signing = changed.signedBy === undefined ? one : await phone()
    const proof = await signing.proof(changed.passId ?? passId, changed.iat ?? nowS(), changed.typ)
    return as(student, 'POST', `/my/passes/${passId}/device`, { publicKey: one.jwk, proof })
  }
  const rowOf = (passId: string) =>
    inSchool(database.db, school.schoolId, tx =>
      tx
        .selectFrom('passes')
        .select(['generation', 'min_generation'])
        .where('pass_id', '=', passId)
        .executeTakeFirstOrThrow(),
    )

  test('answers a certificate that the school signed over the phone’s own key', async () => {
    const passId = await passOf(ownId)
    const said = await bind(passId, await phone())
    expect(said.status).toBe(201)
    const { point, certificate } = said.body.data.device
    const digits = dynamicDigits(
      { certificate: fromHex(certificate)!.subarray(0, 63), issuerSignature: fromHex(certificate)!.subarray(63) },
      { tS: nowS(), deviceSignature: new Uint8Array(64) },
    )
    const read = readPass(digits, school.tenant)
    if (!read.ok || read.value.type !== 'dynamic') throw new Error('not a dynamic pass')
    expect(toHex(read.value.devicePoint)).toBe(point)
    expect(read.value.certificate.body).toMatchObject({ passId, generation: 0, flags: { printed: false } })
    const keys = await inSchool(database.db, school.schoolId, tx => publicKeys(tx, school.schoolId))
    const { jwk } = keys.find(({ use }) => use === 'pass')!
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    expect(verify(null, read.value.certificate.signingInput, key, read.value.certificate.signature)).toBe(true)
  })

  test('another phone raises both generations; the same one again changes nothing', async () => {
    const passId = await passOf(ownId)
    const [first, second] = [await phone(), await phone()]
    const before = (await bind(passId, first)).body.data.device.point
    expect(await rowOf(passId)).toEqual({ generation: 0, min_generation: 0 })
    const after = (await bind(passId, second)).body.data.device
    expect(after.point).not.toBe(before)
    expect(await rowOf(passId)).toEqual({ generation: 1, min_generation: 1 })
    expect((await bind(passId, second)).body.data.device).toEqual(after)
    expect(await rowOf(passId)).toEqual({ generation: 1, min_generation: 1 })
    const [shown] = (await as(student, 'GET', '/my/passes')).body.data
    expect(shown.device).toEqual(after)
  })

  test('two phones at once take turns: one of them is the bound one, and the other’s generation is dead', async () => {
    const passId = await passOf(ownId)
    const both = await Promise.all([bind(passId, await phone()), bind(passId, await phone())])
    expect(both.map(({ status }) => status)).toEqual([201, 201])
    expect(await rowOf(passId)).toEqual({ generation: 1, min_generation: 1 })
  })

  test.each<[string, Bound, string]>([
    ['a proof by another key', { signedBy: 'another phone' }, 'bad_proof'],
    ['a proof for another pass', { passId: '00000000000000ff' }, 'bad_proof'],
    ['another kind of document', { typ: 'ghp1-proof' }, 'bad_proof'],
    ['a phone whose clock is six minutes slow', { iat: -360 }, 'clock_off'],
    ['a phone whose clock is six minutes fast', { iat: 360 }, 'clock_off'],
  ])('%s binds nothing', async (_what, changed, code) => {
    const passId = await passOf(ownId)
    const { iat } = changed
    const said = await bind(passId, await phone(), { ...changed, ...(iat !== undefined && { iat: nowS() + iat }) })
    expect([said.status, said.body.error.code]).toEqual([422, code])
    expect((await as(student, 'GET', '/my/passes')).body.data[0]).toMatchObject({ passId, device: null })
  })

  test('a point that is not on the curve is no key', async () => {
    const passId = await passOf(ownId)
    const one = await phone()
    const off = { ...one, jwk: { ...one.jwk, y: one.jwk.x } }
    expect((await bind(passId, off)).body.error.code).toBe('bad_proof')
  })

  test('a pass of somebody else is not there: not to see, not to bind, not to print', async () => {
    const theirs = await passOf(strangerId)
    const seen = (await as(student, 'GET', '/my/passes')).body.data
    expect(seen.map(({ passId }: { passId: string }) => passId)).not.toContain(theirs)
    expect((await bind(theirs, await phone())).status).toBe(404)
    expect((await as(student, 'GET', `/my/passes/${theirs}/code`)).status).toBe(404)
  })

  test('a revoked pass takes no phone and is not printed', async () => {
    const passId = await passOf(ownId)
    await as(admin, 'POST', `/passes/${passId}/revocation`, { note: 'left the school' })
    expect((await bind(passId, await phone())).body.error.code).toBe('already_revoked')
    expect((await as(student, 'GET', `/my/passes/${passId}/code`)).body.error.code).toBe('already_revoked')
  })

  test('the code to print is mine, as GHP1 STATIC', async () => {
    const passId = await passOf(ownId)
    const { digits } = (await as(student, 'GET', `/my/passes/${passId}/code`)).body.data
    const read = readPass(digits, school.tenant)
    expect(read.ok && read.value.type === 'static' && read.value.certificate.body.passId).toBe(passId)
  })
})
