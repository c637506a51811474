import { AccessLine, ApplicationLine } from '@gatehouse/shared/wire/messages.ts'
import { sql } from 'kysely'
import { z } from 'zod'
import { CACHE_SUBJECTS, type CacheSubject } from '../cache/cacheable.ts'
import type { Database } from './connect.ts'
import type { Db, Tx } from './tables.ts'

/** What leaves a transaction, by kind. Handlers may be called twice for one row, and must not mind. */
export const OutboxBody = {
  /** Something that the school's lists say changed. */
  'list.changed': z.object({}),
  /** A trust bundle was published. */
  'trust.changed': z.object({}),
  /** A gate was told anew what hangs on it. */
  'configuration.changed': z.object({ gateId: z.string() }),
  /** A gate was made, enrolled, or said something new of itself. */
  'gates.changed': z.object({}),
  /** What is kept of it no longer holds. */
  'cache.changed': z.object({ subject: z.enum(CACHE_SUBJECTS as [CacheSubject, ...CacheSubject[]]) }),
  /** A file was looked at: it is ready or refused, and its row says which. */
  'file.settled': z.object({ fileId: z.string() }),
  /** Sessions and access keys that ended, by id: connections that hang on them close. */
  'session.ended': z.object({ ids: z.array(z.string()) }),
  /** Somebody asked for a link that sets a new password; whether anybody has the e-mail is still to be seen. */
  'password.reset_asked': z.object({
    email: z.string(),
    by: z.object({
      id: z.null(),
      name: z.string(),
      sessionId: z.null(),
      address: z.string().nullable(),
      requestId: z.string().nullable(),
    }),
  }),
  /** Somebody was told something, or a web hook is to be: by id. */
  'notification.made': z.object({ notificationIds: z.array(z.string()), deliveryIds: z.array(z.string()) }),
  /** An application moved, or was given to somebody. */
  'application.changed': ApplicationLine,
  /** Lines of the live page, oldest first. */
  'access.lines': z.object({ lines: z.array(AccessLine) }),
} as const

export type OutboxKind = keyof typeof OutboxBody
export type OutboxRow<Kind extends OutboxKind = OutboxKind> = {
  readonly [K in Kind]: {
    readonly kind: K
    readonly schoolId: string | null
    readonly body: z.infer<(typeof OutboxBody)[K]>
  }
}[Kind]

export type OutboxHandlers = {
  /** Rows of one kind and one claim, oldest first. Throwing leaves them for another try when the lease ends. */
  readonly [Kind in OutboxKind]?: (rows: readonly OutboxRow<Kind>[]) => Promise<void> | void
}

/** Writes one row; it leaves when, and only when, the transaction commits. */
export async function leave<Kind extends OutboxKind>(
  tx: Tx | Db,
  schoolId: string | null,
  kind: Kind,
  body: z.input<(typeof OutboxBody)[Kind]>,
): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({ school_id: schoolId, kind, body: JSON.stringify(body) })
    .execute()
}

const CLAIM_ROWS = 200
const LEASE_S = 15
/** NOTIFY tells at once; looking is for what was missed while the listening connection was away. */
const LOOK_EVERY_MS = 1_000

type Claimed = { readonly id: string; readonly school_id: string | null; readonly kind: string; readonly body: unknown }

export type Drain = {
  /** Looks now, and answers when nothing is left that could be done. */
  now(): Promise<void>
  /** Ends after the rows in hand. */
  stop(): Promise<void>
}

/**
 * Hands out the rows of the kinds it has handlers for, oldest first within a kind, one claim at a time. What may take
 * long has a drain of its own, so that nothing else waits behind it.
 */
export async function drainOutbox({
  database,
  handlers,
  onProblem,
}: {
  readonly database: Database
  readonly handlers: OutboxHandlers
  /** A handler or the database failed; the rows are tried again. */
  readonly onProblem: (problem: unknown, kind: string | null) => void
}): Promise<Drain> {
  const { db } = database
  const kinds = Object.keys(handlers)
  let stopped = false
  let running: Promise<void> | null = null
  let again = false

  const once = async (): Promise<boolean> => {
    const claimed = (
      await sql<Claimed>`select * from outbox_claim(${kinds}::text[], ${CLAIM_ROWS}, make_interval(secs => ${LEASE_S}))`.execute(
        db,
      )
    ).rows.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
    for (const kind of new Set(claimed.map(row => row.kind))) {
      const rows = claimed.filter(row => row.kind === kind)
      try {
        await hand(handlers, kind, rows)
        await sql`select outbox_done(${rows.map(row => row.id)}::bigint[])`.execute(db)
      } catch (problem) {
        onProblem(problem, kind)
      }
    }
    return claimed.length === CLAIM_ROWS
  }

  const run = async () => {
    do {
      again = false
      try {
        while (!stopped && (await once()));
      } catch (problem) {
        onProblem(problem, null)
      }
    } while (again && !stopped)
    running = null
  }
  const look = (): Promise<void> => {
    if (stopped) return running ?? Promise.resolve()
    again = true
    running ??= run()
    return running
  }

  const unlisten = await database.listen('gatehouse_outbox', () => void look())
  const timer = setInterval(() => void look(), LOOK_EVERY_MS)
  void look()
  return {
    now: look,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
      await unlisten()
    },
  }
}

async function hand(handlers: OutboxHandlers, kind: string, rows: readonly Claimed[]): Promise<void> {
  const schema = OutboxBody[kind as OutboxKind]
  const handler = handlers[kind as OutboxKind] as ((rows: readonly OutboxRow[]) => Promise<void> | void) | undefined
  if (schema === undefined || handler === undefined) throw new Error(`nothing here deals with ${kind}`)
  await handler(rows.map(row => ({ kind, schoolId: row.school_id, body: schema.parse(row.body) }) as OutboxRow))
}
