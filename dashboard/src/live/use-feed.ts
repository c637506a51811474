import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { listGates } from '@gatehouse/shared/wire/api/gates.ts'
import type { AccessFeed, GatesFeed } from '@gatehouse/shared/wire/messages.ts'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { useBrowserSession, useUser } from '../api/session-context.ts'
import { type Good, queryKey } from '../api/use-api.ts'
import { type FeedState, watchFeed } from './feed.ts'
import { openMqttFeed } from './mqtt-feed.ts'

/**
 * Watches the school's feed while a page is open: gates and the person's own inbox go into what every part of the page reads,
 * scans to the caller. `onLive` is called each time a connection stands. Null where the person has no school to watch.
 */
export function useFeed(needs: {
  readonly onAccess?: (feed: AccessFeed) => void
  readonly onLive?: () => void
}): FeedState | null {
  const { session } = useBrowserSession()
  const { id: userId, school } = useUser()
  const tenant = school?.tenant ?? null
  const queries = useQueryClient()
  const [state, setState] = useState<FeedState>('connecting')
  const watchesAccess = needs.onAccess !== undefined
  const onAccess = useEffectEvent((feed: AccessFeed) => needs.onAccess?.(feed))
  const onLive = useEffectEvent(() => needs.onLive?.())
  const onGates = useEffectEvent(({ gates }: GatesFeed) => {
    const key = queryKey(listGates, {})
    const known = queries.getQueryData<Good<typeof listGates>>(key)
    const merged = known?.data.map(gate => ({ ...gate, ...gates.find(({ gateId }) => gateId === gate.gateId) }) as Gate)
    if (known && merged && merged.length === gates.length) queries.setQueryData(key, { ...known, data: merged })
    else void queries.invalidateQueries({ queryKey: key })
  })

  useEffect(() => {
    if (tenant === null) return
    const stop = new AbortController()
    void watchFeed(
      {
        open: (token, signal) =>
          openMqttFeed(
            {
              url: brokerUrl(),
              tenant,
              token,
              isChosen: session.chosen() !== null,
              onAccess: watchesAccess ? onAccess : null,
              onGates,
              userId,
              onOwn: () => void queries.invalidateQueries({ queryKey: ['my'] }),
            },
            signal,
          ),
        token: rejected => (rejected === null ? session.token() : session.replace(rejected)),
        expiresAtMs: session.expiresAtMs,
        onState: next => {
          setState(next)
          if (next === 'live') onLive()
        },
      },
      stop.signal,
    )
    return () => stop.abort()
  }, [tenant, userId, session, queries, watchesAccess])

  return tenant === null ? null : state
}

function brokerUrl(): string {
  const { protocol, host } = window.location
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/mqtt`
}
