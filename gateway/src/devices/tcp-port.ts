import { connect, type Socket } from 'node:net'
import type { BytePort } from '../ports.ts'
import { withDeadline } from './deadline.ts'
import { incomingFrom } from './incoming.ts'

const CONNECT_MS_MAX = 3_000
const WRITE_MS_MAX = 1_000

/** A serial server that lost its power says nothing: after this much silence the kernel asks. */
const KEEPALIVE_MS = 10_000

export type TcpPortOptions = { readonly host: string; readonly port: number }

/** A line of bytes on a serial server of the network: ser2net, Moxa NPort, a relay board with Ethernet. */
export async function openTcpPort({ host, port }: TcpPortOptions, signal: AbortSignal): Promise<BytePort> {
  signal.throwIfAborted()
  const where = `${host}:${port}`
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS })
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  const onAbort = () => void socket.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await withDeadline(connected(socket), CONNECT_MS_MAX, `connecting to ${where}`)
  } catch (error) {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`no serial server at ${where}: check its power, address and port (${said})`, { cause: error })
  }

  const incoming = incomingFrom({ pause: () => socket.pause(), resume: () => socket.resume() })
  socket.on('data', bytes => incoming.push(bytes))
  socket.on('error', error => incoming.end(new Error(`${where} hung up: ${error.message}`)))
  socket.on('close', () => incoming.end())
  socket.on('end', () => socket.destroy())

  return {
    incoming: incoming.bytes,
    async write(bytes) {
      const written = new Promise<void>((resolve, reject) => {
        socket.write(bytes, error => (error ? reject(error) : resolve()))
      })
      try {
        await withDeadline(written, WRITE_MS_MAX, `writing to ${where}`)
      } catch (error) {
        socket.destroy()
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      await closed
    },
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('closed before it was open')))
  })
}
