import { listNotifications as listRoute, NOTIFICATION_KINDS } from '@gatehouse/shared/wire/api/notifications.ts'
import { applicantOf } from '../../applications/my-applications.repo.ts'
import type { SchoolPerson } from '../../http/bind.ts'
import { countUnread, markRead } from '../../notifications/inbox.repo.ts'
import { atHome, INBOX_PROBLEMS, inboxPage, readCursor } from '../../notifications/inbox.routes.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import { cursorPageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** The caller, the school, and what the caller was told. */
export function writeMe(writing: Writing): void {
  const { builder, refs, enums } = writing
  refs.School.implement({
    fields: t => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      tenant: t.exposeString('tenant', { description: 'Its place in topics and keys.' }),
      timeZone: t.exposeString('timeZone'),
    }),
  })
  refs.Person.implement({ fields: t => ({ id: t.exposeID('id'), name: t.exposeString('name') }) })
  const Me = builder.objectRef<SchoolPerson>('Me').implement({
    fields: t => ({
      id: t.exposeID('userId'),
      name: t.exposeString('displayName'),
      email: t.exposeString('email'),
      role: t.expose('role', { type: enums.Role }),
      school: t.field({ type: refs.School, resolve: ({ school }) => school }),
      student: t.field({
        type: refs.Student,
        nullable: true,
        description: 'The student whose account this is.',
        ...asks([], { own: 'my:read' }),
        resolve: (who, _args, call) => ownStudent(call, who),
      }),
    }),
  })
  builder.queryFields(t => ({
    me: t.field({
      type: Me,
      ...asks('signed-in', { unnoted: 'somebody looks at their own account' }),
      resolve: (_root, _args, { who }) => who,
    }),
    school: t.field({
      type: refs.School,
      description: 'The school of the caller; of who looks after several the chosen one.',
      ...asks([], { unnoted: 'its name is nobody' }),
      resolve: (_root, _args, { who }) => who.school,
    }),
  }))
  writeInbox(writing)
}

async function ownStudent(call: Call, who: SchoolPerson) {
  if (who.role !== 'student') return null
  const applicant = await call.read(tx => applicantOf(tx, who.userId))
  return applicant === undefined ? null : call.load.student.load(applicant.id)
}

function writeInbox(writing: Writing): void {
  const { builder, refs, inputs } = writing
  const NotificationKind = builder.enumType('NotificationKind', { values: NOTIFICATION_KINDS })
  refs.Notification.implement({
    fields: t => ({
      id: t.exposeID('id'),
      kind: t.expose('kind', { type: NotificationKind }),
      title: t.exposeString('title'),
      text: t.exposeString('text'),
      path: t.exposeString('path', { description: 'Where in the dashboard it leads.' }),
      madeAt: t.expose('madeAt', { type: 'DateTime' }),
      readAt: t.expose('readAt', { type: 'DateTime', nullable: true }),
    }),
  })
  const NotificationsResponse = cursorPageOf(writing, 'NotificationsResponse', refs.Notification)
  const unnoted = 'what somebody was told themselves'
  builder.queryFields(t => ({
    notifications: t.field({
      type: NotificationsResponse,
      description: 'What the caller was told, the newest first. Kept for ninety days.',
      args: { unread: t.arg.boolean(), pagination: t.arg({ type: inputs.Cursor }) },
      ...asks('signed-in', { unnoted }),
      resolve: (_root, { unread, pagination: page }, call) => {
        const query = checked(listRoute.query!, { ...given(page), ...(unread === true && { unread: 'true' }) })
        const after =
          query.cursor === undefined ? null : (readCursor(query.cursor) ?? refused(INBOX_PROBLEMS.wrong_cursor))
        const { who } = call
        if (!atHome(who)) return { data: [], nextCursor: null }
        const asked = { after, limit: query.limit, unread: unread === true }
        return call.read(tx => inboxPage(tx, who.userId, asked))
      },
    }),
    unreadNotifications: t.field({
      type: 'Int',
      description: 'At most 1,000.',
      ...asks('signed-in', { unnoted }),
      resolve: (_root, _args, call) => (atHome(call.who) ? call.read(tx => countUnread(tx, call.who.userId)) : 0),
    }),
  }))
  builder.mutationFields(t => ({
    readNotification: t.field({
      type: 'Int',
      description: 'The caller has read this one; all of them without an id. Answers how many are unread.',
      args: { id: t.arg.id() },
      ...asks('signed-in', { unnoted: 'that somebody read what they were told' }),
      resolve: (_root, { id }, call) => {
        const notificationId = id == null ? null : (idOf(id) ?? refused(INBOX_PROBLEMS.no_such_notification))
        if (!atHome(call.who)) return refused(INBOX_PROBLEMS.no_inbox)
        return call.change(async tx => {
          const found = await markRead(tx, call.who.userId, notificationId, call.needs.nowMs())
          return found ? countUnread(tx, call.who.userId) : refused(INBOX_PROBLEMS.no_such_notification)
        })
      },
    }),
  }))
}
