import { unreadNotifications } from '@gatehouse/shared/wire/api/notifications.ts'
import { Link } from 'react-router'
import { useAsk } from '../api/use-api.ts'
import { Icon } from '../ui/icon.tsx'

/** Where a page watches the live feed, it is asked for anew as soon as something comes. */
const LOOK_EVERY_MS = 60_000

/** The way to the inbox, with how many are unread. */
export function Bell() {
  const { data } = useAsk(unreadNotifications, {}, { refetchMs: LOOK_EVERY_MS })
  const unread = data?.data.unread ?? 0
  const words = unread === 0 ? 'Inbox' : `Inbox: ${unread} unread`
  return (
    <Link
      to="/inbox"
      aria-label={words}
      title={words}
      className="relative inline-flex h-8 min-w-8 items-center justify-center gap-1 rounded-6 hover:bg-sunken pointer-coarse:h-11 pointer-coarse:min-w-11"
    >
      <Icon name="inbox" />
      {unread > 0 && <span className="font-medium text-accent">{unread > 99 ? '99+' : unread}</span>}
    </Link>
  )
}
