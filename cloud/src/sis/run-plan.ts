import { audit } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'
import { DEPARTMENTS_MAX, departmentsByName } from '../departments/departments.repo.ts'
import { NoSuchColumn, rowReader } from './entry.ts'
import { distinctHeadings } from './headings.ts'
import { changeImport, forgetRows, holdImport } from './imports.repo.ts'
import { SourceFailed } from './oneroster/rest-client.ts'
import { withSheet } from './open-import.ts'
import { BATCH_ROWS, planSome } from './plan.ts'
import { isHeld, sumUp } from './plan-sum.ts'
import { type AcademicSession, UnreadableFile } from './read/rows.ts'
import { overAllRows, refuseTwice, stageAbsent, stageRows } from './rows.repo.ts'
import { begin, beginStep, type ImportJob, type Run, type StepNeeds } from './run-import.ts'
import { planTerms, termsOf } from './session-terms.ts'

/** The dry run: reads the file into rows, decides each, and sums up. Begun again, it goes on with the rows it has. */
export async function runPlan(needs: StepNeeds, job: ImportJob): Promise<object> {
  const run = await begin(needs, job, 'planning')
  if (run === null) return {}
  let sessions: AcademicSession[]
  try {
    if (run.row.total === null) await stage(run)
    await decideAll(run)
    sessions = await withSheet(run, run.row, run.place, job.signal, async sheet => (await sheet.sessions?.()) ?? [])
  } catch (problem) {
    if (!isTheFiles(problem)) throw problem
    await run.inTx(tx => fail(tx, run, 'planning', problem))
    return { problem: problem.message }
  }
  return run.inTx(tx => finishPlan(tx, run, sessions))
}

/** Reads everything into rows. What an earlier try left is thrown away: a file is read from its beginning. */
async function stage(run: Run): Promise<void> {
  const { place, row, job } = run
  await run.inTx(async tx => {
    await overAllRows(tx)
    await forgetRows(tx, place.importId)
  })
  const staged = await withSheet(run, run.row, place, job.signal, async sheet => {
    const read = rowReader(distinctHeadings(sheet.headings), row.mapping)
    let count = 0
    let batch: ReturnType<typeof read>[] = []
    const put = async () => {
      const rows = batch
      batch = []
      count += rows.length
      await run.inTx(tx => stageRows(tx, place, rows))
      await job.progress(count, null, 'reading')
    }
    for await (const each of sheet.rows()) {
      batch.push(read(each))
      if (batch.length >= BATCH_ROWS) await put()
    }
    if (batch.length > 0) await put()
    return count
  })
  await run.inTx(async tx => {
    const { columns } = row.mapping
    await overAllRows(tx)
    await refuseTwice(tx, place.importId, 'student_number', columns.studentNumber ?? null)
    await refuseTwice(tx, place.importId, 'email', columns.email ?? null)
    await changeImport(tx, place.importId, { total: staged, done: 0 })
  })
}

async function decideAll(run: Run): Promise<void> {
  const total = (await run.inTx(tx => holdImport(tx, run.place.importId)))?.total ?? 0
  let done = 0
  let after = 0
  for (;;) {
    const batch = await run.inTx(async tx => {
      const planned = await planSome(tx, run.needs(), after)
      if (planned !== null) await changeImport(tx, run.place.importId, { done: Math.min(total, done + planned.rows) })
      return planned
    })
    if (batch === null) return
    done += batch.rows
    after = batch.last
    await run.job.progress(Math.min(done, total), total, 'comparing')
  }
}

async function finishPlan(tx: Tx, run: Run, sessions: readonly AcademicSession[]): Promise<object> {
  const { place, row } = run
  const { schoolId, importId } = place
  await overAllRows(tx)
  if (row.mapping.absent !== 'leave')
    await stageAbsent(tx, place, row.mapping.absent === 'archive' ? 'archive' : 'inactivate')
  const terms = await planTerms(tx, termsOf(sessions))
  const plan = { ...(await sumUp(tx, schoolId, importId, run.nowMs())), terms }
  const departments = plan.newDepartments.count + (await departmentsByName(tx)).size
  if (departments > DEPARTMENTS_MAX) {
    const words = `The school would have ${departments} departments, and ${DEPARTMENTS_MAX} is the most. Is another column the department?`
    await fail(tx, run, 'planning', new UnreadableFile(words))
    return { problem: words }
  }
  const held = isHeld(plan, row.stop)
  const planned = { plan, held, planned_at: new Date(run.nowMs()), problem: null, failed_in: null }
  await changeImport(tx, importId, { ...planned, state: 'planned', done: row.total ?? plan.rows })
  const { rows, made, changed, refused, hurt } = plan
  const after = { rows, made, changed, refused, hurt, held }
  await audit(tx, run.actor(), { action: 'import.planned', subject: { kind: 'import', id: importId }, after })
  if (row.source_id !== null && !held) await applyAlone(tx, run, row.source_id)
  return after
}

/** What a schedule brought and no threshold stops is done, where the school said so. */
async function applyAlone(tx: Tx, run: Run, sourceId: string): Promise<void> {
  const source = await tx
    .selectFrom('import_sources')
    .select('apply_alone')
    .where('id', '=', sourceId)
    .executeTakeFirst()
  if (source?.apply_alone !== true) return
  await beginStep(tx, run.jobs, { row: run.row, step: 'applying', by: run.job.body.by })
}

function isTheFiles(problem: unknown): problem is Error {
  return problem instanceof UnreadableFile || problem instanceof NoSuchColumn || problem instanceof SourceFailed
}

async function fail(tx: Tx, run: Run, failed_in: 'planning', problem: Error): Promise<void> {
  const { importId } = run.place
  await forgetRows(tx, importId)
  await changeImport(tx, importId, { state: 'failed', failed_in, problem: problem.message.slice(0, 1000), total: null })
}
