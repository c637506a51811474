import { createHmac, timingSafeEqual } from 'node:crypto'
import express, { Router } from 'express'
import { sql } from 'kysely'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { plainText } from './deliveries.repo.ts'
import { SMS_CALLBACK_PATH, type SmsAccount } from './sms.ts'

/** What becomes of a message, as Twilio names it; anything else is a step on the way. */
const ENDS: Readonly<Record<string, 'delivered' | 'failed'>> = {
  delivered: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
}

/** Where Twilio tells what became of a text message. Who has not signed is refused; a message that nobody knows is no news. */
export function smsCallbackRoutes({
  db,
  account,
  publicUrl,
  nowMs,
}: {
  readonly db: Db
  readonly account: SmsAccount | null
  readonly publicUrl: string
  readonly nowMs: () => number
}): Router {
  const routes = Router()
  if (account === null) return routes
  routes.post(SMS_CALLBACK_PATH, express.urlencoded({ extended: false, limit: '16kb' }), async (req, res) => {
    const said = req.body as Readonly<Record<string, unknown>> | undefined
    const params = Object.entries(said ?? {}).filter((one): one is [string, string] => typeof one[1] === 'string')
    const wanted = twilioSignature(account.authToken, `${publicUrl}${req.originalUrl}`, params)
    if (!isSame(wanted, req.get('x-twilio-signature') ?? '')) return void res.status(403).end()
    const { MessageSid: sid = '', MessageStatus: status = '', ErrorCode: code } = Object.fromEntries(params)
    const state = ENDS[status]
    if (state !== undefined)
      await note(db, sid, { state, answer: code === undefined ? status : `${status}: ${code}`, nowMs: nowMs() })
    res.status(204).end()
  })
  return routes
}

/** HMAC-SHA1, by the account's token, of the address and of every parameter's name and value in the order of the names; in base64. */
export function twilioSignature(
  authToken: string,
  url: string,
  params: readonly (readonly [string, string])[],
): string {
  const sorted = params.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
  return createHmac('sha1', authToken)
    .update(url + sorted.map(([name, value]) => name + value).join(''))
    .digest('base64')
}

function isSame(wanted: string, said: string): boolean {
  const [one, other] = [Buffer.from(wanted), Buffer.from(said)]
  return one.length === other.length && timingSafeEqual(one, other)
}

async function note(
  db: Db,
  sid: string,
  { state, answer, nowMs }: { readonly state: 'delivered' | 'failed'; readonly answer: string; readonly nowMs: number },
): Promise<void> {
  const { rows } = await sql<{ school_id: string | null }>`select school_of_sms(${sid}) as school_id`.execute(db)
  const schoolId = rows[0]?.school_id ?? null
  if (schoolId === null) return
  // Callbacks come in any order: what arrived stays arrived.
  await inSchool(db, schoolId, tx =>
    tx
      .updateTable('deliveries')
      .set({ state, answer: plainText(answer), ended_at: new Date(nowMs) })
      .where('provider_id', '=', sid)
      .where('state', '=', 'sent')
      .execute(),
  )
}
