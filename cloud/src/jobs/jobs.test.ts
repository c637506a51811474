import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type JobBench, jobBench } from '../testing/job-bench.ts'
import { Hopeless } from './handler.ts'
import { countJobs, forgetJobs } from './jobs.repo.ts'
import { KINDS } from './kinds.ts'

onBothEngines('jobs', engine => {
  let database: Database
  let school: TestSchool
  let bench: JobBench
  beforeAll(async () => {
    database = await engine.fresh()
    school = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
  })
  afterAll(() => database[Symbol.asyncDispose]())
  beforeEach(async () => {
    bench = await jobBench(database, school.schoolId)
  })
  afterEach(async () => {
    await bench[Symbol.asyncDispose]()
    await inSchool(database.db, school.schoolId, tx => tx.deleteFrom('jobs').execute())
    await database.asOwner(sql => sql.run('delete from pgboss.job'))
  })

  /** A handler that waits to be let go, or for its signal. */
  const gate = () => {
    let open = () => {}
    const opened = new Promise<void>(resolve => {
      open = resolve
    })
    return {
      open,
      pass: (signal: AbortSignal) =>
        Promise.race([
          opened,
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ]),
    }
  }

  test('a job is done with what it was told, and its result is kept', async () => {
    const mailId = randomUUID()
    const jobId = await bench.add({ body: { mailId }, title: 'Say hello' })
    expect(await bench.find(jobId)).toMatchObject({ state: 'waiting', tries: 0, title: 'Say hello' })
    await bench.work({ mail: async ({ body, schoolId }) => ({ told: body.mailId, schoolId }) })
    const row = await bench.until(jobId, ({ state }) => state === 'done')
    expect(row).toMatchObject({ result: { told: mailId, schoolId: school.schoolId }, tries: 1, error: null })
    expect(row.ended_at).not.toBe(null)
  })

  test('what was rolled back was never asked for', async () => {
    const done: string[] = []
    const workers = await bench.work({
      mail: async ({ id }) => {
        done.push(id)
      },
    })
    await expect(
      inSchool(database.db, school.schoolId, async tx => {
        const job = { kind: 'mail', schoolId: school.schoolId, body: { mailId: randomUUID() }, title: 'No' } as const
        await bench.jobs.add(tx, job)
        throw new Error('changed our mind')
      }),
    ).rejects.toThrow('changed our mind')
    const kept = await bench.add()
    await bench.until(kept, ({ state }) => state === 'done')
    await workers.now()
    expect(done).toEqual([kept])
  })

  test('a body that is not the kind’s is refused before anything is written', async () => {
    await expect(bench.add({ body: { mailId: 'x' } })).rejects.toThrow()
    expect(await inSchool(database.db, school.schoolId, tx => tx.selectFrom('jobs').selectAll().execute())).toEqual([])
  })

  test('what fails is tried again, and the words of the failure are there meanwhile', async () => {
    let tries = 0
    const jobId = await bench.add()
    await bench.work({
      mail: async () => {
        if (++tries < 3) throw new Error(`no answer, ${tries}`)
        return { tries }
      },
    })
    const row = await bench.until(jobId, ({ state }) => state === 'done')
    expect(row).toMatchObject({ tries: 3, result: { tries: 3 }, error: null })
  })

  test('after its tries a job is dead: told once, and done again from the start when a person says so', async () => {
    await bench[Symbol.asyncDispose]()
    bench = await jobBench(database, school.schoolId, { kinds: { mail: { ...KINDS.mail, tries: 2 } } })
    const dead: string[] = []
    let broken = true
    const jobId = await bench.add()
    await bench.work(
      {
        mail: async () => {
          if (broken) throw new Error('the far side is gone')
        },
      },
      { onDead: async (_tx, { id }) => void dead.push(id) },
    )
    const row = await bench.until(jobId, ({ state }) => state === 'failed')
    expect(row).toMatchObject({ tries: 2, error: 'the far side is gone' })
    expect(dead).toEqual([jobId])
    expect(await countJobs(database.db)).toEqual([{ kind: 'mail', state: 'failed', count: 1 }])

    broken = false
    const again = await inSchool(database.db, school.schoolId, tx => bench.jobs.retry(tx, bench.actor, jobId))
    expect(again.ok).toBe(true)
    expect(await bench.until(jobId, ({ state }) => state === 'done')).toMatchObject({ tries: 1 })
  })

  test('what is hopeless is not tried again', async () => {
    const jobId = await bench.add()
    await bench.work({
      mail: async () => {
        throw new Hopeless('there is no such mailbox')
      },
    })
    expect(await bench.until(jobId, ({ state }) => state === 'failed')).toMatchObject({
      tries: 1,
      error: 'there is no such mailbox',
    })
  })

  test('a kind that is tried for hours gives up when they are over', async () => {
    const jobId = await bench.add()
    await inSchool(database.db, school.schoolId, tx =>
      tx
        .updateTable('jobs')
        .set({ give_up_at: new Date(Date.now() - 1) })
        .execute(),
    )
    await bench.work({
      mail: async () => {
        throw new Error('greylisted')
      },
    })
    expect(await bench.until(jobId, ({ state }) => state === 'failed')).toMatchObject({ tries: 1, error: 'greylisted' })
  })

  test('progress is seen while it runs', async () => {
    const go = gate()
    const jobId = await bench.add()
    await bench.work({
      mail: async ({ progress, signal }) => {
        await progress(40, 100, 'row 40')
        await go.pass(signal)
        await progress(100, 100)
      },
    })
    const row = await bench.until(jobId, ({ done }) => done === '40')
    expect(row).toMatchObject({ state: 'running', total: '100', words: 'row 40' })
    go.open()
    expect(await bench.until(jobId, ({ state }) => state === 'done')).toMatchObject({ done: '100', words: 'row 40' })
  })

  test('a waiting job that is cancelled is never begun', async () => {
    const jobId = await bench.add()
    await inSchool(database.db, school.schoolId, tx => bench.jobs.cancel(tx, bench.actor, jobId))
    expect(await bench.find(jobId)).toMatchObject({ state: 'cancelled', tries: 0 })
    const begun: string[] = []
    await bench.work({
      mail: async ({ id }) => {
        begun.push(id)
      },
    })
    const other = await bench.add()
    await bench.until(other, ({ state }) => state === 'done')
    expect(begun).toEqual([other])
    const twice = await inSchool(database.db, school.schoolId, tx => bench.jobs.cancel(tx, bench.actor, jobId))
    expect(twice).toEqual({ ok: false, failure: 'already_over' })
  })

  test('a running job that is cancelled hears it at once', async () => {
    const go = gate()
    const jobId = await bench.add()
    await bench.work({ mail: ({ signal }) => go.pass(signal) as Promise<void> })
    await bench.until(jobId, ({ state }) => state === 'running')
    const asked = await inSchool(database.db, school.schoolId, tx => bench.jobs.cancel(tx, bench.actor, jobId))
    expect(asked).toEqual({ ok: true, value: 'asked' })
    expect(await bench.until(jobId, ({ state }) => state !== 'running')).toMatchObject({
      state: 'cancelled',
      error: null,
    })
  })

  test('no more run at once than the kind says, and each of them gets its turn', async () => {
    await bench[Symbol.asyncDispose]()
    bench = await jobBench(database, school.schoolId, { kinds: { mail: { ...KINDS.mail, atOnce: 3 } } })
    const ids: string[] = []
    for (let i = 0; i < 12; i++) ids.push(await bench.add())
    const full = gate()
    let [running, most] = [0, 0]
    const workers = await bench.work({
      async mail({ signal }) {
        most = Math.max(most, ++running)
        if (running === 3) full.open()
        await full.pass(signal)
        running--
      },
    })
    await workers.now()
    for (const id of ids) await bench.until(id, ({ state }) => state === 'done')
    expect(most).toBe(3)
  })

  test('of jobs with one key one runs at a time; others pass them by', async () => {
    const go = gate()
    const log: string[] = []
    const first = await bench.add({ key: 'one', title: 'first' })
    const second = await bench.add({ key: 'one', title: 'second' })
    const other = await bench.add({ title: 'other' })
    await bench.work({
      async mail({ id, signal }) {
        log.push(`begin ${id}`)
        if (id === first) await go.pass(signal)
        log.push(`end ${id}`)
      },
    })
    await bench.until(other, ({ state }) => state === 'done')
    expect(log).not.toContain(`begin ${second}`)
    go.open()
    await bench.until(second, ({ state }) => state === 'done')
    expect(log.indexOf(`end ${first}`)).toBeLessThan(log.indexOf(`begin ${second}`))
  })

  test('a delayed job waits for its time', async () => {
    const later = await bench.add({ startAfterMs: 3_600_000 })
    const now = await bench.add()
    const workers = await bench.work({ mail: async () => {} })
    await bench.until(now, ({ state }) => state === 'done')
    await workers.now()
    const row = await bench.find(later)
    expect(row).toMatchObject({ state: 'waiting', tries: 0 })
    expect(row.run_after.getTime() - row.made_at.getTime()).toBe(3_600_000)
    // Its time comes.
    await database.asOwner(sql => sql.rows('update pgboss.job set start_after = now() where id = $1', [later]))
    await workers.now()
    expect(await bench.until(later, ({ state }) => state === 'done')).toMatchObject({ tries: 1 })
  })

  test('a service that stops hands back what does not end, and another does it', async () => {
    const go = gate()
    const jobId = await bench.add()
    const workers = await bench.work({ mail: ({ signal }) => go.pass(signal) as Promise<void> })
    await bench.until(jobId, ({ state }) => state === 'running')
    await workers.stop()
    expect(await bench.find(jobId)).toMatchObject({ state: 'waiting', tries: 0, error: null })
    await bench.work({ mail: async () => ({ by: 'the other' }) })
    expect(await bench.until(jobId, ({ state }) => state === 'done')).toMatchObject({ result: { by: 'the other' } })
  })

  test('a schedule makes jobs by itself', async () => {
    const mailId = randomUUID()
    await bench.jobs.repeat({
      kind: 'mail',
      key: 'every-minute',
      cron: '* * * * *',
      timeZone: 'Europe/Amsterdam',
      schoolId: school.schoolId,
      body: { mailId },
      title: 'By the clock',
    })
    const kept = await database.asOwner(sql => sql.rows('select name, key, cron, timezone from pgboss.schedule'))
    expect(kept).toEqual([{ name: 'mail', key: 'every-minute', cron: '* * * * *', timezone: 'Europe/Amsterdam' }])
    // What the clock puts in the queue brings what to make of it.
    const id = randomUUID()
    await inSchool(database.db, school.schoolId, tx =>
      bench.jobs.queue.put(tx, 'mail', id, {
        queued: { schoolId: school.schoolId, make: { title: 'By the clock', body: { mailId } } },
        delayMs: 0,
        key: null,
      }),
    )
    const workers = await bench.work({ mail: async ({ body }) => body })
    await workers.now()
    expect(await bench.until(id, ({ state }) => state === 'done')).toMatchObject({
      title: 'By the clock',
      result: { mailId },
    })
    await bench.jobs.repeatNoMore('mail', 'every-minute')
    expect(await database.asOwner(sql => sql.rows('select name from pgboss.schedule'))).toEqual([])
  })

  test('what is done goes after a week, what failed stays', async () => {
    const done = await bench.add()
    const failed = await bench.add()
    await bench.work({
      mail: async ({ id }) => {
        if (id === failed) throw new Hopeless('no')
      },
    })
    await bench.until(done, ({ state }) => state === 'done')
    await bench.until(failed, ({ state }) => state === 'failed')
    const forget = (days: number) =>
      inSchool(database.db, school.schoolId, tx => forgetJobs(tx, Date.now() + days * 86_400_000))
    expect(await forget(6.9)).toBe(0)
    expect(await forget(7.1)).toBe(1)
    expect(await bench.find(failed)).toMatchObject({ state: 'failed' })
  })

  test('the queue’s schema is the one this pg-boss expects', async () => {
    expect(await bench.jobs.queue.drift()).toBe(null)
  })
})
