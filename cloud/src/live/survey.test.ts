import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { surveyGatehouse } from './survey.ts'

const LISTED_S = 1_790_000_000

onBothEngines('the survey of all schools', engine => {
  let database: Database
  let cloud: TestCloud
  const schools: TestSchool[] = []
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    for (let at = 0; at < 2; at++) schools.push(await enterTestSchool(database, cloud.vault))
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const gate = ({ schoolId }: TestSchool, shortName: string, enrolled: boolean, state: object | null) =>
    inSchool(database.db, schoolId, async tx => {
      const scope = 'north'
      await tx
        .insertInto('scopes')
        .values({ school_id: schoolId, scope, sealed_card_secret: 'sealed' })
        .onConflict(on => on.doNothing())
        .execute()
      const id = randomUUIDv7()
      await tx
        .insertInto('gates')
        .values({
          id,
          school_id: schoolId,
          short_name: shortName,
          name: shortName,
          scope,
          enrolled_at: enrolled ? new Date() : null,
        })
        .execute()
      if (state === null) return
      await tx
        .insertInto('gate_states')
        .values({ gate_id: id, school_id: schoolId, online: true, state: JSON.stringify(state) })
        .execute()
    })

  test('counts what all schools have, and names none', async () => {
    const survey = () => surveyGatehouse(database.db, cloud.clock.nowMs)
    expect(await survey()).toEqual({
      gatesEnrolled: 0,
      gatesOnline: 0,
      oldestListAtMs: null,
      activeUsers: { super_admin: 0, school_admin: 0, staff: 0, security: 0, facilities: 0, student: 0 },
    })
    const [one, two] = schools as [TestSchool, TestSchool]
    await gate(one, 'a', true, { online: true, listIssuedAtS: LISTED_S + 60 })
    await gate(one, 'b', true, null)
    await gate(two, 'c', true, { online: true, listIssuedAtS: LISTED_S })
    await gate(two, 'd', false, null)
    await cloud.signIn(one, 'security')
    await cloud.signIn(one, 'security')
    await cloud.signIn(two, 'security')
    await cloud.signIn(two, 'student')

    const found = await survey()
    expect(found).toMatchObject({ gatesEnrolled: 3, gatesOnline: 2, oldestListAtMs: LISTED_S * 1000 })
    expect(found.activeUsers).toMatchObject({ security: 2, student: 1, staff: 0 })
    const later = await surveyGatehouse(database.db, cloud.clock.nowMs + 21 * 60_000)
    expect(later.activeUsers).toMatchObject({ security: 0, student: 0 })
  })
})
