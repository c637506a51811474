import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { makeGate } from '../testing/gate-fixture.ts'
import { OFFLINE_MS, tellOfOffline, tellOfOldLists } from './gate-news.ts'

const NOW_MS = Date.parse('2026-11-26T12:00:00Z')
const MINUTE_MS = 60_000

onBothEngines('people hear of a gate', engine => {
  let database: Database
  let school: TestSchool
  let gateId: string
  beforeAll(async () => {
    database = await engine.fresh()
    school = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
    gateId = (await makeGate(database.db, { ...school, studentId: '' }, 'south')).gateId
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const inIt = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(database.db, school.schoolId, work)
  const is = (online: boolean, sinceMs: number, state: object = {}) =>
    inIt(tx =>
      tx
        .updateTable('gate_states')
        .set({ online, since: new Date(sinceMs), state: JSON.stringify(state) })
        .execute(),
    )
  const told = (kind: 'gate_offline' | 'list_stale') =>
    inIt(async tx => {
      const rows = await tx
        .selectFrom('notifications')
        .innerJoin('users', 'users.id', 'notifications.user_id')
        .select(['users.role', 'facts', 'path'])
        .where('kind', '=', kind)
        .orderBy('users.role')
        .execute()
      // By the clock of the test, not of the machine.
      await tx
        .updateTable('notifications')
        .set({ made_at: new Date(NOW_MS) })
        .execute()
      return rows
    })
  const offline = (nowMs: number) => inIt(tx => tellOfOffline(tx, school.schoolId, nowMs))
  const old = (nowMs: number) => inIt(tx => tellOfOldLists(tx, school.schoolId, nowMs))

  test('that is away for five minutes: once, who looks after gates and who stands at them', async () => {
    await is(false, NOW_MS - OFFLINE_MS + 1)
    expect(await offline(NOW_MS)).toBe(0)
    await is(false, NOW_MS - OFFLINE_MS)
    expect(await offline(NOW_MS)).toBe(1)
    const facts = { gate: 'Gate south', since: '2026-11-26T11:55:00.000Z' }
    expect(await told('gate_offline')).toEqual(
      ['facilities', 'school_admin', 'security'].map(role => ({ role, facts, path: `/gates/${gateId}` })),
    )
    expect(await offline(NOW_MS + 60 * MINUTE_MS)).toBe(0)
    await is(true, NOW_MS + MINUTE_MS)
    expect(await offline(NOW_MS + 60 * MINUTE_MS)).toBe(0)
    // Back, and away again: that is another time.
    await is(false, NOW_MS + 2 * MINUTE_MS)
    expect(await offline(NOW_MS + 60 * MINUTE_MS)).toBe(1)
  })

  test('not of one that was never set up: it is away because it is not there yet', async () => {
    await told('gate_offline')
    const enrolled = (at: Date | null) => inIt(tx => tx.updateTable('gates').set({ enrolled_at: at }).execute())
    await is(false, NOW_MS + 70 * MINUTE_MS)
    await enrolled(null)
    expect(await offline(NOW_MS + 80 * MINUTE_MS)).toBe(0)
    await enrolled(new Date(NOW_MS))
    expect(await offline(NOW_MS + 80 * MINUTE_MS)).toBe(1)
  })

  test('that decides by an old list, once for each list, and not of one that has only just come back', async () => {
    const listIssuedAtS = (NOW_MS - 16 * MINUTE_MS) / 1000
    await is(true, NOW_MS - MINUTE_MS, { online: true, listIssuedAtS })
    expect(await old(NOW_MS)).toBe(0)
    await is(true, NOW_MS - 60 * MINUTE_MS, { online: true, listIssuedAtS: NOW_MS / 1000 - 14 * 60 })
    expect(await old(NOW_MS)).toBe(0)
    await is(true, NOW_MS - 60 * MINUTE_MS, { online: true, listIssuedAtS })
    expect(await old(NOW_MS)).toBe(1)
    expect(await told('list_stale')).toHaveLength(3)
    expect(await old(NOW_MS + MINUTE_MS)).toBe(0)
    // An offline gate is told of as such.
    await is(false, NOW_MS - 60 * MINUTE_MS, { online: false, listIssuedAtS: 1 })
    expect(await old(NOW_MS)).toBe(0)
  })
})
