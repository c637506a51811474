import type { ApplicationEntry, ApplicationInFull, MyApplication } from '@gatehouse/shared/wire/api/applications.ts'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { formsOfVersions } from './forms.repo.ts'
import { filesIn, openAnswersOf, shownAnswers } from './kept-answers.ts'
import type { Application } from './move.repo.ts'

/** Newest are told where there are more. */
const ENTRIES_MAX = 500

/** What was asked and answered. */
export type Told = Pick<ApplicationInFull, 'form' | 'answers' | 'masked' | 'files'>
export type Check = ApplicationInFull['checks'][number]
export type Wanted = MyApplication['wanted'][number]

/** Of each of these in turn. Here and below: as many statements for a hundred as for one. */
export async function toldOf(
  tx: Tx,
  vault: Vault,
  rows: readonly Application[],
  { personal }: { readonly personal: boolean },
): Promise<Told[]> {
  const forms = await formsOfVersions(tx, new Set(rows.map(({ form_version }) => form_version)))
  const opened = await openAnswersOf(tx, vault, rows)
  const handedIn = Map.groupBy(await filesOf(tx, rows), ({ application_id }) => application_id)
  return rows.map((row, at) => {
    const form = forms.get(row.form_version)!
    const all = opened[at]!
    const given = filesIn(form, all)
    const files = (handedIn.get(row.id) ?? []).map(({ field, file_id: fileId, name, state, refusal }) => ({
      field,
      fileId,
      name,
      state,
      refusal,
      expiresOn: given.find(one => one.field === field)?.file.expiresOn ?? null,
    }))
    return { form, ...shownAnswers(form, all, { personal }), files }
  })
}

function filesOf(tx: Tx, rows: readonly Application[]) {
  return tx
    .selectFrom('application_files')
    .innerJoin('files', 'files.id', 'application_files.file_id')
    .where('application_id', 'in', idsOf(rows))
    .where('files.removed_at', 'is', null)
    .select(['application_id', 'field', 'file_id', 'files.name', 'files.state', 'files.refusal'])
    .orderBy('field')
    .execute()
}

/** By application, by kind. */
export async function checksOf(tx: Tx, applicationIds: readonly string[]): Promise<ReadonlyMap<string, Check[]>> {
  const rows = await tx
    .selectFrom('application_checks')
    .selectAll()
    .where('application_id', 'in', applicationIds)
    .orderBy('kind')
    .execute()
  return listsOf(rows, ({ kind, state, read, findings, asked_at, done_at }) => ({
    kind,
    state,
    read: [...read],
    findings: [...findings],
    askedAt: asked_at.toISOString(),
    doneAt: done_at?.toISOString() ?? null,
  }))
}

/** What happened with each and what was said, oldest first. Applicants are told neither what is internal nor who reviews. */
export async function entriesOf(
  tx: Tx,
  applicationIds: readonly string[],
  { to, ofEach = ENTRIES_MAX }: { readonly to: 'reviewer' | 'applicant'; readonly ofEach?: number },
): Promise<ReadonlyMap<string, ApplicationEntry[]>> {
  const numbered = tx
    .selectFrom('application_entries')
    .where('application_id', 'in', applicationIds)
    .$if(to === 'applicant', entries => entries.where('internal', '=', false))
    .select(['id', sql<string>`row_number() over (partition by application_id order by at desc, id desc)`.as('place')])
  const newest = tx.selectFrom(numbered.as('numbered')).select('id').where('place', '<=', String(ofEach))
  const rows = await tx
    .selectFrom('application_entries')
    .leftJoin('users', 'users.id', 'application_entries.made_by')
    .selectAll('application_entries')
    .select('users.display_name')
    .where('application_entries.id', 'in', newest)
    .orderBy('at')
    .orderBy('application_entries.id')
    .execute()
  return listsOf(rows, row => ({
    id: row.id,
    at: row.at.toISOString(),
    side: row.side,
    by: to === 'applicant' && row.side === 'reviewer' ? null : row.display_name,
    event: row.event,
    toStatus: row.to_status,
    internal: row.internal,
    text: row.text,
  }))
}

/** What is asked for, where documents are: by a person in their words, and by the check. */
export async function wantedOf(
  tx: Tx,
  rows: readonly Pick<Application, 'id' | 'status'>[],
): Promise<ReadonlyMap<string, Wanted[]>> {
  const ids = idsOf(rows.filter(({ status }) => status === 'requires_documents'))
  if (ids.length === 0) return new Map()
  const asked = await tx
    .selectFrom('application_entries')
    .distinctOn('application_id')
    .select(['application_id', 'side', 'text'])
    .where('application_id', 'in', ids)
    .where('event', '=', 'ask_documents')
    .where('internal', '=', false)
    .orderBy('application_id')
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const checks = await tx
    .selectFrom('application_checks')
    .select(['application_id', 'findings'])
    .where('application_id', 'in', ids)
    .where('kind', '=', 'documents')
    .execute()
  const byPerson = asked.flatMap(({ application_id, side, text }) =>
    side === 'reviewer' && text !== null ? [{ application_id, field: null, message: text }] : [],
  )
  const found = checks.flatMap(({ application_id, findings }) =>
    findings.map(({ field, message }) => ({ application_id, field, message })),
  )
  return listsOf<Wanted & { application_id: string }, Wanted>([...byPerson, ...found], ({ field, message }) => ({
    field,
    message,
  }))
}

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)

function listsOf<Row extends { readonly application_id: string }, Shown>(
  rows: readonly Row[],
  shown: (row: Row) => Shown,
): ReadonlyMap<string, Shown[]> {
  const lists = Map.groupBy(rows, ({ application_id }) => application_id)
  return new Map([...lists].map(([id, list]) => [id, list.map(shown)]))
}
