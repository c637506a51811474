import { passesIn } from '@gatehouse/shared/list/losses.ts'
import { decodeJwt } from 'jose'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { findListFile, type PublishedHead } from '../lists/list-versions.repo.ts'
import { openPublisher } from '../lists/publisher.ts'
import { rowsIn } from '../lists/tables.ts'
import { onBothEngines } from '../testing/database.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'

onBothEngines('access levels', engine => {
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

  const level = async (name: string, groups: readonly number[], more: object = {}) => {
    const said = await campus.call('POST', '/access-levels', { name, groups, ...more })
    expect([name, said.status]).toEqual([name, 201])
    return said.body.data
  }
  const hours = async (name: string) =>
    (await campus.call('POST', '/profiles', { name, windows: [{ day: 1, fromMinute: 480, untilMinute: 720 }] })).body
      .data.number
  const issue = async (studentId: string, more: object = {}) =>
    (await campus.call('POST', '/passes', { studentId, ...more })).body.data
  const pass = async (passId: string) => (await campus.call('GET', `/passes/${passId}`)).body.data

  test('a pass takes what its level opens, and says which it follows', async () => {
    const profile = await hours('Mornings')
    const { id } = await level('North, mornings', [0], { class: 'staff', profile })
    expect(await issue(await campus.student('S-1'), { levelId: id })).toMatchObject({
      level: { id, name: 'North, mornings' },
      groups: [{ number: 0 }],
      profile,
      class: 'staff',
    })
  })

  test('the preview says what passes gain and lose, and changes nothing', async () => {
    const { id } = await level('North', [0])
    const studentId = await campus.student('S-1')
    const passes = []
    for (let at = 0; at < 5; at++) passes.push(await issue(studentId, { levelId: id }))
    await campus.call('POST', `/passes/${passes[0].passId}/suspension`, { note: 'after the alarm' })
    await campus.call('POST', `/passes/${passes[1].passId}/revocation`, { note: 'lost it' })
    const profile = await hours('Mornings')
    const seen = await campus.call('POST', `/access-levels/${id}/preview`, { groups: [1], profile })
    expect(seen.body.data).toEqual({
      passes: 4,
      living: 3,
      gain: 3,
      lose: 3,
      groupsGained: [{ number: 1, name: 'Group 1' }],
      groupsLost: [{ number: 0, name: 'Group 0' }],
      hours: { from: 'Always', to: 'Mornings' },
      class: null,
      renumbered: 4,
      guard: { limit: 3, waits: false },
    })
    await issue(studentId, { levelId: id })
    const again = await campus.call('POST', `/access-levels/${id}/preview`, { groups: [1] })
    expect(again.body.data).toMatchObject({ lose: 4, guard: { limit: 3, waits: true } })
    expect(await pass(passes[2].passId)).toMatchObject({ groups: [{ number: 0 }], serial: passes[2].serial })
    expect((await campus.call('GET', '/access-levels')).body.data).toMatchObject([{ version: 1, passes: 5 }])
  })

  test('a changed level changes every pass that follows it and no other', async () => {
    const { id } = await level('North', [0])
    const other = await level('Everywhere', [0, 1])
    const studentId = await campus.student('S-1')
    const mine = await issue(studentId, { levelId: id })
    const gone = await issue(studentId, { levelId: id })
    await campus.call('POST', `/passes/${gone.passId}/revocation`, { note: 'lost it' })
    const theirs = await issue(studentId, { levelId: other.id })
    const alone = await issue(studentId, { groups: [0] })
    const changed = await campus.call('PATCH', `/access-levels/${id}`, { groups: [0, 1] }, 1)
    expect(changed.body.data).toMatchObject({ version: 2, groups: [{ number: 0 }, { number: 1 }] })
    // More than the certificate of before allows: the next number of the school.
    expect(await pass(mine.passId)).toMatchObject({ groups: [{ number: 0 }, { number: 1 }], serial: alone.serial + 1 })
    expect(await pass(gone.passId)).toMatchObject({ groups: [{ number: 0 }], serial: gone.serial })
    expect(await pass(theirs.passId)).toMatchObject({ serial: theirs.serial })
    expect(await pass(alone.passId)).toMatchObject({ groups: [{ number: 0 }], level: null })
    expect((await issue(studentId, { groups: [0] })).serial).toBe(alone.serial + 2)
    // Less needs no new number: the row narrows by itself.
    await campus.call('PATCH', `/access-levels/${id}`, { groups: [1] })
    expect(await pass(mine.passId)).toMatchObject({ groups: [{ number: 1 }], serial: alone.serial + 1 })
    expect((await campus.audited('access_level')).at(-1)).toMatchObject({
      action: 'access_level.update',
      before: { groups: ['Group 0', 'Group 1'] },
      after: { groups: ['Group 1'] },
      note: '1 passes changed, 0 renumbered',
    })
  })

  test('gates hear of it with the next list, and a mass loss waits for a second administrator', async () => {
    const heads: PublishedHead[] = []
    const { schoolId } = campus.school
    const publisher = openPublisher({
      db: database.db,
      vault: campus.vault,
      nowMs: Date.now,
      publishHead: async head => void heads.push(head),
    })
    const groupsOf = async () => {
      const { snapshot } = decodeJwt(heads.at(-1)!.headJws) as { snapshot: { files: { P: { sha256: string } } } }
      const file = await inSchool(database.db, schoolId, tx =>
        findListFile(tx, { scope: 'main', sha256: snapshot.files.P.sha256 }),
      )
      return passesIn(await rowsIn(file!, 'P')).map(({ groups }) => groups)
    }
    const { id } = await level('North', [0])
    const studentId = await campus.student('S-1')
    for (let at = 0; at < 4; at++) await issue(studentId, { levelId: id })
    await publisher.changed([schoolId])
    expect(await groupsOf()).toEqual([1, 1, 1, 1])
    await campus.call('PATCH', `/access-levels/${id}`, { groups: [0, 1] })
    await publisher.changed([schoolId])
    expect(await groupsOf()).toEqual([3, 3, 3, 3])
    await campus.call('PATCH', `/access-levels/${id}`, { groups: [1] })
    await publisher.changed([schoolId])
    expect(await groupsOf()).toEqual([3, 3, 3, 3])
    expect((await campus.call('GET', '/lists/pending')).body.data).toMatchObject([
      { numbers: { narrowed: 4 }, makers: ['school_admin'], cannot: 'is_maker' },
    ])
  })

  test('the most specific default is taken, and it is said which', async () => {
    const levels = new Map<string, string>()
    for (const name of ['school', 'kind', 'department', 'both']) levels.set(name, (await level(name, [0])).id)
    const visitors = await level('visitors', [1], { class: 'visitor' })
    const physics = (await campus.call('POST', '/departments', { name: 'Physics' })).body.data.id
    const defaults = [
      { levelId: levels.get('school') },
      { levelId: levels.get('kind'), class: 'student' },
      { levelId: levels.get('department'), departmentId: physics },
      { levelId: levels.get('both'), class: 'student', departmentId: physics },
      { levelId: visitors.id, class: 'visitor' },
    ]
    const proposal = async (studentId: string, kind = 'student') =>
      (await campus.call('GET', `/pass-proposal?studentId=${studentId}&class=${kind}`)).body.data.level
    const physicist = await campus.student('S-1', physics)
    const other = await campus.student('S-2')
    expect(await proposal(physicist)).toBe(null)
    const seen = []
    for (const body of defaults) {
      expect((await campus.call('POST', '/access-level-defaults', body)).status).toBe(201)
      const [mine, theirs] = [await proposal(physicist), await proposal(other)]
      seen.push([mine?.name, mine?.because, theirs?.name])
    }
    expect(seen).toEqual([
      ['school', 'school', 'school'],
      ['kind', 'kind', 'kind'],
      ['department', 'department', 'kind'],
      ['both', 'kind_and_department', 'kind'],
      ['both', 'kind_and_department', 'kind'],
    ])
    expect((await proposal(physicist, 'visitor')).name).toBe('visitors')
    // A level of another kind is not for a contractor, not even the school's.
    expect(await proposal(physicist, 'contractor')).toBe(null)
    expect((await issue(physicist)).level.name).toBe('both')
    // A department that goes takes its defaults with it.
    await campus.call('DELETE', `/departments/${physics}?moveTo=none`)
    expect((await proposal(physicist)).because).toBe('kind')
  })

  test('issuing without dates ends as the kind does', async () => {
    const { id } = await level('North', [0])
    const studentId = await campus.student('S-1')
    const now = new Date(campus.cloud.clock.nowMs)
    await campus.call('PUT', '/pass-validity/student', { ends: 'school_year' })
    const none = await campus.call('POST', '/passes', { studentId, levelId: id })
    expect([none.status, none.body.error.code]).toEqual([422, 'no_term'])
    const year = now.getUTCFullYear()
    await campus.call('POST', '/terms', {
      name: 'The year',
      kind: 'school_year',
      firstDay: `${year}-01-01`,
      lastDay: `${year + 1}-06-30`,
    })
    expect((await issue(studentId, { levelId: id })).expires).toBe(`${year + 1}-06-30T22:00:00.000Z`)
    const proposal = (await campus.call('GET', `/pass-proposal?studentId=${studentId}`)).body.data
    expect(proposal).toEqual({
      level: null,
      ends: 'school_year',
      term: 'The year',
      expires: `${year + 1}-06-30T22:00:00.000Z`,
    })
    await campus.call('PUT', '/pass-validity/student', { ends: 'date', lastDay: '2020-01-01' })
    expect((await campus.call('POST', '/passes', { studentId, levelId: id })).status).toBe(422)
  })

  test('an archived level is given to nobody, keeps its passes, and comes back', async () => {
    const { id } = await level('North', [0])
    const studentId = await campus.student('S-1')
    const mine = await issue(studentId, { levelId: id })
    const byDefault = await campus.call('POST', '/access-level-defaults', { levelId: id })
    const refused = await campus.call('DELETE', `/access-levels/${id}`)
    expect([refused.status, refused.body.error.code]).toEqual([409, 'is_default'])
    await campus.call('DELETE', `/access-level-defaults/${byDefault.body.data.id}`)
    expect((await campus.call('DELETE', `/access-levels/${id}`)).body.data.archivedAt).not.toBe(null)
    expect((await campus.call('GET', '/access-levels')).body.data).toEqual([])
    expect((await campus.call('GET', '/access-levels?archived=true')).body.data).toHaveLength(1)
    expect((await pass(mine.passId)).level.name).toBe('North')
    for (const said of [
      await campus.call('POST', '/passes', { studentId, levelId: id }),
      await campus.call('PATCH', `/access-levels/${id}`, { groups: [1] }),
      await campus.call('POST', '/access-level-defaults', { levelId: id }),
    ])
      expect([said.status, said.body.error.code]).toEqual([409, 'level_archived'])
    await level('north', [1])
    expect((await campus.call('POST', `/access-levels/${id}/restoration`)).body.error.code).toBe('name_taken')
  })

  test('bad input changes nothing', async () => {
    const { id } = await level('North', [0])
    const stranger = await openCampus(database, campus.cloud)
    const theirs = (await stranger.call('POST', '/access-levels', { name: 'Theirs', groups: [0] })).body.data.id
    const studentId = await campus.student('S-1')
    const refused: [string, string, object, number][] = [
      ['POST', '/access-levels', { name: 'NORTH', groups: [0] }, 409],
      ['POST', '/access-levels', { name: 'X', groups: [] }, 422],
      ['POST', '/access-levels', { name: 'X', groups: [30] }, 422],
      ['POST', '/access-levels', { name: 'X', groups: [0], profile: 9 }, 422],
      ['POST', '/access-levels', { name: 'X', groups: [0], class: 'king' }, 422],
      ['POST', '/access-levels', { name: 'X', groups: [0], passes: 3 }, 422],
      ['PATCH', `/access-levels/${theirs}`, { name: 'Mine' }, 404],
      ['PATCH', `/access-levels/${id}`, { groups: '0' }, 422],
      ['POST', '/access-level-defaults', { levelId: theirs }, 404],
      ['POST', '/access-level-defaults', { levelId: id, class: 'visitor' }, 422],
      ['POST', '/access-level-defaults', { levelId: id, departmentId: id }, 422],
      ['POST', '/passes', { studentId, levelId: theirs }, 422],
      ['POST', '/passes', { studentId, levelId: id, groups: [0] }, 422],
      ['POST', '/passes', { studentId, levelId: id, class: 'visitor' }, 422],
      ['POST', '/passes', { studentId, profile: 0 }, 422],
      ['POST', '/passes', { studentId }, 422],
    ]
    for (const [method, path, body, status] of refused)
      expect([path, body, (await campus.call(method, path, body)).status]).toEqual([path, body, status])
    expect((await campus.call('PATCH', `/access-levels/${id}`, { name: 'X' }, 2)).body.error.code).toBe(
      'changed_meanwhile',
    )
    expect((await campus.call('GET', '/access-levels')).body.data).toMatchObject([
      { id, name: 'North', version: 1, passes: 0 },
    ])
  })
})
