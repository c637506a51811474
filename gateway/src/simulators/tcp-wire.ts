import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { PortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import type { OnBytes, Wire } from './wire.ts'

export type TcpWireNeeds = {
  readonly port: number
  readonly onBytes: OnBytes
  /** Told of each gate that connects, before its first byte. */
  readonly onGate?: () => void
}

/** A serial server on this machine, as ser2net is: one gate at a time, and the newer one wins. Port 0: any free one. */
export async function tcpWire({ port, onBytes, onGate }: TcpWireNeeds): Promise<Wire<PortConfig & { kind: 'tcp' }>> {
  let gate: Socket | null = null
  const server = createServer({ noDelay: true }, socket => {
    gate?.destroy()
    gate = socket
    onGate?.()
    socket.on('data', onBytes)
    socket.on('error', () => {})
    socket.on('close', () => {
      if (gate === socket) gate = null
    })
  })
  server.listen({ host: '127.0.0.1', port })
  await once(server, 'listening')
  const { port: given } = server.address() as AddressInfo
  return {
    port: { kind: 'tcp', host: '127.0.0.1', port: given },
    send: bytes => void gate?.write(bytes),
    async close() {
      const closed = once(server, 'close')
      server.close()
      gate?.destroy()
      await closed
    },
  }
}
