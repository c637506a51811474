import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { ANSWER_KEPT_MS, answeredOnce, BEGUN_MS_MAX } from './idempotency.ts'

onBothEngines('an Idempotency-Key', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let numbers = 0
  const student = () => ({ studentNumber: `IDEM-${++numbers}`, firstName: 'Ada', lastName: 'Lovelace' })
  const enter = (key: string, body: object, by = token) =>
    cloud.call('POST', '/api/v1/students', { token: by, body, headers: { 'idempotency-key': key } })
  const howMany = async (studentNumber: string) =>
    (
      await inSchool(database.db, school.schoolId, tx =>
        tx.selectFrom('students').select('id').where('student_number', '=', studentNumber).execute(),
      )
    ).length
  const rowOf = (key: string) =>
    inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('answers_given').selectAll().where('key', '=', key).executeTakeFirst(),
    )

  test('the same request again is answered as before, and does nothing', async () => {
    const [key, body] = [randomUUID(), student()]
    const first = await enter(key, body)
    const again = await enter(key, body)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.body.data).toEqual(first.body.data)
    expect(await howMany(body.studentNumber)).toBe(1)
  })

  test('without a key it is another request', async () => {
    const body = student()
    const call = () => cloud.call('POST', '/api/v1/students', { token, body })
    expect([(await call()).status, (await call()).status]).toEqual([201, 409])
  })

  test('a refusal is told again too', async () => {
    const [taken, key] = [student(), randomUUID()]
    await enter(randomUUID(), taken)
    expect((await enter(key, taken)).body.error.code).toBe('number_taken')
    const { id } = (await cloud.call('GET', `/api/v1/students?search=${taken.studentNumber}`, { token })).body.data[0]
    await cloud.call('DELETE', `/api/v1/students/${id}`, { token })
    expect((await enter(key, taken)).body.error.code).toBe('number_taken')
  })

  test('another body, or another path, with the same key is refused', async () => {
    const key = randomUUID()
    await enter(key, student())
    const other = await enter(key, student())
    expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_key_used'])
    expect(await howMany(`IDEM-${numbers}`)).toBe(0)
  })

  test('keys of two people are two keys', async () => {
    const [key, body] = [randomUUID(), student()]
    await enter(key, body)
    const other = await enterTestSchool(database, cloud.vault)
    expect((await enter(key, student(), await cloud.signIn(other, 'school_admin'))).status).toBe(201)
  })

  test('of ten at the same moment one does it', async () => {
    const [key, body] = [randomUUID(), student()]
    const all = await Promise.all(Array.from({ length: 10 }, () => enter(key, body)))
    expect(all.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1)
    for (const { status, body: said } of all) if (status !== 201) expect(said.error.code).toBe('in_progress')
    expect(await howMany(body.studentNumber)).toBe(1)
    expect((await enter(key, body)).status).toBe(201)
  })

  test('who was cut off between commit and answer is told that it was done, and it is not done twice', async () => {
    const [key, body] = [randomUUID(), student()]
    await enter(key, body)
    // What a process that was killed there leaves behind.
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('answers_given').set({ status: null, body: null }).where('key', '=', key).execute(),
    )
    expect((await rowOf(key))?.committed).toBe(true)
    expect((await enter(key, body)).body.error.code).toBe('in_progress')
    cloud.clock.nowMs += BEGUN_MS_MAX + 1
    const again = await enter(key, body)
    expect([again.status, again.body.error.code]).toEqual([409, 'done_before'])
    expect(await howMany(body.studentNumber)).toBe(1)
  })

  const once = () => answeredOnce({ db: database.db, nowMs: () => cloud.clock.nowMs })
  const asked = (key: string) => {
    const req = {
      get: (name: string) => (name === 'idempotency-key' ? key : undefined),
      params: {},
      query: {},
      body: {},
    }
    const route = { method: 'post', path: '/x', can: 'signed-in', summary: '', data: undefined }
    return { route, req, userId: '019aa000-0000-7000-8000-000000000009', schoolId: school.schoolId } as never
  }
  const group = (number: number) => ({ school_id: school.schoolId, number, name: 'x' })

  test('who was cut off before anything was written may try again after a minute', async () => {
    const key = randomUUID()
    void once()(asked(key), () => new Promise<never>(() => {}))
    await expect.poll(() => rowOf(key)).toBeDefined()
    const done = () => once()(asked(key), async () => ({ data: 'done' }))
    expect(await done()).toMatchObject({ problem: { code: 'in_progress' } })
    cloud.clock.nowMs += BEGUN_MS_MAX + 1
    expect(await done()).toEqual({ data: 'done' })
  })

  test('the mark is there exactly where the work is', async () => {
    const [undone, done] = [randomUUID(), randomUUID()]
    const fails = (key: string, after: boolean) =>
      once()(asked(key), async () => {
        await inSchool(database.db, school.schoolId, async tx => {
          await tx
            .insertInto('groups')
            .values(group(after ? 21 : 22))
            .execute()
          if (!after) throw new Error('cut off')
        })
        throw new Error('cut off')
      })
    await expect(fails(undone, false)).rejects.toThrow('cut off')
    expect(await rowOf(undone)).toBe(undefined)
    await expect(fails(done, true)).rejects.toThrow('cut off')
    expect((await rowOf(done))?.committed).toBe(true)
  })

  test('an answer with a secret is never kept', async () => {
    const key = randomUUID()
    const call = () =>
      cloud.call('POST', '/api/v1/auth/access-keys', {
        token,
        body: { name: 'Feed', scopes: ['feed:read'], days: 30 },
        headers: { 'idempotency-key': key },
      })
    const made = await call()
    expect(made.status).toBe(201)
    expect(JSON.stringify(await rowOf(key))).not.toContain(made.body.data.key)
    expect((await call()).body.error.code).toBe('done_before')
  })

  test('after a day the key is free, and a malformed one is told', async () => {
    const [key, body] = [randomUUID(), student()]
    await enter(key, body)
    cloud.clock.nowMs += ANSWER_KEPT_MS + 1
    const later = await cloud.signIn(school, 'school_admin')
    expect((await enter(key, body, later)).body.error.code).toBe('number_taken')
    expect((await enter('with blank', body, later)).body.error.code).toBe('malformed_idempotency_key')
  })
})
