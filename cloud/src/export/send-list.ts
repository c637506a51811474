import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExportFormat } from '@gatehouse/shared/wire/api/exports.ts'
import { type Route, STREAM_TYPES } from '@gatehouse/shared/wire/contract.ts'
import type { Response } from 'express'
import { audit, type Facts } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { type Asked, actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import type { Cell } from './cell.ts'
import { csvFile } from './csv-file.ts'
import { xlsxFile } from './xlsx-file.ts'

/** Rows in one look at the database; each look is a transaction of its own, so that a slow reader holds none open. */
export const PAGE_ROWS = 500

export type ListPage<Key> = {
  readonly rows: readonly (readonly Cell[])[]
  /** Where the next page begins; null at the end. */
  readonly next: Key | null
}

/** A list as a file: what its columns are called, and its rows a page at a time. */
export type ListFile<Key> = {
  readonly headings: readonly string[]
  /** Why there is no such list in this school; null: there is. */
  missing?(tx: Tx): Promise<Problem | null>
  page(tx: Tx, after: Key | null): Promise<ListPage<Key>>
}

type Style = { readonly format: ExportFormat; readonly separator: 'comma' | 'semicolon'; readonly mark: 'yes' | 'no' }

export type ExportNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

/**
 * Binds a list's file. `listFor` answers what this person may see of it: the same rows and the same masks as on the
 * list. Who took what with which filters is in the audit log before the first byte leaves.
 */
export function exportRoute<R extends Route>(
  routes: Binder,
  { db, nowMs }: ExportNeeds,
  route: R,
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: each list continues by a key of its own
  listFor: (asked: Asked<R, SchoolPerson>) => ListFile<any> | { readonly problem: Problem },
): void {
  routes.inSchool(route, async asked => {
    const list = listFor(asked)
    if ('problem' in list) return list
    const { format, separator, mark, ...filters } = asked.query as unknown as Style & Record<string, unknown>
    const { who } = asked
    const first = await inSchool(db, who.school.id, async tx => {
      const problem = (await list.missing?.(tx)) ?? null
      if (problem !== null) return { problem }
      await audit(tx, actorOf(who, nowMs()), {
        action: 'list.export',
        subject: { kind: 'list', id: name },
        after: { format, ...told(filters) },
      })
      return list.page(tx, null)
    })
    if ('problem' in first) return first
    const sent = { rows: 0 }
    const rows = counted(
      rowsOf(list, first, after => inSchool(db, who.school.id, tx => list.page(tx, after))),
      sent,
    )
    const file =
      format === 'csv'
        ? csvFile(rows, { separator: separator === 'comma' ? ',' : ';', mark: mark === 'yes' })
        : xlsxFile(rows)
    const whole = await send(asked.res, file, `${name}-${new Date(nowMs()).toISOString().slice(0, 10)}`, format)
    await inSchool(db, who.school.id, tx =>
      audit(tx, actorOf(who, nowMs()), {
        action: 'list.export_end',
        subject: { kind: 'list', id: name },
        after: { rows: sent.rows, whole },
      }),
    )
    return { sent: true }
  })
}

async function* rowsOf<Key>(
  list: ListFile<Key>,
  first: ListPage<Key>,
  more: (after: Key) => Promise<ListPage<Key>>,
): AsyncGenerator<readonly Cell[]> {
  yield list.headings
  let page = first
  for (;;) {
    yield* page.rows
    if (page.next === null) return
    page = await more(page.next)
  }
}

async function* counted(rows: AsyncIterable<readonly Cell[]>, sent: { rows: number }) {
  let isHeading = true
  for await (const row of rows) {
    yield row
    if (!isHeading) sent.rows++
    isHeading = false
  }
}

/** Whether all of it left. After the first byte nothing can be said any more but by breaking off, which a client sees. */
async function send(
  res: Response,
  file: AsyncIterable<Uint8Array>,
  name: string,
  format: ExportFormat,
): Promise<boolean> {
  res.setHeader('Content-Type', STREAM_TYPES[format])
  res.setHeader('Content-Disposition', `attachment; filename="${name}.${format}"`)
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.status(200)
  try {
    await pipeline(Readable.from(file, { objectMode: false }), res)
    return true
  } catch (problem) {
    if (!isGone(problem)) throw problem
    return false
  }
}

/** The reader went away: no fault of ours. */
function isGone(problem: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String((problem as { code?: unknown }).code))
}

function told(filters: Readonly<Record<string, unknown>>): Facts {
  return Object.fromEntries(
    Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

/** A page that is full may have another after it. */
export function continued<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Key | null {
  const last = rows.at(-1)
  return last === undefined || rows.length < PAGE_ROWS ? null : keyOf(last)
}
