import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { pdfPages } from '../printing/testing/pdf-pages.ts'
import { readCode } from '../printing/testing/read-code.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'
import { enterGroups } from './groups.repo.ts'
import { sayDay } from './pass-card.ts'

let database: Database
let cloud: TestCloud
let school: TestSchool
let token: string
beforeAll(async () => {
  database = await freshPglite()
  cloud = await startCloud(database)
  school = await enterTestSchool(database, cloud.vault)
  token = await cloud.signIn(school, 'school_admin')
  await inSchool(database.db, school.schoolId, tx => enterGroups(tx, school.schoolId, new Map([[0, 'North']])))
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const call = (method: string, path: string, body?: object) =>
  cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })

let students = 0
async function issue(firstName = 'Zoë', changed: object = {}) {
  const student = await call('POST', '/students', { studentNumber: `S-${++students}`, firstName, lastName: 'Ångström' })
  const pass = await call('POST', '/passes', {
    studentId: student.body.data.id,
    notBefore: '2026-01-01T00:00:00Z',
    expires: '2036-01-01T00:00:00Z',
    groups: [0],
    ...changed,
  })
  return pass.body.data as { passId: string; serial: number }
}
const digitsOf = async (passId: string) => (await call('GET', `/passes/${passId}/code`)).body.data.digits

async function file(method: string, path: string, body?: object) {
  const answer = await fetch(`${cloud.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
}

test('the picture of a pass is read as its code', async () => {
  const { passId, serial } = await issue()
  const { status, headers, bytes } = await file('GET', `/passes/${passId}/print.png`)
  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, 'image/png', 'no-store'])
  expect(headers.get('content-disposition')).toBe(`attachment; filename="pass-${serial}.png"`)
  expect(headers.get('gatehouse-not-drawn')).toBe(null)
  expect(await readCode(bytes)).toEqual({ text: await digitsOf(passId), ecLevel: 'M' })
})

test('so is the PDF', async () => {
  const { passId, serial } = await issue()
  const { headers, bytes } = await file('GET', `/passes/${passId}/print.pdf`)
  expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([
    'application/pdf',
    `attachment; filename="pass-${serial}.pdf"`,
  ])
  expect(await readCode((await pdfPages(bytes))[0]!)).toMatchObject({ text: await digitsOf(passId) })
})

test('the code says that it is printed, and a gate’s keys take it', async () => {
  const { passId } = await issue()
  const { body } = await call('POST', '/passes/verify', { digits: await digitsOf(passId) })
  expect(body.data).toMatchObject({ open: true, passId })
})

test('a character that no font has is told in a header', async () => {
  const { passId } = await issue('Zoë 😀')
  expect((await file('GET', `/passes/${passId}/print.pdf`)).headers.get('gatehouse-not-drawn')).toBe('U+1F600')
})

test('a pass whose code opens nothing is not printed, and says why', async () => {
  const revoked = await issue()
  await call('POST', `/passes/${revoked.passId}/revocation`, { note: 'lost on the bus' })
  const suspended = await issue()
  await call('POST', `/passes/${suspended.passId}/suspension`, { note: 'photo missing' })
  const expired = await issue('Zoë', { expires: '2026-01-02T00:00:00Z' })
  const bound = await issue()
  await inSchool(database.db, school.schoolId, tx =>
    tx.updateTable('passes').set({ dynamic_only: true }).where('pass_id', '=', bound.passId).execute(),
  )
  const good = await issue()
  for (const [{ passId, serial }, code] of [
    [revoked, 'already_revoked'],
    [suspended, 'not_active'],
    [expired, 'pass_expired'],
    [bound, 'phone_only'],
  ] as const) {
    for (const kind of ['png', 'pdf']) {
      const said = await call('GET', `/passes/${passId}/print.${kind}`)
      expect([said.status, said.body.error.code]).toEqual([409, code])
    }
    const { body } = await call('POST', '/passes/sheet', { passIds: [good.passId, passId] })
    expect(body.error).toMatchObject({ code, message: expect.stringContaining(`Pass ${serial}: `) })
  }
  expect((await call('GET', '/passes/00000000000000ff/print.png')).status).toBe(404)
})

test('a sheet has the passes in the order asked, each with its own code', async () => {
  const passes = [await issue('Ada'), await issue('Ben'), await issue('Cem')].toReversed()
  const { headers, bytes } = await file('POST', '/passes/sheet', { passIds: passes.map(({ passId }) => passId) })
  expect(headers.get('content-disposition')).toBe('attachment; filename="passes.pdf"')
  const [page, ...more] = await pdfPages(bytes)
  expect(more).toEqual([])
  const { default: sharp } = await import('sharp')
  const corners = [
    { left: 229, top: 160 },
    { left: 1240, top: 160 },
    { left: 229, top: 798 },
  ]
  for (const [at, { passId }] of passes.entries()) {
    const card = await sharp(page!)
      .extract({ ...corners[at]!, width: 1011, height: 637 })
      .png()
      .toBuffer()
    expect(await readCode(card)).toMatchObject({ text: await digitsOf(passId) })
  }
})

test('a sheet is of 1 to 100 passes, none twice, all of this school', async () => {
  const { passId } = await issue()
  const sheet = async (passIds: string[]) => (await call('POST', '/passes/sheet', { passIds })).status
  expect(await sheet([])).toBe(422)
  expect(await sheet([passId, passId])).toBe(422)
  expect(await sheet(Array.from({ length: 101 }, (_, n) => n.toString(16).padStart(16, '0')))).toBe(422)
  expect(await sheet([passId, '00000000000000ff'])).toBe(404)
})

test('days are those of the school’s calendar, and the last is the last that counts', () => {
  const end = Date.parse('2027-08-31T22:00:00Z')
  expect(sayDay(end, 'Europe/Amsterdam')).toBe('1 Sep 2027')
  expect(sayDay(end - 1, 'Europe/Amsterdam')).toBe('31 Aug 2027')
  expect(sayDay(end - 1, 'Pacific/Auckland')).toBe('1 Sep 2027')
})
