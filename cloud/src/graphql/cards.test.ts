import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { ask, codesOf, enterPupils } from '../testing/graphql-stand.ts'

onBothEngines('cards and what was done to a pass', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let staff: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    staff = await cloud.signIn(school, 'staff')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const passOf = async () => {
    const [studentId] = await enterPupils(database, cloud, school, 1)
    const query = 'query ($id: ID) { passes(filters: { studentId: $id }) { data { id } } }'
    const said = await ask(cloud, staff, query, { id: studentId })
    return { id: said.data.passes.data[0].id as string, studentId: studentId! }
  }
  const CREDENTIALS = 'credentials { id technology bitCount ending }'
  const ADD = `mutation ($id: ID!, $card: CardInput!) { addCredential(id: $id, card: $card) { ${CREDENTIALS} } }`
  const REMOVE = `mutation ($id: ID!, $credentialId: ID!) { removeCredential(id: $id, credentialId: $credentialId) { ${CREDENTIALS} } }`
  const LOST = `mutation ($id: ID!, $note: String!, $credentialId: ID, $card: CardInput, $printed: Boolean) {
    replaceLost(id: $id, note: $note, credentialId: $credentialId, card: $card, printed: $printed) { status ${CREDENTIALS} } }`
  const card = (end: string) => ({ technology: 'em4100', bits: `0100${end}` })

  test('a card is added, found to be taken, replaced when it is lost, and taken off', async () => {
    const [{ id }, { id: other }] = [await passOf(), await passOf()]
    const [added] = (await ask(cloud, staff, ADD, { id, card: card('0734E0') })).data.addCredential.credentials
    expect(added).toEqual({ id: expect.any(String), technology: 'em4100', bitCount: 40, ending: '4E0' })
    expect(codesOf(await ask(cloud, staff, ADD, { id: other, card: card('0734E0') }))).toEqual(['card_taken'])
    expect(codesOf(await ask(cloud, staff, ADD, { id, card: card('07') }))).toEqual(['validation_failed'])
    expect(codesOf(await ask(cloud, staff, ADD, { id, card: { ...card('0734E0'), technology: 'x' } }))).toEqual([
      'validation_failed',
    ])

    const lost = (more: object) => ask(cloud, staff, LOST, { id, note: 'left on a bus', ...more })
    expect(codesOf(await lost({}))).toEqual(['validation_failed'])
    expect(codesOf(await lost({ credentialId: randomUUIDv7() }))).toEqual(['not_found'])
    const replaced = (await lost({ credentialId: added.id, card: card('0734E1'), printed: true })).data.replaceLost
    expect(replaced).toMatchObject({ status: 'active', credentials: [{ ending: '4E1' }] })
    expect(await generationOf(id)).toBe(1)
    expect((await ask(cloud, staff, ADD, { id: other, card: card('0734E0') })).errors).toBeUndefined()

    const remove = (credentialId: string) => ask(cloud, staff, REMOVE, { id, credentialId })
    expect(codesOf(await remove(added.id))).toEqual(['not_found'])
    expect(codesOf(await remove('none'))).toEqual(['not_found'])
    expect((await remove(replaced.credentials[0].id)).data.removeCredential.credentials).toEqual([])
  })
  const generationOf = (passId: string) =>
    inSchool(database.db, school.schoolId, async tx => {
      const pass = tx.selectFrom('passes').select('generation').where('pass_id', '=', passId)
      return (await pass.executeTakeFirstOrThrow()).generation
    })

  test('the history says what was done, by whom and why, and not who looked', async () => {
    const { id, studentId } = await passOf()
    const admin = await cloud.signIn(school, 'school_admin')
    await ask(cloud, admin, 'mutation ($id: ID!) { suspendPass(id: $id, note: "lost for now") { id } }', { id })
    await ask(cloud, admin, 'mutation ($id: ID!) { resumePass(id: $id) { id } }', { id })
    const HISTORY = 'at action by { name role kind } changes { field before after } note'
    const query = `query ($id: ID!) { pass(id: $id) { history { ${HISTORY} } last: history(limit: 1) { action } } }`
    const { history, last } = (await ask(cloud, staff, query, { id })).data.pass
    expect(history.map(({ action }: { action: string }) => action)).toEqual([
      'pass.resume',
      'pass.suspend',
      'pass.create',
    ])
    expect(last).toEqual([{ action: 'pass.resume' }])
    expect(history[1]).toMatchObject({
      by: { role: 'school_admin', kind: 'user', name: expect.any(String) },
      changes: [{ field: 'status', before: 'active', after: 'suspended' }],
      note: 'lost for now',
    })
    const created = history[2].changes.find(({ field }: { field: string }) => field === 'groups')
    expect(created).toEqual({ field: 'groups', before: null, after: '[3]' })
    const rest = await cloud.call('GET', `/api/v1/passes/${id}/history`, { token: staff })
    expect(rest.body.data.map(({ at }: { at: string }) => at)).toEqual(history.map(({ at }: { at: string }) => at))
    const looks = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('audit_log').select('student_ids').where('action', '=', 'pass.history').orderBy('at').execute(),
    )
    expect(looks[0]!.student_ids).toEqual([studentId])
  })
})
