import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { sha256 } from '../store/sha256.ts'
import type { GateHardware } from './gate-hardware.ts'

const BODY_BYTES_MAX = 4_096

const Body = z
  .strictObject({
    lane: z.string().max(64).optional(),
    card: z.string().max(64).optional(),
    qr: z.string().max(600).optional(),
    pin: z.string().max(16).optional(),
  })
  .refine(
    ({ card, qr, pin }) => [card, qr, pin].filter(given => given !== undefined).length === 1,
    'give a card, a QR code or a PIN, one of the three',
  )

export type ControlNeeds = { readonly hardware: GateHardware; readonly port: number; readonly token: string }
export type Control = { readonly url: string; close(): Promise<void> }

/** Lets whoever has the token present a credential: `POST /present`, `GET /state`. Only on this machine. */
export async function controlOf({ hardware, port, token }: ControlNeeds): Promise<Control> {
  const server = createServer((request, response) => {
    void answer(request, hardware, token)
      .catch(() => ({ status: 400, body: { message: 'The request could not be read.' } }))
      .then(({ status, body }) => send(response, status, body))
  })
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

type Answer = { readonly status: number; readonly body: unknown }

async function answer(request: IncomingMessage, hardware: GateHardware, token: string): Promise<Answer> {
  if (!hasToken(request, token)) return { status: 401, body: { message: 'A bearer token is needed.' } }
  if (request.method === 'GET' && request.url === '/state') return { status: 200, body: hardware.state() }
  if (request.method !== 'POST' || request.url !== '/present') {
    return { status: 404, body: { message: 'There is POST /present and GET /state.' } }
  }
  const body = Body.safeParse(await readJson(request))
  if (!body.success) return { status: 400, body: { message: z.prettifyError(body.error) } }
  const sent = hardware.present(body.data)
  return sent.ok ? { status: 202, body: sent.value } : { status: 400, body: { message: sent.failure } }
}

/** Compared by hash, so that neither length nor first difference can be measured. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  return timingSafeEqual(sha256(Buffer.from(headers.authorization ?? '')), sha256(Buffer.from(`Bearer ${token}`)))
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > BODY_BYTES_MAX) throw new Error('too long')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString())
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
