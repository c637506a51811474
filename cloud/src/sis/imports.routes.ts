import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import {
  applyImport,
  cancelImport,
  getImport,
  type ImportInFull,
  listImportRows,
  listImports as listRoute,
  planImport,
  undoImport,
  uploadImport,
} from '@gatehouse/shared/wire/api/imports.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import { pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import { type FilePlace, fileOf } from './chunks.repo.ts'
import { stateOf } from './import-state.ts'
import { changeImport, forgetChunks, forgetRows, holdImport, importOf, listImports, UNDO_DAYS } from './imports.repo.ts'
import { samplesIn } from './open-import.ts'
import { listRows, rowOf } from './rows.repo.ts'
import { beginStep, type ImportNeeds } from './run-import.ts'
import { takeUpload } from './upload.ts'

export const NO_SUCH_IMPORT: Problem = {
  status: 404,
  code: 'not_found',
  message: 'There is no import with that id.',
}

const PROBLEMS = {
  no_such_import: NO_SUCH_IMPORT,
  in_hand: { status: 409, code: 'in_hand', message: 'This import is being worked on. Wait until it is done.' },
  not_planned: {
    status: 409,
    code: 'not_planned',
    message: 'There is no dry run of this import that could be applied. Begin one.',
  },
  over: { status: 409, code: 'over', message: 'This import was applied, undone or given up. Upload the file again.' },
  not_applied: { status: 409, code: 'not_applied', message: 'Only an import that was applied can be undone.' },
  too_late: {
    status: 409,
    code: 'too_late',
    message: `An import can be undone for ${UNDO_DAYS} days. What it changed is still in the history of each student.`,
  },
  no_number_column: {
    status: 422,
    code: 'validation_failed',
    message: 'Say which column is the student number: students are told apart by it.',
    details: [{ path: 'mapping.columns.studentNumber', message: 'must be a column of the file' }],
  },
  no_such_column: {
    status: 422,
    code: 'validation_failed',
    message: 'The mapping names a column that the file does not have.',
    details: [{ path: 'mapping.columns', message: 'must be columns of the file, each once' }],
  },
} satisfies Record<string, Problem>
type Failure = keyof typeof PROBLEMS

export function importsRoutes(routes: Binder, needs: ImportNeeds): void {
  const { db, vault, jobs, nowMs } = needs
  const placeOf = ({ school }: SchoolPerson, importId: string): FilePlace => {
    return { db, vault, schoolId: school.id, tenant: school.tenant, importId }
  }
  const byOf = ({ role, userId, displayName }: SchoolPerson) => ({
    userId: role === 'super_admin' ? null : userId,
    name: displayName,
    role,
  })
  /** Holds an import and does something with it that may be refused. */
  const step = async (
    who: SchoolPerson,
    importId: string,
    work: (tx: Tx, row: Row<'imports'>) => Promise<Result<Row<'imports'>, Failure> | { readonly problem: Problem }>,
  ) => {
    const done = await inSchool(db, who.school.id, async tx => {
      const row = await holdImport(tx, importId)
      if (row === undefined || row.state === 'uploading') return fail('no_such_import' as const)
      return work(tx, await stateOf(tx, row))
    })
    if ('problem' in done) return done
    return done.ok ? { data: importOf(done.value) } : { problem: PROBLEMS[done.failure] }
  }
  const inFull = async (who: SchoolPerson, row: Row<'imports'>): Promise<ImportInFull> => {
    const shown = importOf(row)
    if (row.kind === 'oneroster_rest' || !HAS_FILE.includes(row.state)) return { ...shown, samples: [] }
    return { ...shown, samples: await samplesIn(fileOf(placeOf(who, row.id)), row) }
  }

  routes.inSchool(uploadImport, async ({ query, who, req }) => {
    const taken = await takeUpload(needs, who, { name: query.name, type: req.get('content-type'), body: req })
    return 'problem' in taken ? taken : { data: await inFull(who, taken.row) }
  })

  routes.inSchool(listRoute, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const { rows, total } = await listImports(tx, query)
      const data = []
      for (const row of rows) data.push(importOf(await stateOf(tx, row)))
      return { data, pagination: pagination(query, total) }
    }),
  )

  routes.inSchool(getImport, async ({ params: { importId }, who }) => {
    const row = await inSchool(db, who.school.id, async tx => {
      const found = await tx.selectFrom('imports').selectAll().where('id', '=', importId).executeTakeFirst()
      return found === undefined || found.state === 'uploading' ? undefined : stateOf(tx, found)
    })
    return row === undefined ? { problem: PROBLEMS.no_such_import } : { data: await inFull(who, row) }
  })

  routes.inSchool(planImport, ({ params: { importId }, body: { mapping, stop }, who }) =>
    step(who, importId, async (tx, row) => {
      if (IN_HAND.includes(row.state)) return fail('in_hand')
      if (row.applied_at !== null || row.failed_in === 'applying' || OVER.includes(row.state)) return fail('over')
      if (mapping.columns.studentNumber === undefined) return fail('no_number_column')
      const named = Object.values(mapping.columns)
      const known = named.every(column => row.headings.includes(column)) && new Set(named).size === named.length
      if (!known) return fail('no_such_column')
      const actor = actorOf(who, nowMs())
      const after = { columns: { ...mapping.columns }, absent: mapping.absent, stop: { ...stop } }
      await audit(tx, actor, { action: 'import.plan', subject: { kind: 'import', id: importId }, after })
      const change = { mapping, stop, plan: null, held: false, total: null, failed_in: null }
      return ok(await beginStep(tx, jobs, { row, step: 'planning', by: byOf(who), change }))
    }),
  )

  routes.inSchool(listImportRows, async ({ params: { importId }, query, who }) => {
    const found = await inSchool(db, who.school.id, async tx => {
      const row = await tx.selectFrom('imports').select('id').where('id', '=', importId).executeTakeFirst()
      return row && listRows(tx, importId, query)
    })
    if (found === undefined) return { problem: PROBLEMS.no_such_import }
    return { data: found.rows.map(rowOf), pagination: pagination(query, found.total) }
  })

  routes.inSchool(applyImport, ({ params: { importId }, body: { confirmHurt }, who }) =>
    step(who, importId, async (tx, row) => {
      if (IN_HAND.includes(row.state)) return fail('in_hand')
      const again = row.state === 'failed' && row.failed_in === 'applying'
      if (row.applied_at !== null || OVER.includes(row.state)) return fail('over')
      if (row.state !== 'planned' && !again) return fail('not_planned')
      if (row.held && !again && confirmHurt !== row.plan!.hurt) return { problem: needsConfirmation(row) }
      const after = { confirmHurt: confirmHurt ?? null, hurt: row.plan!.hurt, held: row.held }
      await audit(tx, actorOf(who, nowMs()), {
        action: 'import.apply',
        subject: { kind: 'import', id: importId },
        after,
      })
      return ok(await beginStep(tx, jobs, { row, step: 'applying', by: byOf(who) }))
    }),
  )

  routes.inSchool(undoImport, ({ params: { importId }, who }) =>
    step(who, importId, async (tx, row) => {
      if (IN_HAND.includes(row.state)) return fail('in_hand')
      const halfway = row.state === 'failed' && row.failed_in !== 'planning' && row.failed_in !== null
      if (row.state !== 'applied' && !halfway) return fail('not_applied')
      const since = row.applied_at?.getTime() ?? nowMs()
      if (nowMs() - since > UNDO_DAYS * 86_400_000) return fail('too_late')
      await audit(tx, actorOf(who, nowMs()), { action: 'import.undo', subject: { kind: 'import', id: importId } })
      return ok(await beginStep(tx, jobs, { row, step: 'undoing', by: byOf(who) }))
    }),
  )

  routes.inSchool(cancelImport, ({ params: { importId }, who }) =>
    step(who, importId, async (tx, row) => {
      if (row.state === 'applying' || row.state === 'undoing') return fail('in_hand')
      const begun = row.applied_at !== null || (row.outcome !== null && row.state === 'failed')
      if (begun || OVER.includes(row.state)) return fail('over')
      const actor = actorOf(who, nowMs())
      if (row.state === 'planning' && row.job_id !== null) await jobs.cancel(tx, actor, row.job_id)
      await forgetChunks(tx, importId)
      await forgetRows(tx, importId)
      await audit(tx, actor, { action: 'import.cancel', subject: { kind: 'import', id: importId } })
      return ok(await changeImport(tx, importId, { state: 'cancelled' }))
    }),
  )
}

const IN_HAND: readonly string[] = ['planning', 'applying', 'undoing']
const OVER: readonly string[] = ['applied', 'undone', 'cancelled']
const HAS_FILE: readonly string[] = ['uploaded', 'planning', 'planned']

/** The number is asked for, and not only a yes: who types it has read it. */
function needsConfirmation({ plan, stop }: Row<'imports'>): Problem {
  const { hurt, living, passes } = plan!
  return {
    status: 409,
    code: 'needs_confirmation',
    message: `${hurt} of ${living} students would be archived, leave or be suspended, and ${passes.revoked + passes.suspended} passes with them. That is more than ${stop.percent} % or ${stop.students}. If it is right, send confirmHurt: ${hurt}.`,
    details: [{ path: 'confirmHurt', message: `must be ${hurt}` }],
  }
}
