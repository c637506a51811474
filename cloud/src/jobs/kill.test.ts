import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import type { Database } from '../db/connect.ts'
import { openPglite } from '../db/pglite.ts'
import { openPostgres } from '../db/postgres.ts'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { jobBench } from '../testing/job-bench.ts'
import type { JobProcessOptions } from '../testing/job-process.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'
import { KINDS } from './kinds.ts'

/** A deadline for processes that open a database each, and not a measurement. */
const PROCESS_MS_MAX = 120_000

type Worker = {
  readonly child: ChildProcess
  /** Answers when the process has begun so many jobs in all: their ids. */
  begun(count: number): Promise<string[]>
}

const children: ChildProcess[] = []

function startWorker(options: JobProcessOptions): Worker {
  const child = fork(new URL('../testing/job-process.ts', import.meta.url), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.push(child)
  const ids: string[] = []
  let told = () => {}
  child.on('message', ({ begun }: { begun?: string }) => {
    if (begun !== undefined) ids.push(begun)
    told()
  })
  return {
    child,
    begun: count =>
      new Promise((resolve, reject) => {
        child.once('exit', code => reject(new Error(`the process ended with ${code}`)))
        told = () => ids.length >= count && resolve([...ids])
        told()
      }),
  }
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await kill(child)
})

/** What the clock brings half a minute after the last sign of life. */
const letSilencePass = (database: Database) =>
  database.asOwner(sql =>
    sql.run(`update pgboss.job set heartbeat_on = now() - interval '1 hour' where state = 'active';
      update pgboss.queue set monitor_on = null, monitor_claim_on = null`),
  )

type Place = { readonly databaseUrl: string | null; open(): Promise<Database> }

function killedInTheMiddle(placeIn: (folder: string) => Promise<Place>): void {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-jobs-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('a job whose process is killed is done by the next one', { timeout: PROCESS_MS_MAX }, async () => {
    const place = await placeIn(folder)
    const first = await place.open()
    const { schoolId } = await enterTestSchool(first, openVault(Buffer.alloc(32, 1)))
    const before = await jobBench(first, schoolId, { works: false })
    const jobId = await before.add()
    await before[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()

    const worker = startWorker({ dataFolder: folder, databaseUrl: place.databaseUrl, hang: true })
    expect(await worker.begun(1)).toEqual([jobId])
    await kill(worker.child)

    const database = await place.open()
    const bench = await jobBench(database, schoolId)
    expect(await bench.find(jobId)).toMatchObject({ state: 'running', tries: 1 })
    const workers = await bench.work({ mail: async () => ({ by: 'the next' }) })
    await workers.now()
    expect(await bench.find(jobId)).toMatchObject({ state: 'running', tries: 1 })
    await letSilencePass(database)
    await bench.jobs.queue.supervise()
    await workers.now()
    expect(await bench.until(jobId, ({ state }) => state === 'done')).toMatchObject({
      tries: 2,
      result: { by: 'the next' },
    })
    await bench[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
}

describe('kill -9 of a process with jobs on PGlite', () => {
  killedInTheMiddle(async folder => ({ databaseUrl: null, open: () => openPglite({ folder }) }))
})

needs('postgres')('kill -9 of a process with jobs on PostgreSQL', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())
  const place = async (): Promise<Place> => {
    const urls = await createDatabase(server)
    return { databaseUrl: urls.url, open: () => openPostgres(urls) }
  }
  killedInTheMiddle(place)

  test('two processes share the jobs, and one takes over from the other', { timeout: PROCESS_MS_MAX }, async () => {
    const { databaseUrl, open } = await place()
    const database = await open()
    const { schoolId } = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
    const bench = await jobBench(database, schoolId)
    const [atOnce, more] = [KINDS.mail.atOnce, 5]
    const ids: string[] = []
    for (let i = 0; i < atOnce + more; i++) ids.push(await bench.add())

    const hanging = startWorker({ dataFolder: '/nowhere', databaseUrl, hang: true })
    const held = await hanging.begun(atOnce)
    const other = startWorker({ dataFolder: '/nowhere', databaseUrl, hang: false })
    const done = await other.begun(more)
    expect([...held, ...done].toSorted()).toEqual(ids.toSorted())

    await kill(hanging.child)
    await letSilencePass(database)
    await bench.jobs.queue.supervise()
    expect((await other.begun(ids.length)).toSorted()).toEqual(ids.toSorted())
    for (const id of ids) {
      const row = await bench.until(id, ({ state }) => state === 'done')
      expect(row).toMatchObject({ tries: held.includes(id) ? 2 : 1, result: { pid: other.child.pid } })
    }
    await bench[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
})
