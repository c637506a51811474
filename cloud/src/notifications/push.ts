import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Guarded } from '../http/breaker.ts'
import type { Ask } from '../http/guarded-request.ts'
import type { Vault } from '../keys/vault.ts'
import { deliver, type Sending } from './attempt-delivery.ts'
import type { Tried } from './deliveries.repo.ts'
import { type PushKeys, pushRequest, type Subscription } from './push-message.ts'
import { isTried, sendOut, triedOf } from './send-out.ts'
import { wordsOf } from './words.ts'

export type PushNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly keys: () => Promise<PushKeys>
  readonly guarded: Guarded
  readonly ask: Ask
  /** `mailto:` or `https:`: whom a push service writes to when something is wrong (RFC 8292). */
  readonly contact: string
  readonly nowMs: () => number
}

export const subscriptionPlace = (tenant: string, id: string) => ({
  tenant,
  table: 'push_subscriptions',
  column: 'sealed_subscription',
  row: id,
})

/** A push service takes 4,096 bytes, encrypted. */
const TEXT_CHARACTERS_MAX = 300

/** The job that sends a push message to every browser a person is signed in with. */
export const deliverPush = (needs: PushNeeds) => deliver<'push'>(needs, sending => push(needs, sending))

async function push(needs: PushNeeds, sending: Sending): Promise<Tried> {
  const { schoolId, delivery } = sending
  const { browsers, payload } = await inSchool(needs.db, schoolId, async tx => ({
    browsers: await browsersOf(tx, needs, delivery.user_id!),
    payload: await payloadOf(tx, delivery.notification_id!, delivery.user_id!),
  }))
  const none: Tried = {
    outcome: 'dropped',
    status: null,
    tookMs: null,
    words: 'No browser is signed in and subscribed.',
  }
  let told = none
  for (const browser of browsers) {
    const tried = await toBrowser(needs, sending, browser.subscription, payload)
    if (tried.status === 404 || tried.status === 410) {
      await inSchool(needs.db, schoolId, tx =>
        tx.deleteFrom('push_subscriptions').where('id', '=', browser.id).execute(),
      )
    } else if (RANK[tried.outcome] > RANK[told.outcome]) told = tried
  }
  return told
}

/** One browser that has it is enough: another try would tell that one again. */
const RANK = { dropped: 0, failed: 1, again: 2, sent: 3 } as const

async function browsersOf(tx: Tx, { vault, nowMs }: PushNeeds, userId: string) {
  const rows = await tx
    .selectFrom('push_subscriptions')
    .innerJoin('sessions', 'sessions.id', 'push_subscriptions.session_id')
    .innerJoin('schools', 'schools.id', 'push_subscriptions.school_id')
    .select(['push_subscriptions.id', 'sealed_subscription', 'tenant'])
    .where('push_subscriptions.user_id', '=', userId)
    .where('sessions.ended_at', 'is', null)
    .where('sessions.expires_at', '>', new Date(nowMs()))
    .execute()
  return rows.map(({ id, sealed_subscription, tenant }) => ({
    id,
    subscription: JSON.parse(vault.open(subscriptionPlace(tenant, id), sealed_subscription).toString()) as Subscription,
  }))
}

/** What the dashboard's service worker shows. Shown twice it is one: the tag is the notification's. */
async function payloadOf(tx: Tx, notificationId: string, userId: string): Promise<string> {
  const row = await tx
    .selectFrom('notifications')
    .innerJoin('schools', 'schools.id', 'notifications.school_id')
    .innerJoin('users', 'users.id', 'notifications.user_id')
    .select(['kind', 'facts', 'path', 'schools.name', 'schools.time_zone', 'users.language'])
    .select('schools.language as school_language')
    .where('notifications.id', '=', notificationId)
    .where('users.id', '=', userId)
    .executeTakeFirstOrThrow()
  const hearer = { language: row.language ?? row.school_language, school: row.name, timeZone: row.time_zone }
  const { title, text } = wordsOf(row, hearer)
  const cut = (words: string) => [...words].slice(0, TEXT_CHARACTERS_MAX).join('')
  return JSON.stringify({ title: cut(title), text: cut(text), path: row.path, tag: notificationId })
}

async function toBrowser(
  { keys, contact, guarded, ask }: PushNeeds,
  { delivery, signal }: Sending,
  subscription: Subscription,
  payload: string,
): Promise<Tried> {
  const topic = delivery.notification_id!.replaceAll('-', '')
  const { url, headers, body } = pushRequest(subscription, payload, { keys: await keys(), contact, topic })
  const came = await sendOut({ guarded, ask }, `push ${url.host}`, url, {
    method: 'POST',
    headers,
    signal,
    ...(body !== null && { body }),
  })
  return isTried(came) ? came : triedOf(came)
}
