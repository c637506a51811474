import type { ImportOutcome } from '@gatehouse/shared/wire/api/imports.ts'
import type { Row, Tx } from '../db/tables.ts'
import { departmentsByName } from '../departments/departments.repo.ts'
import { archiveStudents } from '../students/archive-students.ts'
import { type Entered, enterStudents, type StudentEntry } from '../students/enter-students.ts'
import type { Effect } from '../students/status-effects.ts'
import { enterDepartments } from './new-departments.ts'
import { BATCH_ROWS, type Batch, entryFor, faultOf, type PlanNeeds, studentsThere, toldOf } from './plan.ts'
import { passesOf } from './plan-sum.ts'
import { type Done, noteDone, sealJson, todo } from './rows.repo.ts'
import { versionsOf } from './versions.ts'

/** What a batch did, to be added up. */
export type Applied = Omit<ImportOutcome, 'terms'>

export const NOTHING_APPLIED: Applied = {
  made: 0,
  changed: 0,
  archived: 0,
  passedOver: 0,
  passes: { revoked: 0, suspended: 0, givenBack: 0 },
}

const CHANGED_SINCE = [{ column: null, message: 'the student was changed since the dry run, and is left as they are' }]

/**
 * Does the next rows, and says in them that they are done: both are there after the commit or neither, so a process
 * that dies leaves nothing half done, and the next one goes on behind it. A student who was changed since the dry run
 * is passed over: what was shown would not be what is done. Null: nothing is left behind `after`.
 */
export async function applySome(
  tx: Tx,
  needs: PlanNeeds,
  after: number,
): Promise<{ readonly batch: Batch; readonly applied: Applied } | null> {
  const { place, actor } = needs
  const note = noteOf(place.importId)
  const rows = await todo(tx, place.importId, { after, limit: BATCH_ROWS })
  if (rows.length === 0) return null
  const seen = await versionsOf(tx, rows)
  // A student who was entered by hand meanwhile is no longer one to make.
  const taken = await studentsThere(
    tx,
    rows.filter(row => row.action === 'make'),
  )
  const stands = (row: Row<'import_rows'>) => {
    if (row.student_id === null) return !taken.has(row.student_number!)
    const student = seen.get(row.student_id)
    return student?.version === row.version_seen && !student.archived
  }
  const over = rows.filter(row => !stands(row)).map(row => passedOver(row))
  const entering = rows.filter(row => stands(row) && row.action !== 'archive')
  const archiving = rows.filter(row => stands(row) && row.action === 'archive')

  await enterDepartments(
    tx,
    actor,
    entering.flatMap(row => row.department ?? []),
    note,
  )
  const departments = await departmentsByName(tx)
  const told = entering.map((row): StudentEntry => {
    const who = row.student_id === null ? {} : { studentId: row.student_id }
    if (row.action === 'inactivate') return { ...who, studentNumber: row.student_number!, status: 'inactive' }
    const status = row.student_id === null ? undefined : seen.get(row.student_id)!.status
    return { ...toldOf(row.student_number!, entryFor(needs, row, status), departments), ...who }
  })
  const { entered, passes } = await enterStudents(tx, place.vault, actor, told, { note })
  const done = entering.map((row, at) => doneOf(needs, row, entered[at]!))
  const revoked = await archiveAll(tx, needs, archiving)
  const all = [...over, ...done, ...archiving.map(row => archivedRow(row))]
  await noteDone(tx, place.importId, all)
  const applied = sumOf(entered, all, archiving.length, new Map([...passes]), revoked)
  return { batch: { rows: rows.length, last: rows.at(-1)!.number }, applied }
}

export const noteOf = (importId: string) => `Import ${importId}`

export function addUp(sum: Applied, more: Applied): Applied {
  return {
    made: sum.made + more.made,
    changed: sum.changed + more.changed,
    archived: sum.archived + more.archived,
    passedOver: sum.passedOver + more.passedOver,
    passes: {
      revoked: sum.passes.revoked + more.passes.revoked,
      suspended: sum.passes.suspended + more.passes.suspended,
      givenBack: sum.passes.givenBack + more.passes.givenBack,
    },
  }
}

function sumOf(
  entered: readonly Entered[],
  all: readonly Done[],
  archived: number,
  effects: ReadonlyMap<Effect, number>,
  revoked: number,
): Applied {
  const of = (outcome: Entered['outcome']) => entered.filter(one => one.outcome === outcome).length
  const passes = passesOf(effects)
  return {
    made: of('created'),
    changed: of('changed'),
    archived,
    passedOver: all.filter(({ outcome }) => outcome === 'passed_over').length,
    passes: { ...passes, revoked: passes.revoked + revoked },
  }
}

function doneOf({ place, mapping }: PlanNeeds, row: Row<'import_rows'>, entered: Entered): Done {
  if (entered.outcome === 'refused') return passedOver(row, [faultOf(entered.why, mapping)])
  const isChanged = entered.outcome === 'changed'
  return {
    number: row.number,
    outcome: 'done',
    student_id: entered.studentId,
    version_after: row.action === 'make' ? 1 : row.version_seen! + (isChanged ? 1 : 0),
    sealed_before: isChanged ? sealJson(place, 'sealed_before', row.number, entered.before) : null,
    faults: null,
  }
}

function passedOver(row: Row<'import_rows'>, faults: Done['faults'] = CHANGED_SINCE): Done {
  return {
    number: row.number,
    outcome: 'passed_over',
    student_id: row.student_id,
    version_after: null,
    sealed_before: null,
    faults,
  }
}

function archivedRow(row: Row<'import_rows'>): Done {
  return {
    number: row.number,
    outcome: 'done',
    student_id: row.student_id,
    version_after: row.version_seen! + 1,
    sealed_before: null,
    faults: null,
  }
}

async function archiveAll(tx: Tx, { place, actor }: PlanNeeds, rows: readonly Row<'import_rows'>[]): Promise<number> {
  const wanted = rows.map(row => ({ studentId: row.student_id!, version: row.version_seen! }))
  const { archived, passesRevoked } = await archiveStudents(tx, actor, wanted, noteOf(place.importId))
  // Their rows were held and looked at in this transaction.
  if (archived.size !== rows.length) throw new Error(`${rows.length - archived.size} students were held and are gone`)
  return passesRevoked
}
