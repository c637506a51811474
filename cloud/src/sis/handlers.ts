import type { JobHandlers } from '../jobs/handler.ts'
import { rosterSync } from './roster-sync.ts'
import { runApply, runUndo } from './run-apply.ts'
import type { StepNeeds } from './run-import.ts'
import { runPlan } from './run-plan.ts'

/** The jobs that imports are made of. */
export function importHandlers(needs: StepNeeds): JobHandlers {
  return {
    import_plan: job => runPlan(needs, job),
    import_apply: job => runApply(needs, job),
    import_undo: job => runUndo(needs, job),
    roster_sync: rosterSync(needs),
  }
}
