import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Guarded } from '../http/breaker.ts'
import type { Ask } from '../http/guarded-request.ts'
import type { Vault } from '../keys/vault.ts'
import { deliver, type Sending } from './attempt-delivery.ts'
import type { Tried } from './deliveries.repo.ts'
import { isTried, type Sent, sendOut, triedOf } from './send-out.ts'
import { wordsOf } from './words.ts'

/** An account at Twilio. */
export type SmsAccount = {
  readonly accountSid: string
  readonly authToken: string
  /** A number with its country, or a messaging service (`MG…`). */
  readonly from: string
  /** `https://api.twilio.com`; a test's own. */
  readonly baseUrl: string
}

export type SmsNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly account: SmsAccount | null
  readonly guarded: Guarded
  readonly ask: Ask
  readonly publicUrl: string
  readonly nowMs: () => number
}

export const SMS_CALLBACK_PATH = '/callbacks/sms'

export const smsPlace = (tenant: string, userId: string) => ({
  tenant,
  table: 'notification_settings',
  column: 'sealed_sms_number',
  row: userId,
})

/** Two messages of the GSM alphabet; what is longer costs more than it says. */
const TEXT_CHARACTERS_MAX = 300

/**
 * The job that sends a text message by Twilio's Messages API. A try whose answer was not written down is not just made
 * again: the provider is asked first whether it has the message, so that nobody gets, and no school pays, two.
 */
export function deliverSms(needs: SmsNeeds) {
  /** The provider said when it wants to be asked again: until then nobody asks. */
  const rest = { untilMs: 0 }
  return deliver<'sms'>(needs, sending => send(needs, rest, sending))
}

async function send(needs: SmsNeeds, rest: { untilMs: number }, sending: Sending): Promise<Tried> {
  const { db, account, nowMs } = needs
  const { schoolId, delivery } = sending
  const nothing = { status: null, tookMs: null }
  if (account === null) return { outcome: 'dropped', ...nothing, words: 'This service sends no text messages.' }
  if (nowMs() < rest.untilMs) {
    return { outcome: 'again', ...nothing, words: 'The provider asked to be left alone for a while (Retry-After).' }
  }
  const message = await inSchool(db, schoolId, tx => messageOf(tx, needs, sending))
  if (message === null)
    return { outcome: 'dropped', ...nothing, words: 'There is no number for text messages any more.' }
  if (delivery.called_at !== null) {
    const before = await alreadyThere(needs, account, message, delivery.called_at, sending.signal)
    if (before !== null) return before
  }
  await inSchool(db, schoolId, tx =>
    tx
      .updateTable('deliveries')
      .set({ called_at: new Date(nowMs()) })
      .where('id', '=', delivery.id)
      .where('called_at', 'is', null)
      .execute(),
  )
  const form = new URLSearchParams({
    To: message.to,
    [account.from.startsWith('MG') ? 'MessagingServiceSid' : 'From']: account.from,
    Body: message.text,
    StatusCallback: `${needs.publicUrl}${SMS_CALLBACK_PATH}`,
  })
  const came = await ask(needs, account, 'POST', '/Messages.json', sending.signal, form.toString())
  return isTried(came) ? came : answered(came, rest, nowMs())
}

type Message = { readonly to: string; readonly text: string }

/** Null: the number was taken away, or the account is not active any more. */
async function messageOf(tx: Tx, { vault, publicUrl }: SmsNeeds, { delivery }: Sending): Promise<Message | null> {
  const row = await tx
    .selectFrom('notifications')
    .innerJoin('schools', 'schools.id', 'notifications.school_id')
    .innerJoin('users', 'users.id', 'notifications.user_id')
    .innerJoin('notification_settings', 'notification_settings.user_id', 'users.id')
    .select(['kind', 'facts', 'path', 'schools.name', 'schools.tenant', 'schools.time_zone', 'users.language'])
    .select(['schools.language as school_language', 'sealed_sms_number', 'users.id as user_id'])
    .where('notifications.id', '=', delivery.notification_id!)
    .where('users.active', '=', true)
    .executeTakeFirst()
  if (row === undefined || row.sealed_sms_number === null) return null
  const hearer = { language: row.language ?? row.school_language, school: row.name, timeZone: row.time_zone }
  const words = [...`${row.name}: ${wordsOf(row, hearer).text}`].slice(0, TEXT_CHARACTERS_MAX).join('')
  return {
    to: vault.open(smsPlace(row.tenant, row.user_id), row.sealed_sms_number).toString(),
    text: `${words} ${publicUrl}${row.path}`,
  }
}

function ask(
  { guarded, ask: asks }: SmsNeeds,
  { baseUrl, accountSid, authToken }: SmsAccount,
  method: 'GET' | 'POST',
  path: string,
  signal: AbortSignal,
  body?: string,
) {
  const url = new URL(`${baseUrl}/2010-04-01/Accounts/${accountSid}${path}`)
  const headers = {
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
  }
  return sendOut({ guarded, ask: asks }, 'sms', url, { method, headers, signal, ...(body !== undefined && { body }) })
}

/** 201 with the message's id; 400 with a code such as 21211 (no such number); 429 with Retry-After; 401 is about us. */
function answered(came: Sent, rest: { untilMs: number }, nowMs: number): Tried {
  const tried = triedOf(came)
  const { sid, code, message } = jsonOf(came.answer.body) as { sid?: unknown; code?: unknown; message?: unknown }
  if (tried.outcome === 'sent') return { ...tried, words: 'accepted', providerId: typeof sid === 'string' ? sid : null }
  const retryAfterS = Number(came.answer.header('retry-after'))
  if (tried.status === 429 && retryAfterS > 0) rest.untilMs = nowMs + Math.min(retryAfterS, REST_S_MAX) * 1000
  // A password that is wrong will be put right; a message that is refused stays refused.
  const outcome = tried.status === 401 || tried.status === 403 ? 'again' : tried.outcome
  return { ...tried, outcome, words: code === undefined ? tried.words : `${String(code)}: ${String(message ?? '')}` }
}

const REST_S_MAX = 3_600
/** Clocks differ. */
const SLACK_MS = 60_000

/** What the provider has of a message that it may have been given. Null: nothing, and it can be given again. */
async function alreadyThere(
  needs: SmsNeeds,
  account: SmsAccount,
  { to, text }: Message,
  calledAt: Date,
  signal: AbortSignal,
): Promise<Tried | null> {
  const query = new URLSearchParams({ To: to, PageSize: '50' })
  const came = await ask(needs, account, 'GET', `/Messages.json?${query}`, signal)
  if (isTried(came)) return came
  if (came.answer.status !== 200) return { ...triedOf(came), status: null, outcome: 'again' }
  const { messages = [] } = jsonOf(came.answer.body) as {
    messages?: readonly { sid?: string; body?: string; date_created?: string }[]
  }
  const found = messages.find(
    one => one.body === text && Date.parse(one.date_created ?? '') >= calledAt.getTime() - SLACK_MS,
  )
  if (found?.sid === undefined) return null
  return { ...triedOf(came), words: 'accepted, as the provider says when asked', providerId: found.sid }
}

function jsonOf(body: Buffer): object {
  try {
    const said: unknown = JSON.parse(body.toString('utf8'))
    return typeof said === 'object' && said !== null ? said : {}
  } catch {
    return {}
  }
}
