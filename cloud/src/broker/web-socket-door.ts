import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import type { Log } from './broker.ts'

export type DoorNeeds = {
  /** Largest message that `ws` gathers. */
  readonly messageBytesMax: number
  /** Whether a page of this origin may watch; by default one of the host it asks. */
  readonly isOwnOrigin?: ((origin: string, request: IncomingMessage) => boolean) | undefined
  readonly log: Log
}

export type Door<Taken> = {
  /** Takes the request when it is for this door, and says so; what becomes of it goes to `take`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, take: (taken: Taken) => void): boolean
  close(): void
}

/** MQTT over WebSocket (MQTT 3.1.1 section 6) for browsers. The one file that knows `ws`. */
export function webSocketDoor(needs: DoorNeeds): Door<Duplex> {
  return door({ ...needs, path: '/mqtt', protocol: 'mqtt' }, accepted => createWebSocketStream(accepted))
}

/** A web socket that carries text. */
export type TextSocket = {
  readonly protocol: string
  /** Resolves once the text has left this process: who reads slowly is waited for. */
  send(text: string): Promise<void>
  close(code: number, reason: string): void
  onMessage(heard: (text: string) => Promise<void>): void
  /** Once. */
  onClose(over: (code: number, reason: string) => void): void
}

/** A door for messages of text. Whoever does not answer a ping within the time until the next is gone. */
export function messageDoor(
  needs: DoorNeeds & { readonly path: string; readonly protocol: string; readonly pingMs: number },
): Door<TextSocket> {
  return door(needs, accepted => {
    keepAlive(accepted, needs.pingMs)
    // Without a listener a broken line would end the process; `close` follows.
    accepted.on('error', () => accepted.terminate())
    return {
      protocol: accepted.protocol,
      send: text =>
        new Promise((resolve, reject) => {
          if (accepted.readyState !== accepted.OPEN) return resolve()
          accepted.send(text, problem => (problem == null ? resolve() : reject(problem)))
        }),
      close: (code, reason) => accepted.close(code, reason),
      onMessage: heard => void accepted.on('message', data => void heard(String(data))),
      onClose: over => void accepted.once('close', (code, reason) => over(code, String(reason))),
    }
  })
}

function keepAlive(socket: WebSocket, everyMs: number): void {
  let isThere = true
  socket.on('pong', () => {
    isThere = true
  })
  const timer = setInterval(() => {
    if (!isThere) return socket.terminate()
    isThere = false
    socket.ping()
  }, everyMs).unref()
  socket.once('close', () => clearInterval(timer))
}

function door<Taken>(
  {
    path,
    protocol,
    messageBytesMax,
    isOwnOrigin = isSameHost,
    log,
  }: DoorNeeds & { readonly path: string; readonly protocol: string },
  taken: (accepted: WebSocket) => Taken,
): Door<Taken> {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: () => protocol,
  })

  return {
    upgrade(request, socket, head, take) {
      if (pathOf(request) !== path) return false
      const { origin } = request.headers
      // A page elsewhere has the person's browser but not her token. Refused all the same: it has no business here.
      if (origin !== undefined && !isOwnOrigin(origin, request)) {
        log.warn({ origin: origin.slice(0, 200) }, `${path.slice(1)}.origin_refused`)
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      } else if (!protocolsOf(request).includes(protocol)) {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      } else {
        server.handleUpgrade(request, socket, head, accepted => take(taken(accepted)))
      }
      return true
    },
    close: () => server.close(),
  }
}

function isSameHost(origin: string, request: IncomingMessage): boolean {
  return URL.canParse(origin) && new URL(origin).host === request.headers.host
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0]!
}

function protocolsOf(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
}
