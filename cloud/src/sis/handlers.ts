import type { JobHandlers } from '../jobs/handler.ts'
import { rosterSync } from './roster-sync.ts'
import { type ImportNeeds, runApply, runPlan, runUndo } from './run-import.ts'

/** The jobs that imports are made of. */
export function importHandlers(needs: ImportNeeds): JobHandlers {
  return {
    import_plan: job => runPlan(needs, job),
    import_apply: job => runApply(needs, job),
    import_undo: job => runUndo(needs, job),
    roster_sync: rosterSync(needs),
  }
}
