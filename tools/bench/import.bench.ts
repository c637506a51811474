import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Database } from '../../cloud/src/db/connect.ts'
import { openPglite } from '../../cloud/src/db/pglite.ts'
import { openPostgres } from '../../cloud/src/db/postgres.ts'
import { inSchool } from '../../cloud/src/db/school.ts'
import { guardedAsk } from '../../cloud/src/http/guarded-request.ts'
import { openLog } from '../../cloud/src/http/log.ts'
import { openJobs } from '../../cloud/src/jobs/jobs.ts'
import { openVault } from '../../cloud/src/keys/vault.ts'
import { createSchool } from '../../cloud/src/schools/schools.repo.ts'
import { fileOf, keepFile } from '../../cloud/src/sis/chunks.repo.ts'
import { distinctHeadings, suggestColumns } from '../../cloud/src/sis/headings.ts'
import { beginImport, changeImport, findImport, keepLook } from '../../cloud/src/sis/imports.repo.ts'
import { lookAtFile } from '../../cloud/src/sis/open-import.ts'
import { runApply, runUndo } from '../../cloud/src/sis/run-apply.ts'
import { runPlan } from '../../cloud/src/sis/run-plan.ts'
import { pupil } from '../../cloud/src/sis/testing/school-roster.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { find } from '../checks/programs.ts'
import { cpuMs } from './cpu-time.ts'
import { show } from './figures.ts'

const ROWS = Number(process.env.IMPORT_ROWS ?? 250_000)

/** A list of 250,000 students from upload to undone: rows a second of each step, and what memory it took. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const server = find('postgres') === null ? null : await startPostgres({ asInSchools: true })
  try {
    const database = server === null ? await openPglite({ folder }) : await openPostgres(await createDatabase(server))
    try {
      await measure(database, server?.pid ?? null)
    } finally {
      await database[Symbol.asyncDispose]()
    }
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(database: Database, serverPid: number | null): Promise<void> {
  const { db } = database
  const vault = openVault(Buffer.alloc(32, 1))
  const nowMs = () => Date.now()
  const jobs = await openJobs({ database, works: false, nowMs, log: openLog('silent') })
  const needs = { db, vault, jobs, ask: guardedAsk({ allowPrivate: false }), publicUrl: 'http://localhost', nowMs }
  const schoolId = randomUUID()
  const tenant = 'bench-school'
  const actor = () => ({ schoolId, userId: null, nowMs: nowMs() })
  const inBench = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(db, schoolId, work)
  await inBench(tx => createSchool(tx, vault, { schoolId, name: 'Bench', tenant, timeZone: 'Europe/Amsterdam' }))

  const begun = await inBench(tx => beginImport(tx, actor(), { kind: 'csv', name: 'students.csv', sourceId: null }))
  if (!begun.ok) throw new Error(begun.failure)
  const importId = begun.value
  const place = { db, vault, schoolId, tenant, importId }
  let memory = watchMemory()
  const job = {
    id: randomUUID(),
    schoolId,
    body: { importId, by: { userId: null, name: 'bench', role: null } },
    signal: new AbortController().signal,
    progress: async (done: number) => memory.at(done / ROWS),
  }
  const steps: { name: string; figures: string }[] = []
  const step = async (name: string, work: () => Promise<unknown>) => {
    memory = watchMemory()
    const startCpuMs = cpuMs(serverPid)
    const startMs = performance.now()
    await work()
    const seconds = (performance.now() - startMs - memory.spentMs()) / 1000
    const cpuSeconds = (cpuMs(serverPid) - startCpuMs - memory.spentMs()) / 1000
    steps.push({
      name: `${name} (${database.engine})`,
      figures: `${Math.round(ROWS / seconds)} rows/s, ${seconds.toFixed(1)} s, of which ${cpuSeconds.toFixed(1)} s worked (${Math.round(ROWS / cpuSeconds)} rows/s)${memory.said()}`,
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
  await turn('undoing')
  await step('undo', () => runUndo(needs, job))
  show(steps)
  console.log(`  resident at the end: ${Math.round(process.memoryUsage().rss / 1e6)} MB`)
  await jobs[Symbol.asyncDispose]()
}

function* lines(): Generator<string> {
  yield 'Student number,First name,Last name,Email,Department,Status,Date of birth,Phone\r\n'
  for (let at = 0; at < ROWS; at++) {
    const { number, given, family, email, department, birthDate, phone } = pupil(at)
    yield `${number},${given},"${family}",${email},"${department}",active,${birthDate},${phone}\r\n`
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What is held in the heap at each tenth of a step, after the garbage is gone; flat when they are alike. The time that takes is left out. */
function watchMemory() {
  const seen: number[] = []
  let spentMs = 0
  return {
    at(share: number) {
      if (share * 10 < seen.length + 1) return
      const beganMs = performance.now()
      collectGarbage()
      const { heapUsed, external } = process.memoryUsage()
      seen.push(Math.round((heapUsed + external) / 1e6))
      spentMs += performance.now() - beganMs
    },
    spentMs: () => spentMs,
    said: () => (seen.length === 0 ? '' : `; MB in use at each tenth: ${seen.join(' ')}`),
  }
}
