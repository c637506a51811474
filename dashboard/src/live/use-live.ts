import { listAccessEvents } from '@gatehouse/shared/wire/api/access-events.ts'
import { useReducer, useRef } from 'react'
import { useBrowserSession, useMay } from '../api/session-context.ts'
import type { FeedState } from './feed.ts'
import { LINES_MAX, type LiveAct, type LiveLines, meets, NO_LINES, nextLines } from './lines.ts'
import { useFeed } from './use-feed.ts'

/** Of one reading; a gap longer than all the page can show is not read further. */
const FILL_LIMIT = 100

export type Live = {
  readonly lines: LiveLines
  readonly act: (act: LiveAct) => void
  readonly feed: FeedState | null
}

/** The stream of the live page: filled from the service on opening and after every gap, then kept by the feed. */
export function useLive(): Live {
  const { client } = useBrowserSession()
  const mayRead = useMay('event:read')
  const [lines, act] = useReducer(nextLines, NO_LINES)
  const latest = useRef(lines)
  latest.current = lines

  async function fill() {
    if (!mayRead) return
    const before = latest.current
    let cursor: string | undefined
    for (let read = 0; read < LINES_MAX; read += FILL_LIMIT) {
      const answer = await client.call(listAccessEvents, { query: { limit: FILL_LIMIT, cursor } })
      if (!answer.ok) return
      act({ is: 'filled', lines: answer.data })
      // On opening one reading is enough; after a gap we read on until it is closed.
      if (before.lines.length === 0 || meets(before, answer.data) || answer.nextCursor === null) return
      cursor = answer.nextCursor
    }
  }

  const feed = useFeed({
    onAccess: ({ lines: arrived }) => act({ is: 'arrived', lines: arrived, atS: Math.floor(Date.now() / 1000) }),
    onLive: () => void fill(),
  })
  return { lines, act, feed }
}
