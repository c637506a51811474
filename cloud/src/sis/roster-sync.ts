import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { JobHandler } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { distinctHeadings } from './headings.ts'
import { beginImport, changeImport, holdImport } from './imports.repo.ts'
import { ONEROSTER_HEADINGS } from './oneroster/person.ts'
import { beginStep, type ImportNeeds, type StepBy } from './run-import.ts'
import { findSource } from './sources.repo.ts'

/** An import of a source's students, and its dry run begun. */
export async function beginSync(
  tx: Tx,
  jobs: Jobs,
  actor: Actor,
  { sourceId, by }: { readonly sourceId: string; readonly by: StepBy },
): Promise<Result<Row<'imports'>, 'no_such_source' | 'too_many_imports'>> {
  const source = await findSource(tx, sourceId)
  if (source === undefined) return fail('no_such_source')
  const { name, mapping, stop } = source
  const begun = await beginImport(tx, actor, { kind: 'oneroster_rest', name, sourceId, mapping, stop })
  if (!begun.ok) return begun
  await changeImport(tx, begun.value, { headings: distinctHeadings(ONEROSTER_HEADINGS) })
  await audit(tx, actor, { action: 'import.sync', subject: { kind: 'import', id: begun.value }, after: { name } })
  return ok(await beginStep(tx, jobs, { row: (await holdImport(tx, begun.value))!, step: 'planning', by }))
}

/** What a schedule does; as many imports as days are left waiting are too many. */
export function rosterSync({ db, jobs, nowMs }: ImportNeeds): JobHandler<'roster_sync'> {
  return job =>
    inSchool(db, job.schoolId!, async tx => {
      const actor = { schoolId: job.schoolId!, userId: null, nowMs: nowMs() }
      const by = { userId: null, name: 'Gatehouse', role: null }
      const begun = await beginSync(tx, jobs, actor, { sourceId: job.body.sourceId, by })
      return begun.ok ? { importId: begun.value.id } : { notBegun: begun.failure }
    })
}
