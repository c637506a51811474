import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, type GraphQLError, parse } from 'graphql'
import { makeServer } from 'graphql-ws'
import { z } from 'zod'
import type { Identity } from '../auth/identity.ts'
import { connectionCount, type Place } from '../broker/connection-count.ts'
import { messageDoor, type TextSocket } from '../broker/web-socket-door.ts'
import type { SchoolPerson } from '../http/bind.ts'
import type { SessionCount } from '../http/limits.ts'
import { type Log, said } from '../http/log.ts'
import { GRAPHQL_PATH, type Problem } from '../http/problem.ts'
import { inRequest } from '../http/request-now.ts'
import type { Executor } from './execute.ts'
import { refusal, shownErrors } from './refusal.ts'
import { senderOf } from './sender.ts'
import { until } from './until.ts'

export type GraphqlSocketNeeds = {
  readonly identity: Pick<Identity, 'person'>
  readonly executor: Executor
  readonly onEntered: (person: SchoolPerson) => Promise<void>
  /** What is begun here counts as requests do. */
  readonly count: SessionCount
  readonly addressOf: (request: IncomingMessage) => string
  readonly isOwnOrigin: (origin: string, request: IncomingMessage) => boolean
  readonly nowMs: () => number
  readonly log: Log
}

export type GraphqlSocket = {
  /** For `upgrade` of the HTTP server; true when the request was for it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** A session, a key or everything of a person has ended: its connections are closed. */
  ended(id: string): void
  close(): void
}

/** A document over HTTP is no larger. */
const MESSAGE_BYTES_MAX = 100 * 1024
/** Of one session or key. */
const CONNECTIONS_MAX = 5
/** A school is often one address to us. */
const PER_ADDRESS_MAX = 1_000
const UNKNOWN_PER_ADDRESS_MAX = 50
const INIT_MS_MAX = 5_000
const PING_MS = 20_000

/** Codes of the protocol, of RFC 6455, and 4429 for what is too many. */
const CLOSE = {
  forbidden: [4403, 'Forbidden'],
  tooMany: [4429, 'Too many connections'],
  failed: [4500, 'Internal server error'],
  goingAway: [1001, 'Going away'],
} as const

const OVER_LIMIT: Problem = {
  status: 429,
  code: 'rate_limited',
  message: 'Too many requests. Wait 15 minutes and try again.',
}

type Seat = {
  readonly socket: TextSocket
  readonly address: string
  readonly place: Place
  /** As the connection said it; who that is by now is asked at each subscription. */
  told: { readonly authorization: string | undefined; readonly school: string | undefined }
  /** Null until it has shown who it is. */
  who: SchoolPerson | null
}

const InitSaid = z.object({ authorization: z.string().max(8_192).optional(), school: z.string().max(100).optional() })

/** The library wants a document to look at; what is asked is carried out before it does. */
const ANY_SUBSCRIPTION = parse('subscription { any }')

/** Subscriptions over a web socket, by the protocol graphql-transport-ws. The one file that knows `graphql-ws`. */
export function graphqlSocket(needs: GraphqlSocketNeeds): GraphqlSocket {
  const { identity, onEntered, addressOf, isOwnOrigin, nowMs, log } = needs
  const seats = new Set<Seat>()
  const addresses = connectionCount({ perAddressMax: PER_ADDRESS_MAX, unacceptedMax: UNKNOWN_PER_ADDRESS_MAX })
  const door = messageDoor({
    path: GRAPHQL_PATH,
    protocol: 'graphql-transport-ws',
    messageBytesMax: MESSAGE_BYTES_MAX,
    pingMs: PING_MS,
    isOwnOrigin,
    log,
  })

  const server = makeServer<Record<string, unknown>, Seat>({
    connectionInitWaitTimeout: INIT_MS_MAX,
    async onConnect({ connectionParams, extra: seat }) {
      const { authorization, school } = InitSaid.safeParse(connectionParams ?? {}).data ?? {}
      seat.told = { authorization, school }
      const sender = await senderOf(identity, seat.told, { address: seat.address, requestId: null })
      if ('code' in sender) return false
      const { who } = sender
      const others = [...seats].filter(one => one.who?.sessionId === who.sessionId)
      if (others.length >= CONNECTIONS_MAX) {
        seat.socket.close(...CLOSE.tooMany)
        return false
      }
      seat.who = who
      seat.place.accepted()
      if (who.role === 'super_admin') await onEntered(who)
      seat.socket.onClose(until(who.tokenExpiresAtMs, nowMs, () => seat.socket.close(...CLOSE.forbidden)))
      return true
    },
    async onSubscribe({ extra: seat }, _id, { query, variables, operationName }) {
      const requestId = randomUUID()
      const begun = await inRequest(requestId, () => begin(needs, seat, { query, variables, operationName }, requestId))
      if (Array.isArray(begun)) return begun as readonly GraphQLError[]
      return { document: ANY_SUBSCRIPTION, contextValue: begun } as unknown as ExecutionArgs
    },
    subscribe: ({ contextValue }) => contextValue as never,
    execute: () => {
      throw new Error('only subscriptions come here')
    },
  })

  function take(socket: TextSocket, address: string): void {
    const place = addresses.enter(address)
    if (place === null) {
      socket.close(...CLOSE.tooMany)
      return
    }
    const seat: Seat = { socket, address, place, told: { authorization: undefined, school: undefined }, who: null }
    seats.add(seat)
    const failed = (problem: unknown) => {
      log.error({ problem: said(problem) }, 'graphql.socket_failed')
      socket.close(...CLOSE.failed)
    }
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: socket.send,
        close: (code = 1000, reason = '') => socket.close(code, reason),
        onMessage: heard => socket.onMessage(text => heard(text).catch(failed)),
      },
      seat,
    )
    socket.onClose((code, reason) => {
      seats.delete(seat)
      place.leave()
      closed(code, reason).catch(problem => log.error({ problem: said(problem) }, 'graphql.socket_failed'))
    })
  }

  return {
    upgrade: (request, socket, head) => door.upgrade(request, socket, head, taken => take(taken, addressOf(request))),
    ended(id) {
      for (const { who, socket } of seats) {
        if (who?.sessionId === id || who?.userId === id) socket.close(...CLOSE.forbidden)
      }
    },
    close() {
      for (const { socket } of seats) socket.close(...CLOSE.goingAway)
      door.close()
    },
  }
}

type Asked = {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly operationName?: string | null | undefined
}

/** The answers of a subscription, or why there are none. */
async function begin(
  { identity, executor, count, log }: GraphqlSocketNeeds,
  seat: Seat,
  { query, variables, operationName }: Asked,
  requestId: string,
) {
  const no = (problem: Problem) => shownErrors([refusal(problem)], { requestId, log })
  const known = seat.who
  if (known === null || !(await count(known.sessionId, known.scopes !== null))) return no(OVER_LIMIT)
  // Rights may be others by now.
  const sender = await senderOf(identity, seat.told, { address: seat.address, requestId })
  if ('code' in sender) return no(sender)
  const params = { query, variables: variables ?? null, operationName: operationName ?? null }
  const result = await executor.run(params, sender, 'subscription')
  return Symbol.asyncIterator in result ? result : (result.errors ?? no(OVER_LIMIT))
}
