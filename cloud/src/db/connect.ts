import type { PGlite } from '@electric-sql/pglite'
import type { Db } from './tables.ts'

/** A statement without Kysely: migrations are many statements in one text. */
export type Sql = {
  /** Any number of statements, no values. */
  run(text: string): Promise<void>
  rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** An open database, PGlite or PostgreSQL; what is above this file cannot tell them apart. */
export type Database = AsyncDisposable & {
  readonly engine: 'pglite' | 'postgres'
  /** As the runtime role, which owns nothing and sees no school's rows until `inSchool` names one. */
  readonly db: Db
  /** For long reading that may be some seconds behind, such as exports: never for rights, never after a write. The same where there is no copy. */
  readonly replica: Db
  /** Where the queue of jobs finds its own way in, with the runtime role's rights. */
  readonly queueAccess: { readonly pglite: PGlite } | { readonly url: string }
  /** Runs `work` as the owner, in one transaction: migrations and partitions. */
  asOwner<Answer>(work: (sql: Sql) => Promise<Answer>): Promise<Answer>
  /** Calls `heard` at each NOTIFY on the channel until the answer is called. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>
}
