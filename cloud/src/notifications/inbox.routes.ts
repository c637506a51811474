import { randomUUIDv7 } from 'node:crypto'
import {
  getNotificationPreferences,
  listNotifications,
  pushKey,
  readAllNotifications,
  readNotification,
  setNotificationPreferences,
  subscribePush,
  unreadNotifications,
  unsubscribePush,
} from '@gatehouse/shared/wire/api/notifications.ts'
import { z } from 'zod'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type Caller, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { objectionToAddress } from './allowed-address.ts'
import { countUnread, type InboxCursor, listInbox, markRead } from './inbox.repo.ts'
import { readPreferences, writePreferences } from './preferences.repo.ts'
import { subscriptionPlace } from './push.ts'
import type { PushKeys } from './push-message.ts'
import type { SmsAccount } from './sms.ts'
import { wordsOf } from './words.ts'

export type InboxRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly pushKeys: () => Promise<PushKeys>
  readonly sms: SmsAccount | null
  readonly privateWebhooks: boolean
  readonly nowMs: () => number
}

export const INBOX_PROBLEMS = {
  no_such_notification: {
    status: 404,
    code: 'not_found',
    message: 'There is no notification with that id in your inbox. They are kept for ninety days.',
  },
  no_inbox: {
    status: 409,
    code: 'no_inbox',
    message: 'Whoever looks after all schools belongs to none, and has no inbox here.',
  },
  wrong_cursor: {
    status: 422,
    code: 'validation_failed',
    message: 'That cursor is not one of ours. Begin again without it.',
    details: [{ path: 'cursor', message: 'must be a nextCursor of an earlier answer' }],
  },
} satisfies Record<string, Problem>

/** What a person is told, and how they want to be told. */
export function inboxRoutes(routes: Binder, needs: InboxRoutesNeeds): void {
  const { db, nowMs } = needs

  routes.own(listNotifications, async ({ query, who }) => {
    const after = query.cursor === undefined ? null : readCursor(query.cursor)
    if (after === undefined) return { problem: INBOX_PROBLEMS.wrong_cursor }
    if (!atHome(who)) return { data: [], nextCursor: null }
    const asked = { after, limit: query.limit, unread: query.unread === 'true' }
    return inSchool(db, who.school.id, tx => inboxPage(tx, who.userId, asked))
  })

  const unreadOf = async (tx: Tx, userId: string) => ({ data: { unread: await countUnread(tx, userId) } })
  routes.own(unreadNotifications, async ({ who }) =>
    atHome(who) ? inSchool(db, who.school.id, tx => unreadOf(tx, who.userId)) : { data: { unread: 0 } },
  )
  routes.own(readAllNotifications, async ({ who }) => {
    if (!atHome(who)) return { data: { unread: 0 } }
    return inSchool(db, who.school.id, async tx => {
      await markRead(tx, who.userId, null, nowMs())
      return unreadOf(tx, who.userId)
    })
  })
  routes.own(readNotification, async ({ params: { notificationId }, who }) => {
    if (!atHome(who)) return { problem: INBOX_PROBLEMS.no_such_notification }
    return inSchool(db, who.school.id, async tx => {
      const found = await markRead(tx, who.userId, notificationId, nowMs())
      return found ? unreadOf(tx, who.userId) : { problem: INBOX_PROBLEMS.no_such_notification }
    })
  })

  preferencesRoutes(routes, needs)
  pushRoutes(routes, needs)
}

function preferencesRoutes(routes: Binder, { db, vault, sms, nowMs }: InboxRoutesNeeds): void {
  routes.own(getNotificationPreferences, async ({ who }) => {
    if (!atHome(who)) return { problem: INBOX_PROBLEMS.no_inbox }
    const kept = await inSchool(db, who.school.id, tx => readPreferences(tx, who.userId))
    return { data: { ...kept, sms: sms !== null } }
  })

  routes.own(setNotificationPreferences, async ({ body, who }) => {
    if (!atHome(who)) return { problem: INBOX_PROBLEMS.no_inbox }
    const { id: schoolId, tenant } = who.school
    return inSchool(db, schoolId, async tx => {
      await writePreferences(tx, { vault, schoolId, tenant, userId: who.userId }, body)
      const kept = await readPreferences(tx, who.userId)
      const told = { quietHours: body.quietHours, kinds: Object.keys(body.kinds), smsNumber: kept.smsNumber }
      const subject = { kind: 'user', id: who.userId }
      await audit(tx, actorOf(who, nowMs()), { action: 'user.notifications', subject, after: told })
      return { data: { ...kept, sms: sms !== null } }
    })
  })
}

function pushRoutes(routes: Binder, { db, vault, pushKeys, privateWebhooks, nowMs }: InboxRoutesNeeds): void {
  routes.own(pushKey, async () => ({ data: { publicKey: (await pushKeys()).publicKey } }))

  routes.own(subscribePush, async ({ body, who }) => {
    if (!atHome(who)) return { problem: INBOX_PROBLEMS.no_inbox }
    const objection = objectionToAddress('endpoint', body.endpoint, privateWebhooks)
    if (objection !== null) {
      const message = 'This is not the address of a push service.'
      return { problem: { status: 422, code: 'validation_failed', message, details: [objection] } }
    }
    const { id: schoolId, tenant } = who.school
    const id = randomUUIDv7()
    const sealed = vault.seal(subscriptionPlace(tenant, id), Buffer.from(JSON.stringify(body)))
    await inSchool(db, schoolId, async tx => {
      await tx.deleteFrom('push_subscriptions').where('session_id', '=', who.sessionId).execute()
      const row = { id, school_id: schoolId, user_id: who.userId, session_id: who.sessionId }
      await tx
        .insertInto('push_subscriptions')
        .values({ ...row, sealed_subscription: sealed, made_at: new Date(nowMs()) })
        .execute()
    })
    return { data: { subscribed: true } }
  })

  routes.own(unsubscribePush, async ({ who }) => {
    if (atHome(who)) {
      await inSchool(db, who.school.id, tx =>
        tx.deleteFrom('push_subscriptions').where('session_id', '=', who.sessionId).execute(),
      )
    }
    return { data: { subscribed: false } }
  })
}

/** A super_admin is no user of the school they look at. */
export const atHome = (who: Caller): who is SchoolPerson => who.role !== 'super_admin' && who.school !== null

async function hearerOf(tx: Tx, userId: string) {
  const row = await tx
    .selectFrom('users')
    .innerJoin('schools', 'schools.id', 'users.school_id')
    .select(['users.language', 'schools.language as school_language', 'schools.name', 'schools.time_zone'])
    .where('users.id', '=', userId)
    .executeTakeFirstOrThrow()
  return { language: row.language ?? row.school_language, school: row.name, timeZone: row.time_zone }
}

/** What somebody was told, in the words of today's language, and where the next page begins. */
export async function inboxPage(
  tx: Tx,
  userId: string,
  { limit, ...asked }: { readonly after: InboxCursor | null; readonly limit: number; readonly unread: boolean },
) {
  const found = await listInbox(tx, userId, { ...asked, limit: limit + 1 })
  const hearer = await hearerOf(tx, userId)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    data: rows.map(row => ({
      id: row.id,
      kind: row.kind,
      ...wordsOf(row, hearer),
      path: row.path,
      madeAt: row.made_at.toISOString(),
      readAt: row.read_at?.toISOString() ?? null,
    })),
    nextCursor: found.length > rows.length ? cursorText({ atUs: last!.at_us, id: last!.id }) : null,
  }
}

const Said = z.tuple([z.string().regex(/^\d{1,17}$/), z.uuid()])

const cursorText = ({ atUs, id }: InboxCursor) => Buffer.from(JSON.stringify([atUs, id])).toString('base64url')

/** Undefined: no cursor of ours. */
export function readCursor(text: string): InboxCursor | undefined {
  try {
    const [atUs, id] = Said.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return { atUs, id }
  } catch {
    return undefined
  }
}
