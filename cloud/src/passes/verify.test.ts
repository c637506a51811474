import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import { POLICY_TYP } from '@gatehouse/shared/list/documents.ts'
import { encodeBody, PASS_TYPES } from '@gatehouse/shared/pass/body.ts'
import { proofSigningInput } from '@gatehouse/shared/pass/proof.ts'
import { dynamicDigits, referenceDigits, totpDigits } from '@gatehouse/shared/pass/write-pass.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import { BINDING_TYP } from '@gatehouse/shared/wire/api/my.ts'
import { CompactSign } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { signerOf } from '../keys/school-keys.ts'
import { totpSecretOf } from '../schools/schools.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { enterGroups } from './groups.repo.ts'
import { forgetChecks } from './pass-checks.repo.ts'
import { findPass } from './passes.repo.ts'
import { certificateOf } from './static-code.ts'

const DAY_MS = 86_400_000

onBothEngines('asking about a code', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let other: TestSchool
  let admin: string
  let guard: string
  let staff: string
  let student: string
  let studentId: string
  let gates: Record<'north' | 'labs', string>

  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    other = await enterTestSchool(database, cloud.vault)
    admin = await cloud.signIn(school, 'school_admin')
    guard = await cloud.signIn(school, 'security')
    staff = await cloud.signIn(school, 'staff')
    student = await cloud.signIn(school, 'student')
    const groups = new Map([
      [0, 'Campus'],
      [4, 'Labs'],
    ])
    for (const { schoolId } of [school, other]) {
      await inSchool(database.db, schoolId, tx => enterGroups(tx, schoolId, groups))
    }
    studentId = (await as(admin, 'POST', '/students', { studentNumber: 'S-1', firstName: 'Ada', lastName: 'Lovelace' }))
      .body.data.id
    await inSchool(database.db, school.schoolId, async tx => {
      const email = school.users.get('student')!
      const { id } = await tx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirstOrThrow()
      await tx.updateTable('students').set({ user_id: id }).where('id', '=', studentId).execute()
    })
    const facilities = await cloud.signIn(school, 'facilities')
    const made = async (name: string, shortName: string, group: number): Promise<string> =>
      (
        await as(facilities, 'POST', '/gates', {
          name,
          shortName,
          accessPoints: [
            { lane: 'in', name: 'In', direction: 'in', groups: [group] },
            { lane: 'out', name: 'Out', direction: 'out', groups: [group] },
          ],
        })
      ).body.data.gateId
    gates = { north: await made('North gate', 'north', 0), labs: await made('Laboratories', 'labs', 4) }
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const as = (token: string, method: string, path: string, body?: object) =>
    cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })
  const nowS = () => Math.floor(cloud.clock.nowMs / 1000)
  const ask = async (token: string, digits: string, where: object = {}) =>
    (await as(token, 'POST', '/passes/verify', { digits, ...where })).body.data
  const issue = async (): Promise<string> =>
    (
      await as(admin, 'POST', '/passes', {
        studentId,
        notBefore: '2026-01-01T00:00:00Z',
        expires: '2036-01-01T00:00:00Z',
        groups: [0],
      })
    ).body.data.passId
  const printed = async (passId: string): Promise<string> =>
    (await as(admin, 'GET', `/passes/${passId}/code`)).body.data.digits
  const inOurs: <Value>(work: Parameters<typeof inSchool<Value>>[2]) => Promise<Value> = work =>
    inSchool(database.db, school.schoolId, work)

  /** A phone that is bound to the pass: what it shows at a time, by default now. */
  async function phone(passId: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string }
    const proof = await new CompactSign(Buffer.from(JSON.stringify({ passId, publicKey: { x, y }, iat: nowS() })))
      .setProtectedHeader({ alg: 'ES256', typ: BINDING_TYP })
      .sign(createPrivateKey({ key: privateKey.export({ format: 'jwk' }), format: 'jwk' }))
    const jwk = { kty: 'EC', crv: 'P-256', x, y }
    const said = await as(student, 'POST', `/my/passes/${passId}/device`, { publicKey: jwk, proof })
    const bytes = fromHex(said.body.data.device.certificate)!
    const signed = { certificate: bytes.subarray(0, 63), issuerSignature: bytes.subarray(63) }
    return {
      short: (tS = nowS()) => referenceDigits(passId, { tS, deviceSignature: signed13(privateKey, passId, tS) }),
      long: (tS = nowS()) => dynamicDigits(signed, { tS, deviceSignature: signed13(privateKey, passId, tS) }),
    }
  }
  const signed13 = (key: KeyObject, passId: string, tS: number) =>
    new Uint8Array(sign('sha256', proofSigningInput(fromHex(passId)!, tS), { key, dsaEncoding: 'ieee-p1363' }))

  /** What a gate reports of a moving code that it opened for. */
  const granted = (passId: string, timeS: number) =>
    inOurs(tx =>
      tx
        .insertInto('access_events')
        .values({
          school_id: school.schoolId,
          gate_id: gates.north,
          sequence: timeS,
          event_time: new Date(cloud.clock.nowMs),
          kind: 'granted',
          lane: 'in',
          pass_id: passId,
          student_id: studentId,
          technology: 'ghp1',
          proof: 'proven',
          ground: 'list',
          refusal: null,
          objection: null,
          list_version: 1,
          previous_hash: '0'.repeat(64),
          hash: 'f'.repeat(64),
          record: JSON.stringify({ credential: { code: { type: 'reference', timeS } } }),
        })
        .execute(),
    )

  /** A list that says so, as the publisher would make it. */
  const publish = (policy: object) =>
    inOurs(async tx => {
      const signer = await signerOf(tx, cloud.vault, school, 'policy')
      await tx
        .insertInto('list_versions')
        .values({
          school_id: school.schoolId,
          scope: 'main',
          version: ++version,
          issued_at: new Date(cloud.clock.nowMs),
          head: '{}',
          policy_jws: await signer.jws(POLICY_TYP, JSON.stringify(policy)),
          delta_hash: 'f'.repeat(64),
          delta_jws: '',
        })
        .execute()
    })
  let version = 0

  test('a printed code, and a phone’s short and long one, open and name their holder', async () => {
    const passId = await issue()
    const shown = await phone(passId)
    for (const digits of [await printed(passId), shown.short(), shown.long()]) {
      expect(await ask(guard, digits)).toMatchObject({
        open: true,
        passId,
        holderName: 'Ada Lovelace',
        class: 'student',
        refusal: null,
        opensAt: [{ gateId: gates.north, gateName: 'North gate', lane: 'in', laneName: 'In' }],
      })
    }
  })

  test('the gate decides: the right one, the wrong one with the way to the right one, and a lane of it', async () => {
    const digits = await printed(await issue())
    expect(await ask(guard, digits, { gateId: gates.north })).toMatchObject({ open: true, opensAt: [] })
    expect(await ask(guard, digits, { gateId: gates.labs })).toMatchObject({
      open: false,
      refusal: 'wrong_gate',
      holderName: 'Ada Lovelace',
      opensAt: [{ gateName: 'North gate', laneName: 'In' }],
    })
    expect(await ask(guard, digits, { gateId: gates.labs, lane: 'in' })).toMatchObject({ refusal: 'wrong_gate' })
    // Nobody is kept in.
    expect(await ask(guard, digits, { gateId: gates.labs, lane: 'out' })).toMatchObject({ open: true })
    const nowhere = await as(guard, 'POST', '/passes/verify', { digits, gateId: gates.labs, lane: 'roof' })
    expect([nowhere.status, nowhere.body.error.message]).toEqual([404, 'That gate has no lane of that name.'])
    expect((await as(guard, 'POST', '/passes/verify', { digits, lane: 'in' })).status).toBe(422)
  })

  test('refused are the revoked, the replaced phone, the old and the early, and what is no pass of ours', async () => {
    const revoked = await issue()
    const code = await printed(revoked)
    await as(admin, 'POST', `/passes/${revoked}/revocation`, { note: 'lost on the bus' })
    expect(await ask(guard, code)).toMatchObject({ refusal: 'revoked', holderName: 'Ada Lovelace', opensAt: [] })

    const passId = await issue()
    const before = await phone(passId)
    const after = await phone(passId)
    expect((await ask(guard, before.long())).refusal).toBe('superseded')
    expect(await ask(guard, before.short())).toMatchObject({ refusal: 'bad_proof', holderName: null, class: null })
    expect((await ask(guard, after.short(nowS() - 46))).refusal).toBe('stale_proof')
    expect((await ask(guard, after.short(nowS() + 16))).refusal).toBe('future_proof')
    expect((await ask(guard, after.short(nowS() - 45))).open).toBe(true)

    for (const text of ['12345', 'https://example.org', '9'.repeat(512)]) {
      expect(await ask(guard, text)).toMatchObject({ refusal: 'malformed', passId: null, holderName: null })
    }
    expect((await as(guard, 'POST', '/passes/verify', { digits: '9'.repeat(513) })).status).toBe(422)
    const stranger = await cloud.signIn(other, 'security')
    expect(await ask(stranger, code)).toMatchObject({ refusal: 'bad_signature', holderName: null })
    expect((await ask(stranger, after.short())).refusal).toBe('unknown_pass')
  })

  test('a wallet’s rotating number is checked with the secret of its site', async () => {
    const passId = await issue()
    const shown = (code: string) =>
      inOurs(async tx => {
        const pass = (await findPass(tx, passId))!
        const signer = await signerOf(tx, cloud.vault, school, 'pass')
        const certificate = encodeBody({ ...certificateOf(pass), type: PASS_TYPES.totp, kid: signer.number })
        const issuerSignature = await signer.pass(certificate)
        return totpDigits({ certificate, issuerSignature }, { tS: nowS(), code })
      })
    const totpSecret = await inOurs(tx => totpSecretOf(tx, cloud.vault, { ...school, scope: 'main' }))
    const code = nodePassKeys({ issuerKey: () => null, totpSecret }).totpCode(passId, nowS())!
    const other = code === '12345678' ? '87654321' : '12345678'
    expect((await ask(guard, await shown(other))).refusal).toBe('bad_proof')
    expect(await ask(guard, await shown(code))).toMatchObject({ open: true, refusal: null, passId })
  })

  test('a moving code opens for one person: another is told so, the same one the same again', async () => {
    const passId = await issue()
    const shown = await phone(passId)
    const digits = shown.short()
    expect((await ask(guard, digits)).open).toBe(true)
    cloud.clock.nowMs += 40_000
    expect((await ask(guard, digits)).open).toBe(true)
    expect((await ask(staff, digits)).refusal).toBe('replayed')
    // The long form of the same moment is the same code; the next one is not.
    expect((await ask(staff, shown.long(nowS() - 40))).refusal).toBe('replayed')
    expect((await ask(staff, shown.short())).open).toBe(true)
  })

  test('what was refused for somebody used nothing up', async () => {
    const shown = await phone(await issue())
    const digits = shown.short()
    expect((await ask(staff, digits, { gateId: gates.labs })).refusal).toBe('wrong_gate')
    expect((await ask(guard, digits)).open).toBe(true)
  })

  test('what opened a gate is used up for whoever asks; a later code is not', async () => {
    const passId = await issue()
    const shown = await phone(passId)
    await granted(passId, nowS())
    expect((await ask(guard, shown.short())).refusal).toBe('replayed')
    expect((await ask(guard, shown.short(nowS() + 1))).open).toBe(true)
  })

  test('of three who ask about one code at once, one is told open', async () => {
    const phones = await Promise.all(Array.from({ length: 8 }, async () => phone(await issue())))
    const codes = phones.map(shown => shown.short())
    const answers = await Promise.all(
      codes.map(digits => Promise.all([guard, staff, admin].map(token => ask(token, digits)))),
    )
    for (const three of answers) {
      expect(three.map(({ refusal }) => refusal ?? 'open').toSorted()).toEqual(['open', 'replayed', 'replayed'])
    }
  })

  test('the policy of the newest list is asked: no printed codes, hours by the school’s wall', async () => {
    const passId = await issue()
    const digits = await printed(passId)
    await inOurs(tx => tx.updateTable('passes').set({ profile: 7 }).where('pass_id', '=', passId).execute())
    const wall = Temporal.Instant.fromEpochMilliseconds(cloud.clock.nowMs).toZonedDateTimeISO('Europe/Amsterdam')
    const { hour, dayOfWeek } = wall
    const policy = (day: number, staticPasses: string) => ({
      issuer: school.tenant,
      scope: 'main',
      version: 1,
      issuedAtS: nowS(),
      profiles: { 7: { name: 'Now', windows: [{ day, fromMinute: hour * 60, untilMinute: hour * 60 + 60 }] } },
      groupSets: {},
      newerThanList: 'open',
      staticPasses,
      lease: {
        freshS: 900,
        staleS: 86_400,
        oldS: 259_200,
        guardPresent: false,
        whenOld: 'listed',
        lastResort: 'staff',
      },
      gates: {},
    })
    await publish(policy(dayOfWeek, 'open'))
    expect((await ask(guard, digits)).open).toBe(true)
    await publish(policy((dayOfWeek % 7) + 1, 'open'))
    expect((await ask(guard, digits)).refusal).toBe('outside_hours')
    await publish(policy(dayOfWeek, 'refuse'))
    expect((await ask(guard, digits)).refusal).toBe('dynamic_required')
    await inOurs(tx => tx.deleteFrom('list_versions').execute())
  })

  test('each question is a row: who, where, what was claimed, whether it was proven, what was said', async () => {
    const passId = await issue()
    const digits = await printed(passId)
    await ask(guard, digits, { gateId: gates.north, lane: 'in' })
    await ask(staff, forged(digits))
    await ask(guard, digits, { gateId: '00000000-0000-7000-8000-000000000000' })
    const said = await as(guard, 'GET', `/pass-checks?passId=${passId}`)
    expect(said.body.data).toMatchObject([
      { who: { name: 'staff' }, gate: null, lane: null, passId, proven: false, open: false, refusal: 'bad_signature' },
      { who: { name: 'security' }, gate: { name: 'North gate' }, lane: 'in', passId, proven: true, open: true },
    ])
    expect(said.body.data[1].at).toBe(new Date(cloud.clock.nowMs).toISOString())
    const first = await as(guard, 'GET', '/pass-checks?limit=1')
    const second = await as(guard, 'GET', `/pass-checks?limit=1&cursor=${first.body.metadata.nextCursor}`)
    expect(second.body.data).toHaveLength(1)
    expect(second.body.data[0].id).not.toBe(first.body.data[0].id)
    expect((await as(guard, 'GET', '/pass-checks?cursor=mine')).status).toBe(422)
    const theirs = await cloud.signIn(other, 'school_admin')
    expect((await as(theirs, 'GET', `/pass-checks?passId=${passId}`)).body.data).toEqual([])
  })

  test('a student may neither ask nor see who asked', async () => {
    const digits = await printed(await issue())
    expect((await as(student, 'POST', '/passes/verify', { digits })).status).toBe(403)
    expect((await as(student, 'GET', '/pass-checks')).status).toBe(403)
  })

  test('61 questions in a minute are one too many, for that account alone', async () => {
    const fast = await cloud.signIn(other, 'staff')
    const calls = await Promise.all(
      Array.from({ length: 61 }, () => as(fast, 'POST', '/passes/verify', { digits: '12345' })),
    )
    const last = calls.filter(({ status }) => status === 429)
    expect(last.map(({ body }) => body.error.code)).toEqual(['rate_limited'])
    expect(last[0]!.headers.get('ratelimit-limit')).toBe('60')
    expect(Number(last[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await as(await cloud.signIn(other, 'staff'), 'POST', '/passes/verify', { digits: '1' })).status).toBe(429)
    const calm = await cloud.signIn(other, 'security')
    expect((await as(calm, 'POST', '/passes/verify', { digits: '12345' })).status).toBe(200)
    const rows = await inSchool(database.db, other.schoolId, tx =>
      tx.selectFrom('pass_checks').select('id').where('refusal', '=', 'malformed').execute(),
    )
    expect(rows).toHaveLength(61)
  })

  test('guards see the checks of 30 days, the office those of 90, and then they are gone', async () => {
    const passId = await issue()
    await ask(guard, await printed(passId))
    const askedMs = cloud.clock.nowMs
    const seen = async (role: 'security' | 'school_admin') =>
      (await as(await cloud.signIn(school, role), 'GET', `/pass-checks?passId=${passId}`)).body.data.length
    cloud.clock.nowMs = askedMs + 30 * DAY_MS
    expect([await seen('security'), await seen('school_admin')]).toEqual([1, 1])
    cloud.clock.nowMs += 1
    expect([await seen('security'), await seen('school_admin')]).toEqual([0, 1])
    await inOurs(tx => forgetChecks(tx, { nowMs: askedMs + 90 * DAY_MS }))
    expect(await seen('school_admin')).toBe(1)
    await inOurs(tx => forgetChecks(tx, { nowMs: askedMs + 90 * DAY_MS + 1 }))
    expect(await seen('school_admin')).toBe(0)
  })
})

/** The same code with another last digit. */
function forged(digits: string): string {
  return digits.slice(0, -1) + String((Number(digits.at(-1)) + 1) % 10)
}
