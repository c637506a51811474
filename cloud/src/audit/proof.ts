import { createHash } from 'node:crypto'
import type { AuditProof } from '@gatehouse/shared/wire/api/audit.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'
import { contentHash } from './audit.ts'

const NOTHING = '0'.repeat(64)
const PAGE_ROWS = 1_000

/** Texts of `before` and `after` as they stand in the column: JSON that was read and written again is another text. */
type Link = Omit<Row<'audit_log'>, 'before' | 'after'> & {
  readonly before: string | null
  readonly after: string | null
}

/**
 * Walks the chain of the school that was entered, or of the platform. It holds where the numbers follow one another
 * from 1 or from the newest checkpoint to the end that `audit_chains` names, each row has the hash of the one before,
 * its own hash is that of its columns, and what it tells is what was hashed, or is gone whole.
 *
 * `expect`: an end that somebody kept. It is in the chain, or before the part that is still there.
 */
export async function proveAudit(
  tx: Tx,
  expect: { readonly number: number; readonly hash: string } | null = null,
): Promise<AuditProof> {
  // Rows may be sealed meanwhile, and are not looked at; that the beginning is cut waits.
  await sql`select pg_advisory_xact_lock_shared(hashtextextended('audit cut ' || coalesce(current_school()::text, ''), 0))`.execute(
    tx,
  )
  const cut = await tx.selectFrom('audit_checkpoints').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst()
  const end = await tx.selectFrom('audit_chains').selectAll().executeTakeFirst()
  const waiting = await tx
    .selectFrom('audit_log')
    .select(sql<number>`count(*)::int`.as('rows'))
    .where('number', 'is', null)
    .executeTakeFirstOrThrow()

  let number = Number(cut?.number ?? 0)
  let hash = cut?.hash ?? NOTHING
  const told = {
    rows: 0,
    erased: 0,
    waiting: waiting.rows,
    from: end === undefined ? null : number + 1,
    head: end === undefined ? null : { number: Number(end.number), hash: end.hash },
  }
  const broken = (at: number, why: string): AuditProof => ({ ...told, holds: false, broken: { number: at, why } })
  if (expect !== null && expect.number === number && expect.hash !== hash) {
    return broken(number, 'the chain had another hash here when it was kept')
  }

  for (;;) {
    const links = await linksAfter(tx, number, end?.number ?? null)
    for (const link of links) {
      const why = wrongWith(link, number + 1, hash)
      // A row that is missing is named by its own number, not by that of the next one.
      if (why !== null) return broken(number + 1, why)
      number = Number(link.number)
      hash = link.hash!
      told.rows++
      if (link.salt === null) told.erased++
      if (expect?.number === number && expect.hash !== hash) {
        return broken(number, 'the chain had another hash here when it was kept')
      }
    }
    if (links.length < PAGE_ROWS) break
  }
  if (end !== undefined && (Number(end.number) !== number || end.hash !== hash)) {
    return broken(number + 1, `the rows end at ${number}, and the chain at ${end.number}`)
  }
  if (end === undefined && number > 0) return broken(number, 'the end of the chain is gone')
  if (expect !== null && expect.number > number) return broken(expect.number, 'the chain was longer when it was kept')
  return { ...told, holds: true, broken: null }
}

/** `end`: rows behind it were sealed after the walk began. */
function linksAfter(tx: Tx, number: number, end: string | null): Promise<Link[]> {
  return tx
    .selectFrom('audit_log')
    .selectAll()
    .select([sql<string | null>`before::text`.as('before'), sql<string | null>`after::text`.as('after')])
    .where('number', '>', String(number) as never)
    .$if(end !== null, rows => rows.where('number', '<=', end! as never))
    .orderBy('number')
    .limit(PAGE_ROWS)
    .execute() as unknown as Promise<Link[]>
}

function wrongWith(link: Link, number: number, previous: string): string | null {
  if (Number(link.number) !== number) return `the row is missing; the next one is ${link.number}`
  if (link.previous_hash !== previous) return 'it does not follow the row before it'
  if (link.hash !== linkHash(link, number, previous)) return 'the row was changed'
  const { by_name: name, address, before, after, note, salt } = link
  if (salt === null) {
    const left = [name, address, before, after, note].some(part => part !== null)
    return left ? 'what it tells is not what was entered' : null
  }
  return contentHash(salt, { name, address, before, after, note }) === link.content_hash
    ? null
    : 'what it tells is not what was entered'
}

/** As `audit_seal` writes it: one field a line, texts as JSON, `-` for nothing. */
export function linkHash(link: Omit<Link, 'before' | 'after'>, number: number, previous: string): string {
  const text = (value: string | null) => (value === null ? '-' : JSON.stringify(value))
  const lines = [
    'gatehouse-audit-1',
    previous,
    String(number),
    link.id,
    link.school_id ?? '-',
    link.at.toISOString(),
    link.by_kind,
    link.by_id ?? '-',
    text(link.by_role),
    link.session_id ?? '-',
    text(link.request_id),
    link.action,
    text(link.subject_kind),
    text(link.subject_id),
    link.student_id ?? '-',
    link.student_ids?.join(' ') ?? '-',
    link.content_hash,
  ]
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
