import { audit } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import { notify } from '../notifications/notify.ts'
import { enterTerms } from '../terms/terms.repo.ts'
import { addUp, applySome, NOTHING_APPLIED } from './apply.ts'
import { changeImport, forgetChunks, holdImport, importOf } from './imports.repo.ts'
import type { Batch } from './plan.ts'
import { begin, type ImportJob, type Run, type StepNeeds } from './run-import.ts'
import { plannedTerms } from './session-terms.ts'
import { addUndone, NOTHING_UNDONE, undoSome } from './undo.ts'

/** Applies in batches, each whole or not at all. Begun again, it goes on behind the last batch. */
export async function runApply(needs: StepNeeds, job: ImportJob): Promise<object> {
  const run = await begin(needs, job, 'applying')
  if (run === null) return {}
  await inBatches(run, 0, async (tx, row, after) => {
    const done = await applySome(tx, run.needs(), after)
    if (done === null) return null
    return { batch: done.batch, change: { outcome: addUp(row.outcome ?? NOTHING_APPLIED, done.applied) } }
  })
  return run.inTx(async tx => {
    const { importId } = run.place
    const held = (await holdImport(tx, importId))!
    const entered = await enterTerms(tx, run.actor(), plannedTerms(held.plan))
    const outcome = { ...(held.outcome ?? NOTHING_APPLIED), terms: entered.created + entered.changed }
    const applied_at = new Date(run.nowMs())
    await changeImport(tx, importId, { state: 'applied', applied_at, problem: null, failed_in: null, outcome })
    await forgetChunks(tx, importId)
    await audit(tx, run.actor(), {
      action: 'import.applied',
      subject: { kind: 'import', id: importId },
      after: outcome,
    })
    await tellWhoBegan(tx, run, { ...held, outcome })
    return outcome
  })
}

export async function runUndo(needs: StepNeeds, job: ImportJob): Promise<object> {
  const run = await begin(needs, job, 'undoing')
  if (run === null) return {}
  const sinceMs = (run.row.planned_at ?? run.row.made_at).getTime()
  await inBatches(run, BEHIND_ALL, async (tx, row, before) => {
    const done = await undoSome(tx, run.needs(), { sinceMs, before })
    if (done === null) return null
    return { batch: done.batch, change: { undo: addUndone(row.undo ?? NOTHING_UNDONE, done.undone) } }
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

/** The most that a number of a row can be. */
const BEHIND_ALL = 2_147_483_647

type Step = { readonly batch: Batch; readonly change: Parameters<typeof changeImport>[2] }

/** Batch after batch from the row `from`, each in a transaction with what the import says of it. */
async function inBatches(
  run: Run,
  from: number,
  step: (tx: Tx, row: Row<'imports'>, from: number) => Promise<Step | null>,
): Promise<void> {
  const { importId } = run.place
  const shown = importOf(run.row)
  const total = (shown.plan?.made ?? 0) + (shown.plan?.changed ?? 0) + (shown.plan?.absent ?? 0)
  let done = 0
  for (;;) {
    run.job.signal.throwIfAborted()
    const taken = await run.inTx(async tx => {
      const next = await step(tx, (await holdImport(tx, importId))!, from)
      if (next === null) return null
      await changeImport(tx, importId, { ...next.change, done: Math.min(total, done + next.batch.rows), total })
      return next.batch
    })
    if (taken === null) return
    done = Math.min(total, done + taken.rows)
    from = taken.last
    await run.job.progress(done, total)
  }
}

/** A schedule is nobody, and whoever was taken out meanwhile is not told. */
async function tellWhoBegan(tx: Tx, { job, place }: Run, { plan, outcome, name }: Row<'imports'>) {
  const { userId } = job.body.by
  if (userId === null) return
  const { made: added, changed, archived: left } = outcome!
  await notify(tx, place.schoolId, {
    kind: 'import_done',
    to: { userId },
    facts: { title: name, added: `${added}`, changed: `${changed}`, left: `${left}`, refused: `${plan?.refused ?? 0}` },
    path: `/imports/${place.importId}`,
  })
}
