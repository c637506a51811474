import { generateKeyPairSync } from 'node:crypto'
import { ENROL_TYP, Enrolment } from '@gatehouse/shared/wire/gate-config.ts'
import { CompactSign } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { openPublisher } from '../lists/publisher.ts'
import { sha256Hex } from '../lists/snapshot.repo.ts'
import { totpSecretOf } from '../schools/schools.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'

onBothEngines('enrolment', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'facilities')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let gates = 0
  const newGate = async () => {
    const made = await cloud.call('POST', '/api/v1/gates', {
      token,
      body: {
        name: 'Gate',
        shortName: `gate-${++gates}`,
        accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [0] }],
      },
    })
    return made.body.data.gateId as string
  }
  const newCode = async (gateId: string) =>
    (await cloud.call('POST', `/api/v1/gates/${gateId}/enrolment-codes`, { token })).body.data.code as string

  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { kty, crv, x } = publicKey.export({ format: 'jwk' })
  const jwk = { kty, crv, x }
  const prove = (code: string, typ = ENROL_TYP, key = privateKey) =>
    new CompactSign(Buffer.from(JSON.stringify({ code }))).setProtectedHeader({ alg: 'Ed25519', typ }).sign(key)
  let addresses = 0
  const enrol = async (code: string, changed: object = {}) =>
    cloud.call('POST', '/device/v1/enrol', {
      body: { code, publicKey: jwk, proof: await prove(code), ...changed },
      headers: { 'x-forwarded-for': `198.51.100.${++addresses}` },
    })
  const secretOf = (said: Awaited<ReturnType<typeof enrol>>) => Enrolment.parse(said.body.data).cloud!.mqtt.password
  const list = (path: string, gateId: string, secret: string, headers: Record<string, string> = {}) =>
    cloud.call('GET', `/device/v1/lists/${path}`, {
      headers: { authorization: `Basic ${Buffer.from(`${gateId}:${secret}`).toString('base64')}`, ...headers },
    })

  test('a code makes a machine the gate, once', async () => {
    const gateId = await newGate()
    const code = await newCode(gateId)
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
    const said = await enrol(code)
    expect(said.status).toBe(200)
    const enrolment = Enrolment.parse(said.body.data)
    expect(enrolment).toMatchObject({
      gateId,
      tenant: school.tenant,
      scope: 'main',
      timeZone: 'Europe/Amsterdam',
      cloud: { http: 'http://localhost:8080', mqtt: { host: 'localhost', port: 8883, ca: 'the authority' } },
    })
    expect(enrolment.trust.map(({ use }) => use).toSorted()).toEqual(['ack', 'command', 'list', 'pass', 'policy'])
    const again = await enrol(code)
    expect([again.status, again.body.error.message]).toEqual([
      403,
      'This code was used already. Make a new code on the gates page.',
    ])
  })

  test('gates of a site are told one secret for rotating barcodes, which no table shows', async () => {
    const told = await Promise.all(
      [await newGate(), await newGate()].map(async gateId =>
        Enrolment.parse((await enrol(await newCode(gateId))).body.data),
      ),
    )
    const [first, second] = told.map(({ totpSecret }) => totpSecret!)
    expect(Buffer.from(first!, 'base64url')).toHaveLength(32)
    expect(second).toBe(first)
    const site = { ...school, scope: 'main' }
    const ours = await inSchool(database.db, school.schoolId, tx => totpSecretOf(tx, cloud.vault, site))
    expect(ours.toString('base64url')).toBe(first)
    const rows = await inSchool(database.db, school.schoolId, tx => tx.selectFrom('scopes').selectAll().execute())
    expect(JSON.stringify(rows)).not.toContain(first)

    const other = await enterTestSchool(database, cloud.vault)
    const theirs = await inSchool(database.db, other.schoolId, tx =>
      totpSecretOf(tx, cloud.vault, { ...other, scope: 'main' }),
    )
    expect(theirs).not.toEqual(ours)
  })

  test('no answer and no table has the secret but the one that was given', async () => {
    const gateId = await newGate()
    const secret = secretOf(await enrol(await newCode(gateId)))
    const rows = await inSchool(database.db, school.schoolId, tx => tx.selectFrom('gates').selectAll().execute())
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect((await cloud.call('GET', `/api/v1/gates/${gateId}`, { token })).body.data.enrolled).toBe(true)
  })

  test('a code is read in any case, with spaces, and with letters that look like digits', async () => {
    const code = await newCode(await newGate())
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
    expect((await enrol(typed)).status).toBe(200)
  })

  test('the fifth wrong guess ends a code, even for who knows it', async () => {
    const code = await newCode(await newGate())
    const wrong = code.slice(0, -1) + (code.endsWith('7') ? '8' : '7')
    const said = []
    for (let guess = 0; guess < 5; guess++) said.push((await enrol(wrong)).body.error.code)
    expect(said).toEqual(['wrong_code', 'wrong_code', 'wrong_code', 'wrong_code', 'code_ended'])
    expect((await enrol(code)).body.error.code).toBe('code_ended')
  })

  test('after a quarter of an hour a code is refused', async () => {
    const code = await newCode(await newGate())
    cloud.clock.nowMs += 15 * 60_000
    expect((await enrol(code)).body.error.code).toBe('code_expired')
    cloud.clock.nowMs = Date.now()
  })

  test('a new code ends the one before it', async () => {
    const gateId = await newGate()
    const first = await newCode(gateId)
    const second = await newCode(gateId)
    expect((await enrol(first)).status).toBe(403)
    expect((await enrol(second)).status).toBe(200)
  })

  test('a proof by another key, of another kind or for another code is refused, and takes no try', async () => {
    const code = await newCode(await newGate())
    const other = generateKeyPairSync('ed25519').privateKey
    for (const proof of [
      await prove(code, ENROL_TYP, other),
      await prove(code, 'at+jwt'),
      await prove('0000-0000-0000'),
      'x',
    ]) {
      expect((await enrol(code, { proof })).body.error.code).toBe('bad_proof')
    }
    expect((await enrol(code)).status).toBe(200)
  })

  test('an unknown code and a malformed request are refused in one sentence', async () => {
    expect((await enrol('0000-0000-0000')).body.error.code).toBe('wrong_code')
    expect((await enrol('UUUU-UUUU-UUUU')).body.error.code).toBe('wrong_code')
    expect((await cloud.call('POST', '/device/v1/enrol', { body: { code: 1 } })).status).toBe(422)
  })

  test('of two who use a code at once one becomes the gate', async () => {
    const code = await newCode(await newGate())
    const both = await Promise.all([enrol(code), enrol(code)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 403])
  })

  test('enrolling again is another machine: the old secret is dead', async () => {
    const gateId = await newGate()
    const old = secretOf(await enrol(await newCode(gateId)))
    const fresh = secretOf(await enrol(await newCode(gateId)))
    const path = `main/files/${'0'.repeat(64)}`
    expect((await list(path, gateId, old)).status).toBe(401)
    expect((await list(path, gateId, fresh)).status).toBe(404)
  })

  test('a gate fetches its list by hash, and nobody else does', async () => {
    const gateId = await newGate()
    const secret = secretOf(await enrol(await newCode(gateId)))
    const heads: string[] = []
    const { db } = database
    await openPublisher({
      db,
      vault: cloud.vault,
      nowMs: Date.now,
      publishHead: async ({ headJws }) => void heads.push(headJws),
    }).all()
    const head = JSON.parse(Buffer.from(heads[0]!.split('.')[1]!, 'base64url').toString())
    const path = `main/files/${head.policyHash}`
    const said = await list(path, gateId, secret)
    expect(said.status).toBe(200)
    expect(sha256Hex(said.body)).toBe(head.policyHash)
    expect(said.headers.get('cache-control')).toContain('immutable')
    const rest = await list(path, gateId, secret, { range: 'bytes=100-' })
    expect([rest.status, rest.body]).toEqual([206, said.body.slice(100)])
    expect(rest.headers.get('content-range')).toBe(`bytes 100-${said.body.length - 1}/${said.body.length}`)
    expect((await list(path, gateId, secret, { range: `bytes=${said.body.length}-` })).status).toBe(416)
    expect(sha256Hex((await list(`main/deltas/${head.version}`, gateId, secret)).body)).toBe(head.deltaHash)
    expect((await list('main/deltas/999', gateId, secret)).status).toBe(404)
    expect((await list(path, gateId, secret, { 'if-none-match': said.headers.get('etag')! })).status).toBe(304)

    expect((await list(path, gateId, 'wrong')).status).toBe(401)
    expect((await cloud.call('GET', `/device/v1/lists/${path}`)).headers.get('www-authenticate')).toContain('Basic')
    expect((await list(`other/files/${head.policyHash}`, gateId, secret)).status).toBe(403)
    const stranger = await enterTestSchool(database, cloud.vault)
    const theirs = await cloud.call('POST', '/api/v1/gates', {
      token: await cloud.signIn(stranger, 'facilities'),
      body: { name: 'G', shortName: 'g', accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [0] }] },
    })
    const theirCode = await cloud.call('POST', `/api/v1/gates/${theirs.body.data.gateId}/enrolment-codes`, {
      token: await cloud.signIn(stranger, 'facilities'),
    })
    const theirSecret = secretOf(await enrol(theirCode.body.data.code))
    expect((await list(path, theirs.body.data.gateId, theirSecret)).status).toBe(404)
  })

  test('two gates never have the same short name', async () => {
    const body = {
      name: 'G',
      shortName: 'twin',
      accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [0] }],
    }
    expect((await cloud.call('POST', '/api/v1/gates', { token, body })).status).toBe(201)
    expect((await cloud.call('POST', '/api/v1/gates', { token, body })).body.error.code).toBe('short_name_taken')
  })
})
