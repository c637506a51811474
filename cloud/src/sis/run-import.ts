import type { Actor } from '../audit/actor.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row, Tx } from '../db/tables.ts'
import type { Ask } from '../http/guarded-request.ts'
import type { RunningJob } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import { changeImport } from './imports.repo.ts'
import type { PlanNeeds } from './plan.ts'
import type { RowPlace } from './rows.repo.ts'

export type ImportNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Jobs
  readonly ask: Ask
  readonly nowMs: () => number
}

/** What the jobs need beside what the routes do. */
export type StepNeeds = ImportNeeds & {
  /** Where people find the service: mails link to it. */
  readonly publicUrl: string
}

export type ImportJob = RunningJob<'import_plan' | 'import_apply' | 'import_undo'>
/** Who asked for a step. */
export type StepBy = ImportJob['body']['by']

/** One run of one import: everything it needs, looked up once. */
export type Run = StepNeeds & {
  readonly job: ImportJob
  readonly row: Row<'imports'>
  readonly place: RowPlace
  readonly inTx: <Answer>(work: (tx: Tx) => Promise<Answer>) => Promise<Answer>
  actor(): Actor
  needs(): PlanNeeds
}

/** Null: the import is in another state by now, and there is nothing to do. */
export async function begin(needs: StepNeeds, job: ImportJob, state: Row<'imports'>['state']): Promise<Run | null> {
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
