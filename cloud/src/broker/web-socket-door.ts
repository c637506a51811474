import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Log } from './broker.ts'

export type WebSocketDoorNeeds = {
  /** Largest message; the limiter behind measures packets, this measures what `ws` would gather for it. */
  readonly messageBytesMax: number
  /** Whether a page of this origin may watch; by default one of the host it asks. */
  readonly isOwnOrigin?: ((origin: string, request: IncomingMessage) => boolean) | undefined
  readonly log: Log
}

export type WebSocketDoor = {
  /** Takes the request when it is for /mqtt, and says so; what becomes a stream goes to `take`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, take: (stream: Duplex) => void): boolean
  close(): void
}

/** MQTT over WebSocket (MQTT 3.1.1 section 6) for browsers. The one file that knows `ws`. */
export function webSocketDoor({ messageBytesMax, isOwnOrigin = isSameHost, log }: WebSocketDoorNeeds): WebSocketDoor {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: () => 'mqtt',
  })

  return {
    upgrade(request, socket, head, take) {
      if (pathOf(request) !== '/mqtt') return false
      const { origin } = request.headers
      // A page elsewhere has the person's browser but not her token. Refused all the same: it has no business here.
      if (origin !== undefined && !isOwnOrigin(origin, request)) {
        log.warn({ origin: origin.slice(0, 200) }, 'mqtt.origin_refused')
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      } else if (!protocolsOf(request).includes('mqtt')) {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      } else {
        server.handleUpgrade(request, socket, head, accepted => take(createWebSocketStream(accepted)))
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
