import { createHash, createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import { decide } from '@gatehouse/shared/decision/decide.ts'
import { EMPTY_POLICY } from '@gatehouse/shared/list/policy.ts'
import { openPass, presentedAs } from '@gatehouse/shared/pass/check.ts'
import { decodeJwt, importSPKI, jwtVerify } from 'jose'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { totpSecretOf } from '../schools/schools.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'
import { publicKeys } from '../testing/public-keys.ts'
import type { AppleCredentials } from './apple-wallet.ts'
import { openWallets } from './open-wallets.ts'
import { appleAuthority } from './testing/apple-authority.ts'
import { wrongSignature } from './testing/check-signature.ts'
import { unzip } from './testing/unzip.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-wallets-'))
const account = generateKeyPairSync('rsa', { modulusLength: 2048 })
let credentials: AppleCredentials
let database: Database
let cloud: TestCloud
let bare: TestCloud
let school: TestSchool
let token: string
beforeAll(async () => {
  credentials = await appleAuthority('a word')
  database = await freshPglite()
  cloud = await startCloud(database, { wallets: openWallets(configured()) })
  bare = await startCloud(database)
  school = await enterTestSchool(database, cloud.vault)
  token = await cloud.signIn(school, 'school_admin')
  await inSchool(database.db, school.schoolId, tx => enterGroups(tx, school.schoolId, new Map([[0, 'North']])))
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await bare[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** The environment as an operator writes it, and its files. */
function environment() {
  const keep = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const { certificate, key, authority, passType, team, keyPassphrase } = credentials
  return {
    APPLE_WALLET_CERTIFICATE: keep('pass.pem', certificate),
    APPLE_WALLET_KEY: keep('pass.key', key),
    APPLE_WALLET_KEY_PASSPHRASE: keyPassphrase!,
    APPLE_WALLET_AUTHORITY: keep('wwdr.pem', authority),
    APPLE_WALLET_PASS_TYPE: passType,
    APPLE_WALLET_TEAM: team,
    GOOGLE_WALLET_ISSUER: '3388000000012345678',
    GOOGLE_WALLET_ACCOUNT: keep(
      'account.json',
      JSON.stringify({
        client_email: 'gate@hillside.iam.gserviceaccount.com',
        private_key: account.privateKey.export({ format: 'pem', type: 'pkcs8' }),
      }),
    ),
  }
}

function configured(changed: Record<string, string> = {}) {
  const read = readConfig({ ...environment(), ...changed })
  if (!read.ok) throw new Error(read.failure)
  return read.value
}

const call = (method: string, path: string, body?: object) =>
  cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })

let students = 0
async function issue() {
  const student = await call('POST', '/students', {
    studentNumber: `S-${++students}`,
    firstName: 'Zoë',
    lastName: 'Ångström',
  })
  const pass = await call('POST', '/passes', {
    studentId: student.body.data.id,
    notBefore: '2026-01-01T00:00:00Z',
    expires: '2036-01-01T00:00:00Z',
    groups: [0],
  })
  return pass.body.data as { passId: string; serial: number; holder: { studentId: string } }
}

async function pkpass(path: string, as = token) {
  const answer = await fetch(`${cloud.url}/api/v1${path}`, { headers: { authorization: `Bearer ${as}` } })
  return { headers: answer.headers, files: unzip(Buffer.from(await answer.arrayBuffer())) }
}

test('a pass for Apple Wallet has every file in its manifest, and the manifest is signed under the authority', async () => {
  const { passId, serial } = await issue()
  const { headers, files } = await pkpass(`/passes/${passId}/apple-wallet`)
  expect([headers.get('content-type'), headers.get('content-disposition'), headers.get('cache-control')]).toEqual([
    'application/vnd.apple.pkpass',
    `attachment; filename="pass-${serial}.pkpass"`,
    'no-store',
  ])
  const manifest = files.get('manifest.json')!
  const others = [...files].filter(([name]) => name !== 'manifest.json' && name !== 'signature')
  expect(JSON.parse(manifest.toString())).toEqual(
    Object.fromEntries(others.map(([name, bytes]) => [name, createHash('sha1').update(bytes).digest('hex')])),
  )
  expect(wrongSignature(files.get('signature')!, manifest, credentials.authority)).toBe(null)
  const changed = Buffer.from(manifest.toString().replace('a', 'b'))
  expect(wrongSignature(files.get('signature')!, changed, credentials.authority)).toBe('digest')
  const other = await appleAuthority()
  expect(wrongSignature(files.get('signature')!, manifest, other.authority)).toBe('authority')
})

test('it says whose it is and until when, and shows the code of the printed pass', async () => {
  const { passId, serial } = await issue()
  const { files } = await pkpass(`/passes/${passId}/apple-wallet`)
  const pass = JSON.parse(files.get('pass.json')!.toString())
  const { digits } = (await call('GET', `/passes/${passId}/code`)).body.data
  expect(pass).toMatchObject({
    formatVersion: 1,
    passTypeIdentifier: 'pass.example.hillside',
    teamIdentifier: 'TEAM123456',
    serialNumber: passId,
    sharingProhibited: true,
    expirationDate: expect.stringMatching(/^2036-01-01T/),
    barcodes: [
      { format: 'PKBarcodeFormatQR', message: digits, messageEncoding: 'iso-8859-1', altText: `Pass ${serial}` },
    ],
  })
  expect(pass.generic.primaryFields).toEqual([{ key: 'holder', label: 'STUDENT', value: 'Zoë Ångström' }])
  expect(pass.generic.secondaryFields[0].value).toBe('1 Jan 2036')
  for (const [name, size] of Object.entries({
    'icon.png': 29,
    'icon@2x.png': 58,
    'icon@3x.png': 87,
    'logo@2x.png': 88,
  })) {
    expect(await sharp(files.get(name)!).metadata()).toMatchObject({ format: 'png', width: size, height: size })
  }
})

async function googleObject(passId: string) {
  const { saveUrl } = (await call('GET', `/passes/${passId}/google-wallet`)).body.data
  const jwt = (saveUrl as string).replace('https://pay.google.com/gp/v/save/', '')
  const spki = account.publicKey.export({ format: 'pem', type: 'spki' }) as string
  const { payload } = await jwtVerify(jwt, await importSPKI(spki, 'RS256'), {
    algorithms: ['RS256'],
    audience: 'google',
    issuer: 'gate@hillside.iam.gserviceaccount.com',
  })
  expect(payload.typ).toBe('savetowallet')
  return {
    length: jwt.length,
    object: (payload as { payload: { genericObjects: [GoogleObject] } }).payload.genericObjects[0],
  }
}

type GoogleObject = {
  readonly id: string
  readonly rotatingBarcode: {
    readonly type: string
    readonly valuePattern: string
    readonly totpDetails: {
      readonly periodMillis: string
      readonly algorithm: string
      readonly parameters: readonly [{ readonly key: string; readonly valueLength: number }]
    }
  }
}

/** RFC 6238 once more, by the RFC alone: what Google does with the object at a moment. */
function shown({ rotatingBarcode: { valuePattern, totpDetails } }: GoogleObject, atS: number): string {
  const [{ key, valueLength }] = totpDetails.parameters
  const code = totp(Buffer.from(key, 'hex'), Math.floor((atS * 1000) / Number(totpDetails.periodMillis)), valueLength)
  return valuePattern.replace('{totp_timestamp_seconds}', String(atS)).replace('{totp_value_0}', code)
}

function totp(key: Buffer, counter: number, length: number): string {
  const moving = Buffer.alloc(8)
  moving.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac('sha1', key).update(moving).digest()
  const number = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff
  return String(number % 10 ** length).padStart(length, '0')
}

test('the codes of this test are those of RFC 6238, appendix B', () => {
  const key = Buffer.from('12345678901234567890')
  for (const [seconds, code] of [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ] as const) {
    expect(totp(key, Math.floor(seconds / 30), 8)).toBe(code)
  }
})

/** The keys of a gate of this school, as its enrolment gives them. */
async function gateKeys(totpSecret: Uint8Array | null) {
  const trust = await inSchool(database.db, school.schoolId, tx => publicKeys(tx, school.schoolId))
  const jwk = trust.find(({ use }) => use === 'pass')!.jwk
  return nodePassKeys({ issuerKey: () => createPublicKey({ key: jwk, format: 'jwk' }), totpSecret })
}
const siteSecret = () =>
  inSchool(database.db, school.schoolId, tx => totpSecretOf(tx, cloud.vault, { ...school, scope: 'main' }))

const NOW_S = 1_790_000_000

/** The pass as a gate's list has it. */
const LISTED = {
  notBeforeS: 0,
  expiresS: 4_000_000_000,
  groups: 1,
  status: 'active',
  class: 'student',
  profile: 0,
  flags: { dynamicOnly: true },
  minGeneration: 0,
} as const

async function atGate(text: string, { nowS = NOW_S, secret }: { nowS?: number; secret: Uint8Array | null }) {
  const keys = await gateKeys(secret)
  const opened = openPass(text, { tenant: school.tenant, nowS, clock: 'confirmed', keys })
  const decision = decide({
    presented: presentedAs(opened, { keys, deviceKey: null, lastGrantedS: null }),
    row: opened.passId === null ? null : { ...LISTED, passId: opened.passId },
    list: { serialMax: 0, ageS: 0, policy: EMPTY_POLICY },
    lane: { groups: 1, direction: 'in' },
    at: { epochS: nowS, clock: 'confirmed', dayOfWeek: 1, minuteOfDay: 600, date: '2026-09-21' },
  })
  return { passId: decision.passId, said: decision.open ? 'granted' : decision.refusal }
}

test('what Google shows of the object is taken by a gate of the site, and dies with its time', async () => {
  const { passId } = await issue()
  const { object } = await googleObject(passId)
  const secret = await siteSecret()
  for (const atS of [NOW_S, NOW_S + 1, NOW_S - 29]) {
    const text = shown(object, atS)
    expect(text).toMatch(/^[1-9]\d{243}$/)
    expect(await atGate(text, { secret })).toEqual({ passId, said: 'granted' })
  }
  const late = await atGate(shown(object, NOW_S), { nowS: NOW_S + 46, secret })
  expect(late.said).toBe('stale_proof')
  expect((await atGate(shown(object, NOW_S), { secret: null })).said).toBe('needs_secret')
})

test('another site’s secret, another pass’s key and a code of before are bad proofs', async () => {
  const [{ passId }, another] = [await issue(), await issue()]
  const [{ object }, { object: other }] = [await googleObject(passId), await googleObject(another.passId)]
  const secret = await siteSecret()
  const good = shown(object, NOW_S)
  const held = async (text: string, key: Uint8Array) => (await atGate(text, { secret: key })).said
  expect(await held(good, secret)).toBe('granted')
  expect(
    await held(
      good,
      secret.map(byte => byte ^ 1),
    ),
  ).toBe('bad_proof')
  expect(await held(good.slice(0, 226) + shown(other, NOW_S).slice(226), secret)).toBe('bad_proof')
  expect(await held(good.slice(0, 236) + shown(object, NOW_S - 30).slice(236), secret)).toBe('bad_proof')
})

test('the address of Google Wallet is signed, short enough to be opened, and names what Google asks for', async () => {
  const { passId, serial } = await issue()
  const { object, length } = await googleObject(passId)
  expect(length).toBeLessThan(2048)
  expect(object).toMatchObject({
    id: `3388000000012345678.${school.tenant}-${passId}`,
    classId: `3388000000012345678.${school.tenant}`,
    state: 'ACTIVE',
    header: { defaultValue: { language: 'en', value: 'Zoë Ångström' } },
    subheader: { defaultValue: { language: 'en', value: `Student ${serial}` } },
    validTimeInterval: { start: { date: '2026-01-01T00:00:00.000Z' }, end: { date: '2036-01-01T00:00:00.000Z' } },
    rotatingBarcode: { type: 'QR_CODE', totpDetails: { periodMillis: '30000', algorithm: 'TOTP_SHA1' } },
  })
  expect(object.rotatingBarcode.totpDetails.parameters).toEqual([
    { key: expect.stringMatching(/^[0-9a-f]{40}$/), valueLength: 8 },
  ])
})

test('without credentials each wallet says what to set, and the pages know', async () => {
  const { passId } = await issue()
  const ask = (path: string) => bare.call('GET', `/api/v1${path}`, { token })
  for (const [path, code, names] of [
    ['apple-wallet', 'apple_wallet_not_configured', 'APPLE_WALLET_CERTIFICATE'],
    ['google-wallet', 'google_wallet_not_configured', 'GOOGLE_WALLET_ACCOUNT'],
  ] as const) {
    const { status, body } = await ask(`/passes/${passId}/${path}`)
    expect([status, body.error.code, body.error.message]).toEqual([409, code, expect.stringContaining(names)])
  }
  expect((await ask('/wallets')).body.data).toEqual({ apple: false, google: false })
  expect((await call('GET', '/wallets')).body.data).toEqual({ apple: true, google: true })
})

test('a revoked pass goes into no wallet, and one for the phone only where its code moves', async () => {
  const revoked = await issue()
  await call('POST', `/passes/${revoked.passId}/revocation`, { note: 'lost on the bus' })
  const moving = await issue()
  await inSchool(database.db, school.schoolId, tx =>
    tx.updateTable('passes').set({ dynamic_only: true }).where('pass_id', '=', moving.passId).execute(),
  )
  const code = async (passId: string, wallet: string) =>
    (await call('GET', `/passes/${passId}/${wallet}-wallet`)).body.error?.code ?? 'made'
  expect([await code(revoked.passId, 'apple'), await code(revoked.passId, 'google')]).toEqual([
    'already_revoked',
    'already_revoked',
  ])
  expect([await code(moving.passId, 'apple'), await code(moving.passId, 'google')]).toEqual(['phone_only', 'made'])
})

test('a student puts their own pass into a wallet, and nobody else’s', async () => {
  const [mine, theirs] = [await issue(), await issue()]
  await inSchool(database.db, school.schoolId, async tx => {
    const user = await tx
      .selectFrom('users')
      .select('id')
      .where('email', '=', school.users.get('student')!)
      .executeTakeFirstOrThrow()
    await tx.updateTable('students').set({ user_id: user.id }).where('id', '=', mine.holder.studentId).execute()
  })
  const student = await cloud.signIn(school, 'student')
  const { files } = await pkpass(`/my/passes/${mine.passId}/apple-wallet`, student)
  expect(JSON.parse(files.get('pass.json')!.toString()).serialNumber).toBe(mine.passId)
  const google = await cloud.call('GET', `/api/v1/my/passes/${mine.passId}/google-wallet`, { token: student })
  expect(decodeJwt(google.body.data.saveUrl.split('/').at(-1)).aud).toBe('google')
  for (const wallet of ['apple', 'google']) {
    const said = await cloud.call('GET', `/api/v1/my/passes/${theirs.passId}/${wallet}-wallet`, { token: student })
    expect(said.status).toBe(404)
  }
})

test('files that are something else are told at start', () => {
  expect(() => openWallets(configured({ APPLE_WALLET_KEY_PASSPHRASE: 'wrong' }))).toThrow('APPLE_WALLET_KEY_PASSPHRASE')
  writeFileSync(join(folder, 'der.cer'), Buffer.from([0x30, 0x82]))
  expect(() => openWallets(configured({ APPLE_WALLET_AUTHORITY: join(folder, 'der.cer') }))).toThrow(
    'no PEM certificate',
  )
  writeFileSync(join(folder, 'other.json'), '{"type":"authorized_user"}')
  expect(() => openWallets(configured({ GOOGLE_WALLET_ACCOUNT: join(folder, 'other.json') }))).toThrow(
    'service account',
  )
})
