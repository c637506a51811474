import { listAccessEvents } from '@gatehouse/shared/wire/api/access-events.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import { thrown } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { queryKey } from '../api/use-api.ts'

export type EventFilter = Omit<z.input<NonNullable<typeof listAccessEvents.query>>, 'cursor' | 'limit'>

const PAGE_EVENTS = 50

/** Events by cursor, newest first, more at the reader's wish. */
export function useEventPages(filter: EventFilter, enabled: boolean) {
  const { client } = useBrowserSession()
  return useInfiniteQuery({
    queryKey: [...queryKey(listAccessEvents, { query: filter }), 'pages'],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const answer = await client.call(
        listAccessEvents,
        { query: { ...filter, limit: PAGE_EVENTS, cursor: pageParam } },
        signal,
      )
      if (!answer.ok) throw thrown(answer.failure)
      return answer
    },
    getNextPageParam: last => last.nextCursor ?? undefined,
    enabled,
  })
}
