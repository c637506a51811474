import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type JobBench, jobBench } from '../testing/job-bench.ts'
import { Hopeless } from './handler.ts'

onBothEngines('jobs over HTTP', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let bench: JobBench
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
    bench = await jobBench(database, school.schoolId)
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, as = token) => cloud.call(method, `/api/v1${path}`, { token: as })
  const log = () =>
    inSchool(database.db, school.schoolId, tx =>
      tx
        .selectFrom('audit_log')
        .select(['action', 'subject_id'])
        .where('action', 'like', 'job.%')
        .orderBy('at')
        .execute(),
    )

  test('a job is listed, cancelled, and its end is in the log', async () => {
    const { id: madeBy } = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('users').select('id').where('role', '=', 'school_admin').executeTakeFirstOrThrow(),
    )
    const first = await bench.add({ title: 'First', madeBy })
    const second = await bench.add({ title: 'Second' })
    const all = await call('GET', '/jobs?limit=1')
    expect(all.body.metadata.pagination).toMatchObject({ total: 2, totalPages: 2, hasNext: true })
    expect(all.body.data[0]).toMatchObject({ id: second, title: 'Second', state: 'waiting', madeBy: null, tries: 0 })
    expect((await call('GET', `/jobs/${first}`)).body.data.madeBy).toEqual({ id: madeBy, name: 'school_admin' })

    const cancelled = await call('POST', `/jobs/${first}/cancel`)
    expect(cancelled.body.data).toMatchObject({ state: 'cancelled', cancelAsked: false })
    expect((await call('POST', `/jobs/${first}/cancel`)).body.error.code).toBe('already_over')
    expect((await call('POST', `/jobs/${second}/retry`)).body.error.code).toBe('not_failed')
    expect((await call('GET', '/jobs?state=cancelled')).body.data.map(({ id }: { id: string }) => id)).toEqual([first])
    expect((await call('GET', '/jobs?kind=invitations')).body.data).toEqual([])
    expect((await call('GET', '/jobs/summary')).body.data).toEqual({
      waiting: 1,
      running: 0,
      done: 0,
      failed: 0,
      cancelled: 1,
    })
    expect(await log()).toEqual([{ action: 'job.cancel', subject_id: first }])
  })

  test('a failed job says why, is done again, and can be put away', async () => {
    let broken = true
    const workers = await bench.work({
      mail: async () => {
        if (broken) throw new Hopeless('there is no such mailbox')
        return { sent: 1 }
      },
    })
    const [again, away] = [await bench.add(), await bench.add()]
    for (const id of [again, away]) await bench.until(id, ({ state }) => state === 'failed')
    expect((await call('GET', `/jobs/${again}`)).body.data).toMatchObject({
      error: 'there is no such mailbox',
      tries: 1,
    })
    expect((await call('POST', `/jobs/${away}/cancel`)).body.data).toMatchObject({ state: 'cancelled' })
    broken = false
    expect((await call('POST', `/jobs/${again}/retry`)).status).toBe(200)
    await bench.until(again, ({ state }) => state === 'done')
    expect((await call('GET', `/jobs/${again}`)).body.data).toMatchObject({ result: { sent: 1 }, error: null })
    await workers.stop()
  })

  test('another school’s job is not there, whatever is done with it', async () => {
    const theirs = await enterTestSchool(database, cloud.vault)
    const other = await cloud.signIn(theirs, 'school_admin')
    const id = await bench.add()
    for (const [method, path] of [
      ['GET', `/jobs/${id}`],
      ['POST', `/jobs/${id}/cancel`],
      ['POST', `/jobs/${id}/retry`],
      ['GET', `/jobs/${randomUUIDv7()}`],
    ] as const) {
      expect((await call(method, path, other)).status).toBe(404)
    }
    expect((await call('GET', '/jobs', other)).body.data).toEqual([])
    expect(await bench.find(id)).toMatchObject({ state: 'waiting' })
  })
})
