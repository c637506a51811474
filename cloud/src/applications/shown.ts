import type { ApplicationInFull, ApplicationRow, MyApplication } from '@gatehouse/shared/wire/api/applications.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { nameOf } from '../students/name.ts'
import type { Application } from './move.repo.ts'
import type { QueueRow } from './queue.repo.ts'
import { checksOf, entriesOf, type Told, toldOf, wantedOf } from './told.ts'

const common = (row: Application) => ({
  id: row.id,
  status: row.status,
  begunAt: row.begun_at.toISOString(),
  submittedAt: row.submitted_at?.toISOString() ?? null,
  dueAt: row.due_at?.toISOString() ?? null,
  decidedAt: row.decided_at?.toISOString() ?? null,
  reason: row.reason,
  passId: row.pass_id,
  version: row.version,
  updatedAt: row.updated_at.toISOString(),
})
export const briefly = common

export function rowOf(row: QueueRow, nowMs: number): ApplicationRow {
  return {
    ...common(row),
    student: { id: row.student_id, name: nameOf(row), studentNumber: row.student_number },
    assignee: row.assigned_to === null ? null : { id: row.assigned_to, name: row.assignee ?? '' },
    overdue: row.due_at !== null && row.due_at.getTime() <= nowMs,
    attention: row.attention,
    waiting: row.waiting,
  }
}

export async function mineInFull(tx: Tx, vault: Vault, row: Application): Promise<MyApplication> {
  const [{ form, answers, files }] = (await toldOf(tx, vault, [row], { personal: true })) as [Told]
  return {
    ...common(row),
    form,
    answers,
    files,
    entries: (await entriesOf(tx, [row.id], { to: 'applicant' })).get(row.id) ?? [],
    wanted: (await wantedOf(tx, [row])).get(row.id) ?? [],
  }
}

export async function inFull(
  tx: Tx,
  vault: Vault,
  row: QueueRow,
  { personal, own, nowMs }: { readonly personal: boolean; readonly own: boolean; readonly nowMs: number },
): Promise<ApplicationInFull> {
  const [told] = (await toldOf(tx, vault, [row], { personal })) as [Told]
  return {
    ...rowOf(row, nowMs),
    ...told,
    entries: (await entriesOf(tx, [row.id], { to: 'reviewer' })).get(row.id) ?? [],
    checks: (await checksOf(tx, [row.id])).get(row.id) ?? [],
    own,
  }
}
