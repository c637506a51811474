import type { LogEvent } from 'kysely'

/** One statement that was run: its text, which holds no values, and how long it took. */
export type OnQuery = (query: { readonly sql: string; readonly ms: number }) => void

/** For Kysely's `log`; statements that failed took their time too. */
export function toldTo(onQuery: OnQuery | undefined): ((event: LogEvent) => void) | undefined {
  if (onQuery === undefined) return undefined
  return ({ query, queryDurationMillis }) => onQuery({ sql: query.sql, ms: queryDurationMillis })
}

const SLOW_MS = 1_000
const SAID_MAX = 2_000

/** Warns of what took longer than a second, once for each statement. */
export function warnOfSlow(warn: (fields: { sql: string; ms: number }) => void): OnQuery {
  return ({ sql, ms }) => {
    if (ms > SLOW_MS) warn({ sql: sql.slice(0, SAID_MAX), ms: Math.round(ms) })
  }
}

const OPERATIONS = ['select', 'insert', 'update', 'delete'] as const
const TABLE = /\b(?:from|into|update)\s+"?([a-z_][a-z_0-9]{0,62})"?/

/** What a statement does, and to which table or function first: words of our own statements, and never more of them than we wrote. */
export function kindOfQuery(sql: string): { readonly operation: string; readonly table: string } {
  const first = /^\s*(\w+)/.exec(sql)?.[1]?.toLowerCase() ?? ''
  const operation = first === 'with' ? 'select' : (OPERATIONS.find(one => one === first) ?? 'other')
  return { operation, table: operation === 'other' ? 'none' : (TABLE.exec(sql)?.[1] ?? 'none') }
}
