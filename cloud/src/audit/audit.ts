import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import { onceCommitted } from '../db/committing.ts'
import type { Tx } from '../db/tables.ts'
import { type Actor, THE_SERVICE } from './actor.ts'
import { noted } from './noted.ts'

export type AuditEntry = {
  /** `student.update`, `session.begin`, `list.export`: a noun and what was done to it. */
  readonly action: `${string}.${string}`
  readonly subject?: { readonly kind: string; readonly id: string }
  /** Whose personal data it is about, where it is a student's: they see who looked. */
  readonly studentId?: string | null
  /** Of a list: whose rows it showed, the first 100 are kept. */
  readonly studentIds?: readonly string[]
  /** Only what changed, as the API spells it. Of encrypted fields the caller gives masked values, never of secrets any. */
  readonly before?: Facts
  readonly after?: Facts
  /** The reason a person gave, or what a number alone does not tell. */
  readonly note?: string
}

type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact }
export type Facts = { readonly [name: string]: Fact }

/** `schoolId` null: the platform, where a super_admin signs in; `tx` is there already. */
export type Auditor = Pick<Actor, 'nowMs' | 'by'> & { readonly schoolId: string | null }

/** One row, in the transaction of what it tells: both are there or neither. */
export async function audit(tx: Tx, auditor: Auditor, entry: AuditEntry): Promise<void> {
  noted()
  await tx.insertInto('audit_log').values(rowOf(auditor, entry)).execute()
}

const ROWS_AT_ONCE_MAX = 1_000

/**
 * Many rows at once, in the transaction of what they tell: as one parameter, where twenty for each row were half the work of an import.
 * A `json` column keeps the text it is given, here as much as alone: `before` and `after` are hashed as they are written.
 */
export async function auditAll(tx: Tx, auditor: Auditor, entries: readonly AuditEntry[]): Promise<void> {
  noted()
  for (let at = 0; at < entries.length; at += ROWS_AT_ONCE_MAX) {
    const rows = entries
      .slice(at, at + ROWS_AT_ONCE_MAX)
      .map(entry => ({ ...rowOf(auditor, entry), before: entry.before ?? null, after: entry.after ?? null }))
    const columns = sql.join(Object.keys(rows[0]!).map(name => sql.ref(name)))
    await sql`insert into audit_log (${columns})
      select ${columns} from json_populate_recordset(null::audit_log, ${JSON.stringify(rows)}::json)`.execute(tx)
  }
}

/** As many as a list shows at once. */
export const STUDENT_IDS_MAX = 100

/** Who looks again at the same thing, in the same session, looked once. */
export const SAME_LOOK_MS = 5 * 60_000

/** Looks that the log has, by what makes two the same, and when they were: who looks again within a process need not ask the table. */
const looks = new LRUCache<string, number>({ max: 10_000 })

/**
 * Somebody looked at personal data, and changed nothing. One statement: a look of the same session at the same, within
 * five minutes, is told once. What is the same: action, subject, what was asked for and whose rows were shown.
 */
export async function look(tx: Tx, auditor: Auditor, entry: AuditEntry): Promise<void> {
  noted()
  const same = sameLook(auditor, entry)
  const before = same === null ? undefined : looks.get(same)
  if (before !== undefined && before > auditor.nowMs - SAME_LOOK_MS && before <= auditor.nowMs) return
  const row = rowOf(auditor, entry)
  const since = new Date(auditor.nowMs - SAME_LOOK_MS)
  const ids = row.student_ids
  const { numAffectedRows } = await sql`
    insert into audit_log (id, school_id, at, by_kind, by_id, by_name, by_role, session_id, address, request_id, action,
      subject_kind, subject_id, student_id, student_ids, after, note, salt, content_hash)
    select ${row.id}::uuid, ${row.school_id}::uuid, ${row.at}::timestamptz, ${row.by_kind}, ${row.by_id}::uuid,
      ${row.by_name}, ${row.by_role}, ${row.session_id}::uuid, ${row.address}, ${row.request_id}, ${row.action},
      ${row.subject_kind}, ${row.subject_id}, ${row.student_id}::uuid, ${ids}::uuid[], ${row.after}::json, ${row.note},
      ${row.salt}, ${row.content_hash}
    where not exists (select from audit_log as same
      where same.session_id = ${row.session_id}::uuid and same.at > ${since}::timestamptz and same.action = ${row.action}
        and same.school_id is not distinct from ${row.school_id}::uuid
        and same.subject_id is not distinct from ${row.subject_id} and same.student_id is not distinct from ${row.student_id}::uuid
        and same.student_ids is not distinct from ${ids}::uuid[] and same.after::text is not distinct from ${row.after})
  `.execute(tx)
  // Where the table knew it, its time is another's.
  if (same !== null && numAffectedRows === 1n) onceCommitted(tx, () => looks.set(same, auditor.nowMs))
}

/** null: of no session, and never the same as another. */
function sameLook(
  { schoolId, by }: Auditor,
  { action, subject, studentId, studentIds, after }: AuditEntry,
): string | null {
  if (by?.sessionId == null) return null
  const what = [schoolId, by.sessionId, action, subject?.id, studentId, studentIds?.slice(0, STUDENT_IDS_MAX), after]
  return createHash('sha256').update(JSON.stringify(what)).digest('base64')
}

function rowOf({ schoolId, nowMs, by = THE_SERVICE }: Auditor, entry: AuditEntry) {
  const salt = randomBytes(16).toString('hex')
  const content = {
    name: by.name,
    address: by.address,
    before: entry.before === undefined ? null : JSON.stringify(entry.before),
    after: entry.after === undefined ? null : JSON.stringify(entry.after),
    note: entry.note ?? null,
  }
  return {
    id: randomUUIDv7(),
    school_id: schoolId,
    at: new Date(nowMs),
    by_kind: by.kind,
    by_id: by.id,
    by_name: content.name,
    by_role: by.role,
    session_id: by.sessionId,
    address: content.address,
    request_id: by.requestId,
    action: entry.action,
    subject_kind: entry.subject?.kind ?? null,
    subject_id: entry.subject?.id ?? null,
    student_id: entry.studentId ?? null,
    student_ids: entry.studentIds?.slice(0, STUDENT_IDS_MAX) ?? null,
    before: content.before,
    after: content.after,
    note: content.note,
    salt,
    content_hash: contentHash(salt, content),
  }
}

type Content = Readonly<Record<'name' | 'address' | 'before' | 'after' | 'note', string | null>>

/** What of a row may be erased is hashed apart, with a salt that goes with it. `before` and `after` are the columns' own text. */
export function contentHash(salt: string, { name, address, before, after, note }: Content): string {
  return createHash('sha256')
    .update(salt)
    .update(JSON.stringify([name, address, before, after, note]))
    .digest('hex')
}

/** What of a row changed: the same names in both, only where they differ. Undefined in `after` was not asked to change. */
export function changes(before: Facts, after: Partial<Facts>): { readonly before: Facts; readonly after: Facts } {
  const changed = Object.keys(after).filter(
    name => after[name] !== undefined && JSON.stringify(after[name]) !== JSON.stringify(before[name] ?? null),
  )
  const only = (facts: Partial<Facts>) => Object.fromEntries(changed.map(name => [name, facts[name] ?? null]))
  return { before: only(before), after: only(after) }
}
