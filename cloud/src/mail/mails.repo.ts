import type { MailState } from '@gatehouse/shared/wire/api/mail.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'

export type MailRow = Row<'mails'>

export type MailQuery = {
  readonly page: number
  readonly limit: number
  readonly state?: MailState | undefined
  readonly search?: string | undefined
}

/** One page, newest first, and how many there are. `search` is part of an address or a subject. */
export async function listMails(
  tx: Tx,
  { page, limit, state, search = '' }: MailQuery,
): Promise<{ rows: MailRow[]; total: number }> {
  const part = `%${search.replace(/[\\%_]/g, character => `\\${character}`)}%`
  const matching = tx
    .selectFrom('mails')
    .$if(state !== undefined, mails => mails.where('state', '=', state!))
    .$if(search !== '', mails =>
      mails.where(({ or, eb }) => or([eb('to_address', 'ilike', part), eb('subject', 'ilike', part)])),
    )
  const { total } = await matching.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await matching
    .selectAll()
    .orderBy('made_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

export function findMail(tx: Tx, mailId: string): Promise<MailRow | undefined> {
  return tx.selectFrom('mails').selectAll().where('id', '=', mailId).executeTakeFirst()
}

/** What became of a mail. What it says goes when it was sent; one that failed can be tried again. */
export async function endMail(
  tx: Tx,
  mailId: string,
  { state, answer, nowMs }: { state: Exclude<MailState, 'waiting'>; answer: string | null; nowMs: number },
): Promise<void> {
  await tx
    .updateTable('mails')
    .set({
      state,
      answer: answer?.slice(0, 1000) ?? null,
      ended_at: new Date(nowMs),
      ...(state === 'sent' && { body: null }),
    })
    .where('id', '=', mailId)
    .where('state', 'in', ['waiting', 'failed'])
    .execute()
}

/** The server's words while a mail waits for another try. */
export async function noteAnswer(tx: Tx, mailId: string, answer: string): Promise<void> {
  await tx
    .updateTable('mails')
    .set({ answer: answer.slice(0, 1000) })
    .where('id', '=', mailId)
    .execute()
}

const KEEP_MS = 30 * 86_400_000

/** Mails are gone after thirty days. Answers how many went. */
export async function forgetMails(tx: Tx, nowMs: number): Promise<number> {
  const gone = await tx
    .deleteFrom('mails')
    .where('made_at', '<', new Date(nowMs - KEEP_MS))
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}
