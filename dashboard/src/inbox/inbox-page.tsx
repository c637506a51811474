import {
  listNotifications,
  type Notification,
  readAllNotifications,
  readNotification,
} from '@gatehouse/shared/wire/api/notifications.ts'
import { Link } from 'react-router'
import { useUser } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { leadsTo } from '../frame/sections.ts'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import { Empty, Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useNow } from '../ui/use-now.ts'
import { sayAgo } from '../ui/when.ts'

/** What somebody was told, newest first. Opening one reads it. */
export function InboxPage() {
  const address = useAddress()
  const nowMs = useNow(10_000)
  const isUnread = address.get('unread') === 'true'
  const cursor = address.get('cursor')
  const told = useAsk(
    listNotifications,
    { query: { limit: 25, ...(cursor && { cursor }), ...(isUnread && { unread: 'true' as const }) } },
    { keep: true, refetchMs: 15_000 },
  )
  const readAll = useDo(readAllNotifications)
  const rows = told.data?.data ?? []
  const next = told.data?.nextCursor
  return (
    <Page
      title="Inbox"
      acts={
        <Button
          icon="check"
          disabled={rows.every(({ readAt }) => readAt !== null)}
          busy={readAll.isPending && 'Reading …'}
          onClick={() => readAll.mutate({})}
        >
          Mark all as read
        </Button>
      }
    >
      <div className="mb-4">
        <Chips name="Which">
          <Chip on={!isUnread} onPress={() => address.set({ unread: null, cursor: null })}>
            All
          </Chip>
          <Chip on={isUnread} onPress={() => address.set({ unread: 'true', cursor: null })}>
            Unread
          </Chip>
        </Chips>
      </div>
      <Problem error={readAll.error} />
      <section aria-label="Notifications" className="panel">
        {told.isPending && <Waiting rows={6} />}
        {told.isError && <Failed error={told.error} retry={() => void told.refetch()} />}
        {told.data && rows.length === 0 && (
          <Empty title={isUnread ? 'Nothing unread' : 'Nothing yet'}>
            What concerns you arrives here. How you are told of what is chosen on the page of your account.
          </Empty>
        )}
        <ul>
          {rows.map(one => (
            <Line key={one.id} one={one} nowMs={nowMs} />
          ))}
        </ul>
      </section>
      <div className="mt-4 flex gap-2">
        {cursor && <ButtonLink to={address.with('cursor', null)}>To the newest</ButtonLink>}
        {next && <ButtonLink to={address.with('cursor', next)}>Older</ButtonLink>}
      </div>
    </Page>
  )
}

function Line({ one, nowMs }: { readonly one: Notification; readonly nowMs: number }) {
  const read = useDo(readNotification)
  const isNew = one.readAt === null
  const { role } = useUser()
  const open = () => isNew && read.mutate({ params: { notificationId: one.id } })
  const look = 'flex w-full gap-3 px-4 py-3 text-left'
  const words = (
    <>
      <span aria-hidden="true" className={`mt-1.5 size-2.5 shrink-0 rounded-full ${isNew ? 'bg-accent' : ''}`} />
      <span className="min-w-0 flex-1">
        <span className={`block ${isNew ? 'font-strong' : 'font-medium'}`} dir="auto">
          {isNew && <span className="sr-only">New: </span>}
          {one.title}
        </span>
        <span className="block break-words text-muted" dir="auto">
          {one.text}
        </span>
        <span className="block text-13 text-muted">{sayAgo(one.madeAt, nowMs)}</span>
      </span>
    </>
  )
  return (
    <li className="border-line border-b last:border-b-0">
      {leadsTo(role, one.path) ? (
        <Link to={one.path} onClick={open} className={`${look} hover:bg-sunken`}>
          {words}
        </Link>
      ) : isNew ? (
        <button type="button" onClick={open} className={`${look} hover:bg-sunken`}>
          {words}
        </button>
      ) : (
        <p className={look}>{words}</p>
      )}
    </li>
  )
}
