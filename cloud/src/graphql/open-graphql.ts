import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHandler, Router } from 'express'
import { metricsTicker } from '../analytics/metrics-ticker.ts'
import type { Identity } from '../auth/identity.ts'
import { clientAddress } from '../broker/client-address.ts'
import type { SchoolPerson } from '../http/bind.ts'
import type { Counters } from '../http/counters.ts'
import { sessionCount } from '../http/limits.ts'
import { said } from '../http/log.ts'
import type { CallNeeds } from './call.ts'
import { executor as openExecutor } from './execute.ts'
import { graphqlRoutes } from './graphql.routes.ts'
import { graphqlSchema } from './schema/schema.ts'
import { graphqlSocket } from './socket.ts'
import { openWatchers } from './watchers.ts'

export type GraphqlNeeds = Omit<CallNeeds, 'ticker'> & {
  readonly identity: Identity
  readonly limit: RequestHandler
  readonly onEntered: (person: SchoolPerson) => Promise<void>
  readonly counters: Counters
  readonly allowedOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly publicUrl: string
}

export type Graphql = {
  readonly router: Router
  /** For `upgrade` of the HTTP server; true when the request was for it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** A session, a key or everything of a person has ended: what hangs on it is ended, over HTTP and web sockets. */
  ended(id: string): void
  /** Ends what goes on for ever, so that the server can stop. */
  close(): void
}

/** GraphQL over HTTP and web sockets, put together. */
export function openGraphql(needs: GraphqlNeeds): Graphql {
  const { identity, onEntered, counters, allowedOrigins, trustedProxies, publicUrl, db, nowMs, log } = needs
  const onFailed = (problem: unknown) => log.error({ problem: said(problem) }, 'graphql.metrics_failed')
  const ticker = metricsTicker({ db, nowMs, onFailed })
  const watchers = openWatchers({ identity, nowMs })
  const executor = openExecutor({ schema: graphqlSchema(), needs: { ...needs, ticker }, watchers })
  const socket = graphqlSocket({
    identity,
    executor,
    onEntered,
    count: sessionCount(counters),
    addressOf: clientAddress(trustedProxies),
    // A proxy in front may say another host than the one people see.
    isOwnOrigin: (origin, request) =>
      origin === publicUrl ||
      allowedOrigins.includes(origin) ||
      (URL.canParse(origin) && new URL(origin).host === request.headers.host),
    nowMs,
    log,
  })
  return {
    router: graphqlRoutes({ ...needs, executor }),
    upgrade: socket.upgrade,
    ended(id) {
      watchers.ended(id)
      socket.ended(id)
    },
    close() {
      watchers.close()
      socket.close()
    },
  }
}
