import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPass } from '@gatehouse/shared/pass/read-pass.ts'
import { ROLES } from '@gatehouse/shared/wire/rights.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPasswords } from '../auth/password.ts'
import type { Database } from '../db/connect.ts'
import { startCloud, type TestCloud } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'
import { seedDemo } from './seed.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'))
const accountsFile = join(folder, 'demo-accounts.json')
const simulatorsFile = join(folder, 'simulators.json')
const heard: { path: string; token: string; body: unknown }[] = []
const simulator = createServer((req, res) => {
  let text = ''
  req.on('data', bytes => (text += bytes))
  req.on('end', () => {
    const body = JSON.parse(text)
    heard.push({ path: req.url!, token: req.headers.authorization!, body })
    const refused = body.lane === 'nowhere'
    res.writeHead(refused ? 400 : 202, { 'content-type': 'application/json' })
    const answer = refused
      ? { message: 'There is no lane called nowhere.' }
      : { gate: 'north', lane: 'in', reader: 'card', bytes: 14 }
    res.end(JSON.stringify(answer))
  })
})

let database: Database
let cloud: TestCloud
const tokens = new Map<string, string>()
beforeAll(async () => {
  await new Promise<void>(resolve => simulator.listen(0, '127.0.0.1', resolve))
  database = await freshPglite()
  cloud = await startCloud(database, { simulatorsFile })
  const needs = { db: database.db, vault: cloud.vault, passwords: openPasswords(), nowMs: Date.now, accountsFile }
  expect(await seedDemo(needs)).toBe(true)
  expect(await seedDemo(needs)).toBe(false)
  for (const { role, email, password } of JSON.parse(readFileSync(accountsFile, 'utf8'))) {
    const said = await cloud.call('POST', '/api/v1/auth/login', { body: { email, password } })
    tokens.set(role, said.body.data.tokens.accessToken)
  }
})
afterAll(async () => {
  simulator.close()
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const get = async (path: string, role = 'school_admin') =>
  (await cloud.call('GET', `/api/v1${path}`, { token: tokens.get(role)! })).body.data
const present = (body: object) => cloud.call('POST', '/api/v1/demo/present', { token: tokens.get('security')!, body })
const simulate = () => {
  const control = `http://127.0.0.1:${(simulator.address() as AddressInfo).port}`
  const lanes = [
    {
      lane: 'in',
      name: 'In',
      readers: [
        { id: 'card', kind: 'card' },
        { id: 'qr', kind: 'qr' },
      ],
    },
  ]
  writeFileSync(
    simulatorsFile,
    JSON.stringify([{ gate: 'north', gateId: 'x', gateName: 'North gate', control, token: 'secret', lanes }]),
  )
}

test('every role can sign in, with the passwords of a file that only its owner reads', () => {
  expect([...tokens.keys()].toSorted()).toEqual([...ROLES].toSorted())
  expect(statSync(accountsFile).mode & 0o777).toBe(0o600)
})

test('the school has two gates, 24 students, and passes in every state', async () => {
  expect((await get('/gates')).map(({ shortName }: { shortName: string }) => shortName)).toEqual(['north', 'south'])
  expect(await get('/students?limit=100')).toHaveLength(24)
  const passes = await get('/passes?limit=100')
  const states = new Set(
    passes.map((pass: { status: string; expired: boolean }) => (pass.expired ? 'expired' : pass.status)),
  )
  expect([...states].toSorted()).toEqual(['active', 'expired', 'revoked', 'suspended'])
  expect((await get('/students?search=lovelace'))[0].email).toBe('ada@hillside.example')
})

test('a super_admin sees the only school there is', async () => {
  expect(await get('/students?limit=100', 'super_admin')).toHaveLength(24)
})

test('without simulated hardware there is nothing to present', async () => {
  rmSync(simulatorsFile, { force: true })
  expect((await present({ gate: 'north', card: '01000734E0' })).status).toBe(404)
  expect(await get('/demo/presentables', 'security')).toBe(null)
})

test('what can be presented is told: Ada’s card, and codes that the school signed', async () => {
  simulate()
  const { lanes, credentials } = await get('/demo/presentables', 'security')
  expect(lanes).toEqual([{ gate: 'north', gateName: 'North gate', lane: 'in', name: 'In', readers: ['card', 'qr'] }])
  expect(credentials[0]).toEqual({ label: 'Ada Lovelace, card', kind: 'card', value: '01000734E0' })
  const codes = credentials.filter(({ kind }: { kind: string }) => kind === 'qr')
  expect(codes).toHaveLength(2)
  for (const { value } of codes) expect(readPass(value, 'hillside-college').ok).toBe(true)
})

test('a card presented reaches the simulator of its gate, with its token', async () => {
  simulate()
  const said = await present({ gate: 'north', lane: 'in', card: '01000734E0' })
  expect([said.status, said.body.data]).toEqual([202, { gate: 'north', lane: 'in', reader: 'card', bytes: 14 }])
  expect(heard.at(-1)).toEqual({ path: '/present', token: 'Bearer secret', body: { lane: 'in', card: '01000734E0' } })
})

test('what the simulator refuses is said in its sentence', async () => {
  simulate()
  const said = await present({ gate: 'north', lane: 'nowhere', card: '01000734E0' })
  expect([said.status, said.body.error.message]).toEqual([422, 'There is no lane called nowhere.'])
  expect((await present({ gate: 'west', card: '01000734E0' })).status).toBe(404)
})

test('a simulator elsewhere on the network is never spoken to', async () => {
  writeFileSync(
    simulatorsFile,
    JSON.stringify([
      { gate: 'north', gateId: 'x', gateName: 'N', control: 'http://192.0.2.1:80', token: 't', lanes: [] },
    ]),
  )
  expect((await present({ gate: 'north', card: '01000734E0' })).status).toBe(404)
})
