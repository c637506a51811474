import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Status, statusHtml } from './status-html.ts'

export type StatusPage = { readonly url: string; close(): Promise<void> }

/**
 * How the gate is, on this machine only: `GET /` for people, `GET /status.json` for programs. It shows nothing that
 * opens a door, no card and no name, and takes no order. Throws when the port is not free.
 */
export async function statusPage(port: number, status: () => Status): Promise<StatusPage> {
  const server = createServer((request, response) => answer(request, response, status))
  server.requestTimeout = 5_000
  server.maxConnections = 16
  server.listen({ host: '127.0.0.1', port })
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A page elsewhere could give its own name to this address, and read what is said here. */
const OWN_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

function answer(request: IncomingMessage, response: ServerResponse, status: () => Status): void {
  const send = (code: number, type: string, body: string) => {
    response
      .writeHead(code, {
        'content-type': type,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      })
      .end(request.method === 'HEAD' ? undefined : body)
  }
  if (!OWN_NAME.test(request.headers.host ?? '')) send(403, 'text/plain', 'Ask for this page as localhost.\n')
  else if (request.method !== 'GET' && request.method !== 'HEAD') send(405, 'text/plain', 'There is only GET.\n')
  else if (request.url === '/status.json') send(200, 'application/json', JSON.stringify(status()))
  else if (request.url === '/') send(200, 'text/html; charset=utf-8', statusHtml(status()))
  else send(404, 'text/plain', 'There is / and /status.json.\n')
}
