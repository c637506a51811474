import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Express } from 'express'

/** A connection that says nothing is not kept for ever; a slow body is. */
const HEADERS_MS_MAX = 20_000

export type Listening = {
  readonly port: number
  /** Finishes what is being answered, and takes no more. */
  stop(): Promise<void>
}

export type ListenNeeds = {
  readonly express: Express
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** True when the request was for it. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
}

export async function listen({ express, host, port, upgrade }: ListenNeeds): Promise<Listening> {
  const server = createServer({ headersTimeout: HEADERS_MS_MAX }, express)
  server.on('upgrade', (request, socket, head) => {
    if (!upgrade(request, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  })
  await opened(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeIdleConnections()
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
