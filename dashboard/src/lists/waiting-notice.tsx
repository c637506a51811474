import { Link, useLocation } from 'react-router'
import { sayEffect } from './hold-words.ts'
import { useWaitingLists } from './use-waiting-lists.ts'

/** Above every page but its own: that the gates do not have a change yet, and where to look at it. */
export function WaitingNotice() {
  const waiting = useWaitingLists()
  const { pathname } = useLocation()
  const open = waiting.data?.data.filter(({ cannot }) => cannot !== 'approved_already') ?? []
  if (open.length === 0 || pathname === '/lists') return null
  return (
    <div role="status" data-print-not className="border-line border-b bg-warning-on px-4 py-2 text-warning lg:px-6">
      A change waits for a second administrator. {sayEffect(open[0]!.numbers)}.{' '}
      <Link to="/lists" className="whitespace-nowrap font-medium underline underline-offset-3">
        {open.length === 1 ? 'Look at it' : `Look at all ${open.length}`}
      </Link>
    </div>
  )
}
