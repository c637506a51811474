import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { type Actor, THE_SERVICE } from './actor.ts'

export type AuditEntry = {
  /** `student.update`, `session.begin`, `list.export`: a noun and what was done to it. */
  readonly action: `${string}.${string}`
  readonly subject?: { readonly kind: string; readonly id: string }
  /** Whose personal data it is about, where it is a student's: they see who looked. */
  readonly studentId?: string | null
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
  await tx.insertInto('audit_log').values(rowOf(auditor, entry)).execute()
}

const ROWS_AT_ONCE_MAX = 1_000

/**
 * Many rows at once, in the transaction of what they tell: as one parameter, where twenty for each row were half the work of an import.
 * A `json` column keeps the text it is given, here as much as alone: `before` and `after` are hashed as they are written.
 */
export async function auditAll(tx: Tx, auditor: Auditor, entries: readonly AuditEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += ROWS_AT_ONCE_MAX) {
    const rows = entries
      .slice(at, at + ROWS_AT_ONCE_MAX)
      .map(entry => ({ ...rowOf(auditor, entry), before: entry.before ?? null, after: entry.after ?? null }))
    const columns = sql.join(Object.keys(rows[0]!).map(name => sql.ref(name)))
    await sql`insert into audit_log (${columns})
      select ${columns} from json_populate_recordset(null::audit_log, ${JSON.stringify(rows)}::json)`.execute(tx)
  }
}

function rowOf({ schoolId, nowMs, by = THE_SERVICE }: Auditor, entry: AuditEntry) {
  const salt = randomBytes(16).toString('hex')
  const content = {
    name: by.name,
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
    by_name: by.name,
    by_role: by.role,
    session_id: by.sessionId,
    address: by.address,
    request_id: by.requestId,
    action: entry.action,
    subject_kind: entry.subject?.kind ?? null,
    subject_id: entry.subject?.id ?? null,
    student_id: entry.studentId ?? null,
    before: content.before,
    after: content.after,
    note: content.note,
    salt,
    content_hash: contentHash(salt, content),
  }
}

/** What of a row may be erased is hashed apart, with a salt that goes with it. `before` and `after` are the columns' own text. */
export function contentHash(
  salt: string,
  { name, before, after, note }: Readonly<Record<'name' | 'before' | 'after' | 'note', string | null>>,
): string {
  return createHash('sha256')
    .update(salt)
    .update(JSON.stringify([name, before, after, note]))
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
