import type { ApplicationActor } from '@gatehouse/shared/applications/machine.ts'
import type {
  ApplicationEntry,
  ApplicationInFull,
  ApplicationRow,
  MyApplication,
} from '@gatehouse/shared/wire/api/applications.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { nameOf } from '../students/name.ts'
import { formOfVersion } from './forms.repo.ts'
import { filesIn, openAnswers, shownAnswers } from './kept-answers.ts'
import type { Application } from './move.repo.ts'
import type { QueueRow } from './queue.repo.ts'

/** Newest are told where there are more. */
const ENTRIES_MAX = 500

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

async function told(tx: Tx, vault: Vault, row: Application, seesPersonal: boolean) {
  const form = await formOfVersion(tx, row.form_version)
  const all = await openAnswers(tx, vault, row)
  const { answers, masked } = shownAnswers(form, all, { personal: seesPersonal })
  const given = filesIn(form, all)
  const rows = await tx
    .selectFrom('application_files')
    .innerJoin('files', 'files.id', 'application_files.file_id')
    .where('application_id', '=', row.id)
    .where('files.removed_at', 'is', null)
    .select(['field', 'file_id', 'files.name', 'files.state', 'files.refusal'])
    .execute()
  const files = rows.map(({ field, file_id: fileId, name, state, refusal }) => ({
    field,
    fileId,
    name,
    state,
    refusal,
    expiresOn: given.find(one => one.field === field)?.file.expiresOn ?? null,
  }))
  return { form, answers, masked, files }
}

export async function mineInFull(tx: Tx, vault: Vault, row: Application): Promise<MyApplication> {
  const { form, answers, files } = await told(tx, vault, row, true)
  const asked = await tx
    .selectFrom('application_checks')
    .select('findings')
    .where('application_id', '=', row.id)
    .where('kind', '=', 'documents')
    .executeTakeFirst()
  const entries = (await entriesOf(tx, row)).filter(({ internal }) => !internal)
  const found = asked?.findings.map(({ field, message }) => ({ field, message })) ?? []
  const words = entries.findLast(({ event }) => event === 'ask_documents')
  const byPerson = words?.side === 'reviewer' && words.text !== null ? [{ field: null, message: words.text }] : []
  return {
    ...common(row),
    form,
    answers,
    files,
    entries: entries.map(entry => (entry.side === 'reviewer' ? { ...entry, by: null } : entry)),
    wanted: row.status === 'requires_documents' ? [...byPerson, ...found] : [],
  }
}

export async function inFull(
  tx: Tx,
  vault: Vault,
  row: QueueRow,
  { personal, own, nowMs }: { readonly personal: boolean; readonly own: boolean; readonly nowMs: number },
): Promise<ApplicationInFull> {
  const checks = await tx
    .selectFrom('application_checks')
    .selectAll()
    .where('application_id', '=', row.id)
    .orderBy('kind')
    .execute()
  return {
    ...rowOf(row, nowMs),
    ...(await told(tx, vault, row, personal)),
    entries: await entriesOf(tx, row),
    checks: checks.map(({ kind, state, read, findings, asked_at, done_at }) => ({
      kind,
      state,
      read: [...read],
      findings: [...findings],
      askedAt: asked_at.toISOString(),
      doneAt: done_at?.toISOString() ?? null,
    })),
    own,
  }
}

async function entriesOf(tx: Tx, { id }: Application): Promise<(ApplicationEntry & { side: ApplicationActor })[]> {
  const rows = await tx
    .selectFrom('application_entries')
    .leftJoin('users', 'users.id', 'application_entries.made_by')
    .selectAll('application_entries')
    .select('users.display_name')
    .where('application_id', '=', id)
    .orderBy('at', 'desc')
    .orderBy('application_entries.id', 'desc')
    .limit(ENTRIES_MAX)
    .execute()
  return rows.toReversed().map(row => ({
    id: row.id,
    at: row.at.toISOString(),
    side: row.side,
    by: row.display_name,
    event: row.event,
    toStatus: row.to_status,
    internal: row.internal,
    text: row.text,
  }))
}
