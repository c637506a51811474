import type { DeliveryChannel, DeliveryState } from '@gatehouse/shared/wire/api/deliveries.ts'
import type { NotificationKind } from '@gatehouse/shared/wire/api/notifications.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'

export type DeliveryRow = Row<'deliveries'>
export type ShownDelivery = Omit<DeliveryRow, 'state'> & { readonly state: DeliveryState; readonly to_name: string }

export type DeliveryQuery = {
  readonly page: number
  readonly limit: number
  readonly channel?: DeliveryChannel | undefined
  readonly state?: DeliveryState | undefined
  readonly kind?: NotificationKind | undefined
  readonly webhookId?: string | undefined
}

/** What became of a mail is written with the mail. */
const state = sql<DeliveryState>`(case when deliveries.state = 'waiting' then coalesce(mails.state, 'waiting') else deliveries.state end)`
const ended = sql<Date | null>`coalesce(deliveries.ended_at, mails.ended_at)`

/** One page, newest first, and how many there are. */
export async function listDeliveries(
  tx: Tx,
  { page, limit, ...filters }: DeliveryQuery,
): Promise<{ rows: ShownDelivery[]; total: number }> {
  const matching = shown(tx)
    .$if(filters.channel !== undefined, rows => rows.where('deliveries.channel', '=', filters.channel!))
    .$if(filters.state !== undefined, rows => rows.where(state, '=', filters.state!))
    .$if(filters.kind !== undefined, rows => rows.where('deliveries.kind', '=', filters.kind!))
    .$if(filters.webhookId !== undefined, rows => rows.where('deliveries.webhook_id', '=', filters.webhookId!))
  const { total } = await matching.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await withNames(matching)
    .orderBy('deliveries.made_at', 'desc')
    .orderBy('deliveries.id', 'desc')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows: rows as ShownDelivery[], total }
}

export async function findShown(tx: Tx, deliveryId: string): Promise<ShownDelivery | undefined> {
  const row = await withNames(shown(tx)).where('deliveries.id', '=', deliveryId).executeTakeFirst()
  return row as ShownDelivery | undefined
}

const shown = (tx: Tx) =>
  tx
    .selectFrom('deliveries')
    .leftJoin('users', 'users.id', 'deliveries.user_id')
    .leftJoin('students', 'students.id', 'deliveries.student_id')
    .leftJoin('webhooks', 'webhooks.id', 'deliveries.webhook_id')
    .leftJoin('mails', 'mails.id', 'deliveries.mail_id')

const withNames = (rows: ReturnType<typeof shown>) =>
  rows
    .selectAll('deliveries')
    .select([
      state.as('state'),
      ended.as('ended_at'),
      sql<string | null>`coalesce(deliveries.answer, mails.answer)`.as('answer'),
      sql<string>`coalesce(webhooks.url, users.display_name, trim(concat(students.first_name, ' ', students.last_name)), '')`.as(
        'to_name',
      ),
    ])

/** What is to be sent; undefined: it was sent, dropped or erased meanwhile. What failed is, where its job is done again by hand. */
export function findWaiting(tx: Tx, deliveryId: string): Promise<DeliveryRow | undefined> {
  return tx
    .selectFrom('deliveries')
    .selectAll()
    .where('id', '=', deliveryId)
    .where('state', 'in', ['waiting', 'failed'])
    .executeTakeFirst()
}

export type Tried = {
  /** `again`: the other end is not well, and is tried later. */
  readonly outcome: 'sent' | 'again' | 'failed' | 'dropped'
  /** HTTP; null: there was no answer. */
  readonly status: number | null
  readonly tookMs: number | null
  readonly words: string
  readonly providerId?: string | null
}

export const ANSWER_CHARACTERS_MAX = 1024

/** What came of one try. */
export async function noteTry(tx: Tx, deliveryId: string, tried: Tried, nowMs: number): Promise<void> {
  const { outcome, status, tookMs, words, providerId = null } = tried
  await tx
    .updateTable('deliveries')
    .set(row => ({
      tries: row('tries', '+', 1),
      status,
      took_ms: tookMs === null ? null : Math.round(tookMs),
      answer: plainText(words),
      // Without an answer the other end may have it all the same.
      ...(status !== null && { called_at: null }),
      ...(providerId !== null && { provider_id: providerId }),
      ...(outcome === 'again'
        ? { state: 'waiting' as const, ended_at: null }
        : { state: outcome, ended_at: new Date(nowMs) }),
    }))
    .where('id', '=', deliveryId)
    .where('state', 'in', ['waiting', 'failed'])
    .execute()
}

/** Of something given up because its time was over. */
export async function giveUp(tx: Tx, deliveryId: string, answer: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('deliveries')
    .set(row => ({
      state: 'failed',
      answer: row.fn.coalesce('answer', sql<string>`${plainText(answer)}`),
      ended_at: new Date(nowMs),
    }))
    .where('id', '=', deliveryId)
    .where('state', '=', 'waiting')
    .execute()
}

/** An answer is anything: what cannot be kept as text, and what looks like a secret, is not. */
export function plainText(words: string): string {
  return words
    .replace(/\p{Cc}/gu, ' ')
    .toWellFormed()
    .replace(/\b(bearer|basic)\s+[\w+/=.~-]+/gi, '$1 …')
    .replace(/((?:authorization|token|secret|password|api[-_]?key)"?\s*[:=]\s*"?)[^\s",;}&]+/gi, '$1…')
    .slice(0, ANSWER_CHARACTERS_MAX)
}

const KEEP_MS = { deliveries: 30 * 86_400_000, notifications: 90 * 86_400_000 }

/** Deliveries are gone after thirty days, notifications after ninety. */
export async function forgetNotifications(tx: Tx, nowMs: number): Promise<void> {
  await tx
    .deleteFrom('deliveries')
    .where('made_at', '<', new Date(nowMs - KEEP_MS.deliveries))
    .execute()
  await tx
    .deleteFrom('notifications')
    .where('made_at', '<', new Date(nowMs - KEEP_MS.notifications))
    .execute()
}
