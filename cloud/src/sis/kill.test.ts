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
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestSchool } from '../testing/cloud.ts'
import { csv } from '../testing/import-fixture.ts'
import type { ImportProcessOptions } from '../testing/import-process.ts'
import { importStand } from '../testing/import-stand.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'
import { pupil } from './testing/school-roster.ts'

/** A deadline for processes that open a database each, and not a measurement. */
const PROCESS_MS_MAX = 180_000
const ROWS = 4_000
const LIST = csv(
  ...Array.from({ length: ROWS }, (_, at) => {
    const { number, given, family, email, department } = pupil(at)
    return `${number},${given},"${family}",${email},"${department}"`
  }),
)

type Place = { readonly databaseUrl: string | null; open(): Promise<Database> }

let child: ChildProcess | null = null
afterEach(() => void child?.kill('SIGKILL'))

/** Lets another process apply it, and kills that once it has told of its second batch. Answers how many rows it told of. */
async function killedApplying(options: ImportProcessOptions): Promise<number> {
  const process = fork(new URL('../testing/import-process.ts', import.meta.url), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child = process
  const ended = once(process, 'exit')
  const told = await new Promise<number>((resolve, reject) => {
    let batches = 0
    process.on('message', ({ done }: { done: number }) => ++batches === 2 && resolve(done))
    process.once('exit', code => reject(new Error(`the process ended with ${code}`)))
  })
  process.kill('SIGKILL')
  await ended
  return told
}

const counts = (database: Database, { schoolId }: TestSchool) =>
  inSchool(database.db, schoolId, async tx => {
    const students = await tx.selectFrom('students').select(['student_number', 'archived_at']).execute()
    const made = await tx.selectFrom('audit_log').select('subject_id').where('action', '=', 'student.create').execute()
    const rows = await tx.selectFrom('import_rows').select('outcome').execute()
    return {
      students: students.length,
      numbers: new Set(students.map(({ student_number }) => student_number)).size,
      archived: students.filter(({ archived_at }) => archived_at !== null).length,
      told: made.length,
      toldOnce: new Set(made.map(({ subject_id }) => subject_id)).size,
      rowsDone: rows.filter(({ outcome }) => outcome === 'done').length,
    }
  })

function killedInTheMiddle(placeIn: (folder: string) => Promise<Place>): void {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-import-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('an import goes on where it was: no row twice, none lost, and it can be undone', {
    timeout: PROCESS_MS_MAX,
  }, async () => {
    const place = await placeIn(folder)
    const first = await place.open()
    const firstCloud = await startCloud(first)
    const school = await enterTestSchool(first, firstCloud.vault)
    const before = await importStand(firstCloud, school)
    const { id } = await before.planned(LIST)
    await before[Symbol.asyncDispose]()
    // Asked for while nobody does jobs.
    const token = await firstCloud.signIn(school, 'school_admin')
    const asked = await firstCloud.call('POST', `/api/v1/imports/${id}/application`, { token, body: {} })
    expect(asked.status).toBe(202)
    await firstCloud[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()

    const told = await killedApplying({ dataFolder: folder, databaseUrl: place.databaseUrl })

    const database = await place.open()
    const cloud = await startCloud(database)
    const halfway = await counts(database, school)
    expect(halfway.students).toBeGreaterThanOrEqual(told)
    expect(halfway.students).toBeLessThan(ROWS)
    expect(halfway).toMatchObject({ told: halfway.students, rowsDone: halfway.students })
    const stand = await importStand(cloud, school)
    expect(await stand.find(id)).toMatchObject({ state: 'applying', progress: { done: halfway.students, total: ROWS } })

    // What the clock brings half a minute after the last sign of life.
    await database.asOwner(sql =>
      sql.run(`update pgboss.job set heartbeat_on = now() - interval '1 hour' where state = 'active';
        update pgboss.queue set monitor_on = null, monitor_claim_on = null`),
    )
    await cloud.jobs.queue.supervise()
    while ((await stand.find(id)).state === 'applying') await stand.work()
    expect(await stand.find(id)).toMatchObject({ state: 'applied', outcome: { made: ROWS, passedOver: 0 } })
    const whole = { students: ROWS, numbers: ROWS, told: ROWS, toldOnce: ROWS, rowsDone: ROWS }
    expect(await counts(database, school)).toEqual({ ...whole, archived: 0 })

    expect(await stand.step(id, 'POST', '/undo')).toMatchObject({ state: 'undone', undo: { archived: ROWS, kept: 0 } })
    expect(await counts(database, school)).toEqual({ ...whole, archived: ROWS })
    await stand[Symbol.asyncDispose]()
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
}

describe('kill -9 in the middle of applying on PGlite', () => {
  killedInTheMiddle(async folder => ({ databaseUrl: null, open: () => openPglite({ folder }) }))
})

needs('postgres')('kill -9 in the middle of applying on PostgreSQL', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())
  killedInTheMiddle(async () => {
    const urls = await createDatabase(server)
    return { databaseUrl: urls.url, open: () => openPostgres(urls) }
  })
})
