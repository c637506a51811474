import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'

let database: Database
let cloud: TestCloud
let school: TestSchool
beforeAll(async () => {
  database = await freshPglite()
  cloud = await startCloud(database)
  school = await enterTestSchool(database, cloud.vault)
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const card = (bits: string, facility: string | null, number: string) => ({
  seen: { kind: 'bits', bitCount: 26, bits },
  printed: { facility, number },
})
const CARDS = [card('bd88eb80', '123', '4567'), card('bb032180', '118', '1603'), card('f0029cc0', '224', '1337')]

async function learn(samples: readonly object[], role: 'facilities' | 'security' = 'facilities') {
  const token = await cloud.signIn(school, role)
  return cloud.call('POST', '/api/v1/cards/learn', { token, body: { samples } })
}

test('three cards tell the format', async () => {
  expect((await learn(CARDS)).body.data).toEqual({
    kind: 'one',
    found: { setting: { kind: 'format', format: 'h10301' }, facility: null, parity: 'checked', notes: [] },
  })
})

test('what fits nothing is told with why', async () => {
  const { kind, why } = (await learn([...CARDS, card('3c00a700', '1', '1')])).body.data
  expect(kind).toBe('none')
  expect(why[0]).toMatch(/^All cards but number 1:1 are h10301/)
})

test('too few cards are told so, and so is what is no card', async () => {
  const few = await learn(CARDS.slice(1))
  expect(few.status).toBe(422)
  expect(few.body.error.details[0]).toEqual({ path: 'samples', message: few.body.error.message })
  expect((await learn([...CARDS, card('zz', null, '1')])).status).toBe(422)
  expect((await learn([...CARDS, card('bd88eb80', null, '-1')])).status).toBe(422)
})

test('only who sets gates up may ask', async () => {
  expect((await learn(CARDS, 'security')).status).toBe(403)
})
