import type { HistoryEntry } from '@gatehouse/shared/wire/api/students-many.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'

type Subject = { readonly kind: 'student' | 'user' | 'pass'; readonly id: string }

export type HistoryQuery = {
  readonly subject: Subject
  readonly limit: number
  /** Of an earlier answer. */
  readonly cursor?: string | undefined
}

/** Changes of one thing, newest first, and where they go on. Who only looked is not told here. */
export async function readHistory(
  tx: Tx,
  { subject, limit, cursor }: HistoryQuery,
): Promise<{ entries: HistoryEntry[]; nextCursor: string | null } | 'no_cursor'> {
  const after = cursor === undefined ? null : readCursor(cursor)
  if (after === undefined) return 'no_cursor'
  const rows = await tx
    .selectFrom('audit_log')
    .selectAll()
    .where('subject_kind', '=', subject.kind)
    .where('subject_id', '=', subject.id)
    .where('action', 'not in', looksAt(subject.kind))
    .$if(after !== null, query => query.where(sql<boolean>`(at, id) < (${new Date(after!.atMs)}, ${after!.id}::uuid)`))
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    entries: shown.map(entryOf),
    nextCursor:
      rows.length > limit && last !== undefined
        ? Buffer.from(`${last.at.getTime()}.${last.id}`).toString('base64url')
        : null,
  }
}

/** The same of several things, so many of each, and all in one statement. */
export async function historyOfEach(
  tx: Tx,
  { kind, ids, ofEach }: { readonly kind: Subject['kind']; readonly ids: readonly string[]; readonly ofEach: number },
): Promise<ReadonlyMap<string, HistoryEntry[]>> {
  const subjects = sql<{ id: string }>`(select unnest(${ids}::text[]) as id)`.as<'subjects'>('subjects')
  const rows = await tx
    .selectFrom(subjects)
    .innerJoinLateral(
      eb =>
        eb
          .selectFrom('audit_log')
          .selectAll()
          .where('subject_kind', '=', kind)
          .whereRef('subject_id', '=', 'subjects.id')
          .where('action', 'not in', looksAt(kind))
          .orderBy('at', 'desc')
          .orderBy('id', 'desc')
          .limit(ofEach)
          .as('told'),
      join => join.onTrue(),
    )
    .selectAll('told')
    .orderBy('told.at', 'desc')
    .orderBy('told.id', 'desc')
    .execute()
  const each = Map.groupBy(rows, ({ subject_id }) => subject_id!)
  return new Map([...each].map(([id, list]) => [id, list.map(entryOf)]))
}

const looksAt = (kind: Subject['kind']) => [`${kind}.read`, `${kind}.list`, `${kind}.history`, 'pass.code'] as const

function entryOf(row: Row<'audit_log'>): HistoryEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    by: { name: row.by_name, role: row.by_role, kind: row.by_kind },
    before: row.before as HistoryEntry['before'],
    after: row.after as HistoryEntry['after'],
    note: row.note,
  }
}

function readCursor(cursor: string): { atMs: number; id: string } | undefined {
  const [at, id] = Buffer.from(cursor, 'base64url').toString().split('.')
  const atMs = Number(at)
  if (!/^\d{1,15}$/.test(at ?? '') || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id ?? '')) return undefined
  return { atMs, id: id! }
}
