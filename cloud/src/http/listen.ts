import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Express } from 'express'

/** What one connection may cost before anybody knows who it is. */
const LIMITS = {
  /** From the first byte to the end of the headers: a real client takes milliseconds, a slow one is holding a place. */
  headersMsMax: 20_000,
  /** Headers and body: 10 MB over the slowest line a school has. */
  requestMsMax: 300_000,
  /** How often the two above are looked at. */
  lookEveryMs: 5_000,
  /** Longer than the minute for which proxies keep a connection: the proxy ends it, never we under its request. */
  keepAliveMs: 65_000,
  headersMax: 100,
  headerBytesMax: 16 * 1024,
  /** A file descriptor each, of the 65,536 that a service gets; browsers of a large school hold two. */
  connectionsMax: 20_000,
}

export type Listening = {
  readonly port: number
  /** Takes no more requests, and answers when those in hand have been answered, as often as it is asked. Web sockets are the broker's to end. */
  stop(): Promise<void>
}

export type ListenNeeds = {
  readonly express: Express
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** True when the request was for it. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  readonly limits?: Partial<typeof LIMITS>
}

export async function listen({ express, host, port, upgrade, limits }: ListenNeeds): Promise<Listening> {
  const server = serverWithin({ ...LIMITS, ...limits })
  const inHand = watchRequests(server)
  server.on('request', (request, response) =>
    isFramedOddly(request) ? refuseFraming(response) : express(request, response),
  )
  server.on('upgrade', (request, socket, head) => {
    // Whoever cuts the line here would end the process: an upgraded socket has lost the listener of the server.
    socket.on('error', () => socket.destroy())
    if (!upgrade(request, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  })
  await opened(server, host, port)
  let stopping: Promise<void> | null = null
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      // The callback of `close` waits for web sockets too, which end later.
      if (stopping === null) server.close()
      stopping ??= inHand.done()
      return stopping
    },
  }
}

function serverWithin(limits: typeof LIMITS): Server {
  const server = createServer({
    headersTimeout: limits.headersMsMax,
    requestTimeout: limits.requestMsMax,
    connectionsCheckingInterval: limits.lookEveryMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytesMax,
    // Two ways to read one request are how one request is made to look like two.
    insecureHTTPParser: false,
    requireHostHeader: true,
  })
  server.maxHeadersCount = limits.headersMax
  server.maxConnections = limits.connectionsMax
  return server
}

/** RFC 9112 section 6.1: where a body ends is known from chunks only. Node takes any other coding for no body at all. */
function isFramedOddly({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding']
  return coding !== undefined && coding.toLowerCase() !== 'chunked'
}

function refuseFraming(response: ServerResponse): void {
  response.writeHead(400, { Connection: 'close' }).end()
}

/** Knows what is being answered. Once it is asked for the end, each answer closes its connection. */
function watchRequests(server: Server) {
  const inHand = new Set<ServerResponse>()
  let ended: (() => void) | null = null
  const last = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close')
  }
  server.on('request', (_request, response) => {
    inHand.add(response)
    if (ended !== null) last(response)
    response.once('close', () => {
      inHand.delete(response)
      if (ended !== null && inHand.size === 0) ended()
    })
  })
  return {
    done: () =>
      new Promise<void>(resolve => {
        ended = resolve
        for (const response of inHand) last(response)
        if (inHand.size === 0) resolve()
      }),
  }
}

function opened(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (problem: NodeJS.ErrnoException) => reject(sentence(problem, host, port)))
    server.listen(port, host, resolve)
  })
}

function sentence(problem: NodeJS.ErrnoException, host: string, port: number): Error {
  if (problem.code === 'EADDRINUSE') {
    return new Error(
      `port ${port} on ${host} is in use by another program. Stop it, or choose another with GATEHOUSE_HTTP_PORT.`,
    )
  }
  if (problem.code === 'EACCES') {
    return new Error(
      `port ${port} on ${host} needs rights this program does not have. Choose one above 1023 with GATEHOUSE_HTTP_PORT.`,
    )
  }
  return problem
}
