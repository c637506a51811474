import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row, Tx } from '../db/tables.ts'
import { DEPARTMENTS_MAX, departmentsByName } from '../departments/departments.repo.ts'
import type { RunningJob } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import { addUp, applySome, NOTHING_APPLIED } from './apply.ts'
import { NoSuchColumn, rowReader } from './entry.ts'
import { distinctHeadings } from './headings.ts'
import { changeImport, forgetChunks, forgetRows, holdImport, importOf } from './imports.repo.ts'
import type { Ask } from './oneroster/guarded-request.ts'
import { SourceFailed } from './oneroster/rest-client.ts'
import { withSheet } from './open-import.ts'
import { BATCH_ROWS, type PlanNeeds, planSome } from './plan.ts'
import { isHeld, sumUp } from './plan-sum.ts'
import { UnreadableFile } from './read/rows.ts'
import { type RowPlace, refuseTwice, stageAbsent, stageRows } from './rows.repo.ts'
import { addUndone, NOTHING_UNDONE, undoSome } from './undo.ts'

export type ImportNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Jobs
  readonly ask: Ask
  readonly nowMs: () => number
}

type ImportJob = RunningJob<'import_plan' | 'import_apply' | 'import_undo'>
/** Who asked for a step. */
export type StepBy = ImportJob['body']['by']

/** One run of one import: everything it needs, looked up once. */
type Run = ImportNeeds & {
  readonly job: ImportJob
  readonly row: Row<'imports'>
  readonly place: RowPlace
  readonly inTx: <Answer>(work: (tx: Tx) => Promise<Answer>) => Promise<Answer>
  actor(): Actor
  needs(): PlanNeeds
}

/** The dry run: reads the file into rows, decides each, and sums up. Begun again, it goes on with the rows it has. */
export async function runPlan(needs: ImportNeeds, job: ImportJob): Promise<object> {
  const run = await begin(needs, job, 'planning')
  if (run === null) return {}
  try {
    if (run.row.total === null) await stage(run)
    await decideAll(run)
  } catch (problem) {
    if (!isTheFiles(problem)) throw problem
    await run.inTx(tx => fail(tx, run, 'planning', problem))
    return { problem: problem.message }
  }
  return run.inTx(tx => finishPlan(tx, run))
}

/** Applies in batches, each whole or not at all. Begun again, it goes on behind the last batch. */
export async function runApply(needs: ImportNeeds, job: ImportJob): Promise<object> {
  const run = await begin(needs, job, 'applying')
  if (run === null) return {}
  await inBatches(run, async tx => {
    const sum = (await holdImport(tx, run.place.importId))?.outcome ?? NOTHING_APPLIED
    const more = await applySome(tx, run.needs())
    if (more === null) return 0
    await changeImport(tx, run.place.importId, { outcome: addUp(sum, more) })
    return BATCH_ROWS
  })
  return run.inTx(async tx => {
    const { importId } = run.place
    const applied_at = new Date(run.nowMs())
    const row = await changeImport(tx, importId, { state: 'applied', applied_at, problem: null, failed_in: null })
    await forgetChunks(tx, importId)
    const after = { ...(row.outcome ?? NOTHING_APPLIED) }
    await audit(tx, run.actor(), { action: 'import.applied', subject: { kind: 'import', id: importId }, after })
    return after
  })
}

export async function runUndo(needs: ImportNeeds, job: ImportJob): Promise<object> {
  const run = await begin(needs, job, 'undoing')
  if (run === null) return {}
  const sinceMs = (run.row.planned_at ?? run.row.made_at).getTime()
  await inBatches(run, async tx => {
    const sum = (await holdImport(tx, run.place.importId))?.undo ?? NOTHING_UNDONE
    const more = await undoSome(tx, run.needs(), sinceMs)
    if (more === null) return 0
    await changeImport(tx, run.place.importId, { undo: addUndone(sum, more) })
    return BATCH_ROWS
  })
  return run.inTx(async tx => {
    const { importId } = run.place
    const undone_at = new Date(run.nowMs())
    const row = await changeImport(tx, importId, { state: 'undone', undone_at, problem: null, failed_in: null })
    await forgetChunks(tx, importId)
    const after = { ...(row.undo ?? NOTHING_UNDONE) }
    await audit(tx, run.actor(), { action: 'import.undone', subject: { kind: 'import', id: importId }, after })
    return after
  })
}

/** Null: the import is in another state by now, and there is nothing to do. */
async function begin(needs: ImportNeeds, job: ImportJob, state: Row<'imports'>['state']): Promise<Run | null> {
  const { db, vault, nowMs } = needs
  const schoolId = job.schoolId!
  const { importId, by } = job.body
  const found = await inSchool(db, schoolId, async tx => ({
    row: await tx.selectFrom('imports').selectAll().where('id', '=', importId).executeTakeFirst(),
    tenant: (await tx.selectFrom('schools').select('tenant').where('id', '=', schoolId).executeTakeFirstOrThrow())
      .tenant,
  }))
  if (found.row?.state !== state) return null
  const { row, tenant } = found
  const place = { vault, schoolId, tenant, importId }
  const actor = (): Actor => ({
    schoolId,
    userId: by.userId,
    nowMs: nowMs(),
    by: { kind: 'job', id: by.userId, name: by.name, role: by.role, sessionId: null, address: null, requestId: job.id },
  })
  return {
    ...needs,
    job,
    row,
    place,
    actor,
    inTx: work => inSchool(db, schoolId, work),
    needs: () => ({ place, actor: actor(), mapping: row.mapping, keepsSuspended: row.kind !== 'csv' }),
  }
}

/** Reads everything into rows. What an earlier try left is thrown away: a file is read from its beginning. */
async function stage(run: Run): Promise<void> {
  const { place, row, job } = run
  await run.inTx(tx => forgetRows(tx, place.importId))
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
    await refuseTwice(tx, place.importId, 'student_number', columns.studentNumber ?? null)
    await refuseTwice(tx, place.importId, 'email', columns.email ?? null)
    await changeImport(tx, place.importId, { total: staged, done: 0 })
  })
}

async function decideAll(run: Run): Promise<void> {
  const total = (await run.inTx(tx => holdImport(tx, run.place.importId)))?.total ?? 0
  let done = 0
  for (;;) {
    const more = await run.inTx(async tx => {
      const planned = await planSome(tx, run.needs())
      await changeImport(tx, run.place.importId, { done: Math.min(total, done + planned) })
      return planned
    })
    if (more === 0) return
    done += more
    await run.job.progress(Math.min(done, total), total, 'comparing')
  }
}

async function finishPlan(tx: Tx, run: Run): Promise<object> {
  const { place, row } = run
  const { schoolId, importId } = place
  if (row.mapping.absent !== 'leave')
    await stageAbsent(tx, place, row.mapping.absent === 'archive' ? 'archive' : 'inactivate')
  const plan = await sumUp(tx, schoolId, importId, run.nowMs())
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

const KIND_OF = { planning: 'import_plan', applying: 'import_apply', undoing: 'import_undo' } as const
const WORDS = { planning: 'Dry run of', applying: 'Import of', undoing: 'Undoing the import of' } as const

/** Puts an import into the next step, and the job that does it beside it. */
export async function beginStep(
  tx: Tx,
  jobs: Jobs,
  {
    row,
    step,
    by,
    change = {},
  }: {
    readonly row: Row<'imports'>
    readonly step: keyof typeof KIND_OF
    readonly by: StepBy
    readonly change?: Parameters<typeof changeImport>[2]
  },
): Promise<Row<'imports'>> {
  const job_id = await jobs.add(tx, {
    kind: KIND_OF[step],
    schoolId: row.school_id,
    body: { importId: row.id, by },
    title: `${WORDS[step]} ${row.name}`.slice(0, 300),
    madeBy: by.userId,
    key: row.school_id,
  })
  return changeImport(tx, row.id, { ...change, state: step, job_id, done: 0, problem: null })
}

async function inBatches(run: Run, batch: (tx: Tx) => Promise<number>): Promise<void> {
  const shown = importOf(run.row)
  const total = (shown.plan?.made ?? 0) + (shown.plan?.changed ?? 0) + (shown.plan?.absent ?? 0)
  let done = 0
  for (;;) {
    run.job.signal.throwIfAborted()
    const more = await run.inTx(batch)
    if (more === 0) return
    done = Math.min(total, done + more)
    await run.inTx(tx => changeImport(tx, run.place.importId, { done, total }))
    await run.job.progress(done, total)
  }
}

function isTheFiles(problem: unknown): problem is Error {
  return problem instanceof UnreadableFile || problem instanceof NoSuchColumn || problem instanceof SourceFailed
}

async function fail(tx: Tx, run: Run, failed_in: 'planning', problem: Error): Promise<void> {
  const { importId } = run.place
  await forgetRows(tx, importId)
  await changeImport(tx, importId, { state: 'failed', failed_in, problem: problem.message.slice(0, 1000), total: null })
}
