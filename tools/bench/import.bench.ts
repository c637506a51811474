import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setInterval } from 'node:timers'
import type { Database } from '../../cloud/src/db/connect.ts'
import { openPglite } from '../../cloud/src/db/pglite.ts'
import { openPostgres } from '../../cloud/src/db/postgres.ts'
import { inSchool } from '../../cloud/src/db/school.ts'
import { openLog } from '../../cloud/src/http/log.ts'
import { openJobs } from '../../cloud/src/jobs/jobs.ts'
import { openVault } from '../../cloud/src/keys/vault.ts'
import { createSchool } from '../../cloud/src/schools/schools.repo.ts'
import { fileOf, keepFile } from '../../cloud/src/sis/chunks.repo.ts'
import { distinctHeadings, suggestColumns } from '../../cloud/src/sis/headings.ts'
import { beginImport, changeImport, findImport, keepLook } from '../../cloud/src/sis/imports.repo.ts'
import { guardedAsk } from '../../cloud/src/sis/oneroster/guarded-request.ts'
import { lookAtFile } from '../../cloud/src/sis/open-import.ts'
import { runApply, runPlan } from '../../cloud/src/sis/run-import.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { find } from '../checks/programs.ts'
import { show } from './figures.ts'

const ROWS = Number(process.env.IMPORT_ROWS ?? 250_000)

/** A list of 250,000 students from upload to undone: rows a second of each step, and what memory it took. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const server = find('postgres') === null ? null : await startPostgres()
  try {
    const database = server === null ? await openPglite({ folder }) : await openPostgres(await createDatabase(server))
    try {
      await measure(database)
    } finally {
      await database[Symbol.asyncDispose]()
    }
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(database: Database): Promise<void> {
  const { db } = database
  const vault = openVault(Buffer.alloc(32, 1))
  const nowMs = () => Date.now()
  const jobs = await openJobs({ database, works: false, nowMs, log: openLog('silent') })
  const needs = { db, vault, jobs, ask: guardedAsk({ allowPrivate: false }), nowMs }
  const schoolId = randomUUID()
  const tenant = 'bench-school'
  const actor = () => ({ schoolId, userId: null, nowMs: nowMs() })
  const inBench = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(db, schoolId, work)
  await inBench(tx => createSchool(tx, vault, { schoolId, name: 'Bench', tenant, timeZone: 'Europe/Amsterdam' }))

  const begun = await inBench(tx => beginImport(tx, actor(), { kind: 'csv', name: 'students.csv', sourceId: null }))
  if (!begun.ok) throw new Error(begun.failure)
  const importId = begun.value
  const place = { db, vault, schoolId, tenant, importId }
  const job = {
    id: randomUUID(),
    schoolId,
    body: { importId, by: { userId: null, name: 'bench', role: null } },
    signal: new AbortController().signal,
    progress: async () => {},
  }
  const steps: { name: string; figures: string }[] = []
  const step = async (name: string, work: () => Promise<unknown>) => {
    const watch = watchMemory()
    const startMs = performance.now()
    await work()
    const seconds = (performance.now() - startMs) / 1000
    const { firstHalf, secondHalf } = watch.stop()
    const memory = `memory at most ${firstHalf} MB in the first half, ${secondHalf} MB in the second`
    steps.push({
      name: `${name} (${database.engine})`,
      figures: `${Math.round(ROWS / seconds)} rows/s, ${seconds.toFixed(1)} s; ${memory}`,
    })
  }
  const turn = (state: 'planning' | 'applying' | 'undoing') => inBench(tx => changeImport(tx, importId, { state }))

  await step('upload and look', async () => {
    const bytes = await keepFile(place, Readable.from(lines(), { objectMode: false }))
    const { kind, written, headings: told } = await lookAtFile(fileOf(place))
    const headings = distinctHeadings(told)
    const mapping = {
      columns: suggestColumns(headings),
      statuses: {},
      dateOrder: 'ymd',
      emptyCells: 'leave',
      absent: 'leave',
    } as const
    await inBench(tx => keepLook(tx, actor(), importId, { kind, bytes, written, headings, mapping }))
  })
  await turn('planning')
  await step('dry run', () => runPlan(needs, job))
  await turn('applying')
  await step('apply', () => runApply(needs, job))
  const row = (await inBench(tx => findImport(tx, importId)))!
  if (row.outcome?.made !== ROWS) throw new Error(`not all were made: ${JSON.stringify(row)}`)
  show(steps)
  await jobs[Symbol.asyncDispose]()
}

function* lines(): Generator<string> {
  yield 'Student number,First name,Last name,Email,Department,Status,Date of birth,Phone\r\n'
  for (let at = 0; at < ROWS; at++) {
    yield `B-${1_000_000 + at},Zoë,"van der Ångström, ${at}",s${at}@bench.example,Department ${at % 20},active,200${at % 10}-05-17,+316${10_000_000 + at}\r\n`
  }
}

/** The most that was resident in each half of a step: flat when they are alike. */
function watchMemory() {
  const seen: number[] = []
  const timer = setInterval(() => seen.push(Math.round(process.memoryUsage().rss / 1e6)), 100)
  return {
    stop() {
      clearInterval(timer)
      const half = Math.ceil(seen.length / 2)
      return { firstHalf: Math.max(0, ...seen.slice(0, half)), secondHalf: Math.max(0, ...seen.slice(half)) }
    },
  }
}
