import { sql } from 'kysely'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { newestConfiguration, sendConfiguration } from '../gates/gate-configuration.repo.ts'
import type { Said } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'

/** Until another session waits for a row that this one holds. */
async function waited(tx: Tx): Promise<void> {
  for (;;) {
    const { rows } = await sql`select from pg_stat_activity where wait_event_type = 'Lock'`.execute(tx)
    if (rows.length > 0) return
  }
}

const WIRED = { readers: [], door: { output: { board: 'relays', channel: 1 } } }

onBothEngines('groups', engine => {
  let database: Database
  let campus: Campus
  beforeEach(async () => {
    database ??= await engine.fresh()
    campus = await openCampus(database, campus?.cloud)
  })
  afterAll(async () => {
    await campus.cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const groups = async () => (await campus.call('GET', '/groups')).body.data
  const points = async () => (await campus.call('GET', '/access-points')).body.data as { id: string; gate: string }[]
  const pointsOf = async (gate: string) => (await points()).filter(one => one.gate === gate).map(({ id }) => id)

  test('a group takes the lowest free number and opens what it is given', async () => {
    const north = await pointsOf('North gate')
    const made = await campus.call('POST', '/groups', { name: 'Labs', accessPointIds: north })
    expect(made.body.data).toEqual({
      number: 2,
      name: 'Labs',
      accessPoints: ['North gate, In', 'North gate, Out'],
      accessPointIds: north,
      passes: 0,
      levels: 0,
      version: 1,
    })
    await campus.call('DELETE', '/groups/2')
    expect((await campus.call('POST', '/groups', { name: 'Pool' })).body.data.number).toBe(2)
    expect(await campus.audited('group')).toMatchObject([
      { action: 'group.create', after: { name: 'Labs', accessPoints: ['North gate, In', 'North gate, Out'] } },
      { action: 'group.delete', before: { name: 'Labs' } },
      { action: 'group.create' },
    ])
  })

  test('there are 31, and the next one is told so', async () => {
    for (let number = 2; number <= 30; number++)
      expect((await campus.call('POST', '/groups', { name: `Group of ${number}` })).body.data.number).toBe(number)
    const said = await campus.call('POST', '/groups', { name: 'One more' })
    expect([said.status, said.body.error.code]).toEqual([409, 'no_number_left'])
  })

  test('who still names a group is said in numbers, and it stays', async () => {
    const studentId = await campus.student('S-1')
    const pass = { studentId, expires: '2036-01-01T00:00:00Z' }
    for (let at = 0; at < 2; at++) await campus.call('POST', '/passes', { ...pass, groups: [0, 1] })
    const issued = await campus.call('POST', '/passes', { ...pass, groups: [0] })
    await campus.call('POST', `/passes/${issued.body.data.passId}/revocation`, { note: 'lost it' })
    await campus.call('POST', '/access-levels', { name: 'North', groups: [0] })
    const said = await campus.call('DELETE', '/groups/0')
    expect([said.status, said.body.error.code]).toEqual([409, 'in_use'])
    expect(said.body.error.message).toContain('2 passes and 1 access level')
    expect((await groups())[0]).toMatchObject({ number: 0, passes: 2, levels: 1 })
  })

  test('a gate is told which groups its lanes are in now', async () => {
    const { schoolId } = campus.school
    const { north } = campus.gateIds
    const hardware = {
      boards: [],
      lanes: [{ lane: 'in', name: 'In', direction: 'in', groups: [0], ...WIRED }],
    } as never
    await inSchool(database.db, schoolId, tx =>
      sendConfiguration(tx, { schoolId, userId: null, nowMs: Date.now() }, { gateId: north, basedOn: 0, hardware }),
    )
    await campus.call('POST', '/groups', { name: 'Labs', accessPointIds: await pointsOf('North gate') })
    const newest = () => inSchool(database.db, schoolId, tx => newestConfiguration(tx, north))
    expect(await newest()).toMatchObject({ version: 2, document: { lanes: [{ lane: 'in', groups: [0, 2] }] } })
    const told = await inSchool(database.db, schoolId, tx =>
      tx.selectFrom('outbox').select('body').where('kind', '=', 'configuration.changed').execute(),
    )
    expect(told.map(({ body }) => body)).toEqual([{ gateId: north }, { gateId: north }])
    // A new name is nothing to the gate.
    await campus.call('PATCH', '/groups/2', { name: 'Laboratories' })
    expect(await newest()).toMatchObject({ version: 2 })
  })

  test('what somebody sends the gate at the same moment is not lost, and neither are the groups', async () => {
    const { schoolId } = campus.school
    const { north } = campus.gateIds
    const actor = { schoolId, userId: null, nowMs: Date.now() }
    const lane = (name: string) =>
      ({ boards: [], lanes: [{ lane: 'in', name, direction: 'in', groups: [0], ...WIRED }] }) as never
    const newest = () => inSchool(database.db, schoolId, tx => newestConfiguration(tx, north))
    const send = (basedOn: number, name: string) =>
      inSchool(database.db, schoolId, async tx => {
        const sent = await sendConfiguration(tx, actor, { gateId: north, basedOn, hardware: lane(name) })
        if (engine.name === 'postgres' && basedOn > 0) {
          placing = campus.call('PATCH', '/groups/1', { accessPointIds: (await points()).map(({ id }) => id) })
          // It has come as far as our row, and waits for what becomes of it.
          await waited(tx)
        }
        return sent
      })
    let placing: Promise<Said> | null = null
    const { version = 0 } = (await newest()) ?? {}
    await send(version, 'In')
    await send(version + 1, 'Entrance')
    placing ??= campus.call('PATCH', '/groups/1', { accessPointIds: (await points()).map(({ id }) => id) })
    expect((await placing).status).toBe(200)
    const { document, version: last } = (await newest())!
    expect([last, document.lanes[0]]).toMatchObject([version + 3, { name: 'Entrance', groups: [0, 1] }])
  })

  test('no access point is left in no group', async () => {
    for (const said of [
      await campus.call('PATCH', '/groups/1', { accessPointIds: [] }),
      await campus.call('DELETE', '/groups/1'),
    ])
      expect([said.status, said.body.error.code]).toEqual([409, 'point_left_alone'])
    expect((await groups())[1].accessPoints).toEqual(['South gate, In'])
    await campus.call('PATCH', '/groups/0', { accessPointIds: (await points()).map(({ id }) => id) })
    expect((await campus.call('DELETE', '/groups/1')).status).toBe(200)
  })

  test('bad input changes nothing', async () => {
    const before = await groups()
    const stranger = await openCampus(database, campus.cloud)
    const theirs = (await stranger.call('GET', '/access-points')).body.data[0].id
    for (const [body, status] of [
      [{ name: '' }, 422],
      [{ name: 'x'.repeat(101) }, 422],
      [{ name: 'Labs', number: 7 }, 422],
      [{ name: 'Labs', accessPointIds: ['north'] }, 422],
      [{ name: 'Labs', accessPointIds: [theirs] }, 422],
      [{ name: 'gROUP 0' }, 409],
      [{}, 422],
    ] as const)
      expect([body, (await campus.call('POST', '/groups', body)).status]).toEqual([body, status])
    expect((await campus.call('PATCH', '/groups/31', { name: 'Labs' })).status).toBe(404)
    expect((await campus.call('PATCH', '/groups/0', { name: 'Labs' }, 2)).body.error.code).toBe('changed_meanwhile')
    expect((await campus.call('PATCH', '/groups/0', { accessPointIds: [theirs] })).status).toBe(422)
    expect(await groups()).toEqual(before)
    expect(await campus.audited('group')).toEqual([])
  })
})
