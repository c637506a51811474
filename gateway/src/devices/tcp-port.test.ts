import { describe, expect, test } from 'vitest'
import { tcpWire } from '../simulators/tcp-wire.ts'
import { openTcpPort } from './tcp-port.ts'

const never = new AbortController().signal
const portOf = (wire: { readonly port: { readonly kind: string } }) => (wire.port as unknown as { port: number }).port

describe('a TCP port', () => {
  test('carries bytes both ways', async () => {
    const heard = Promise.withResolvers<Uint8Array>()
    const wire = await tcpWire({ port: 0, onBytes: heard.resolve })
    await using port = await openTcpPort({ host: '127.0.0.1', port: portOf(wire) }, never)
    await port.write(Uint8Array.of(0, 2, 255))
    expect([...(await heard.promise)]).toEqual([0, 2, 255])
    wire.send(Uint8Array.of(3, 13, 0))
    const { value } = await port.incoming[Symbol.asyncIterator]().next()
    expect([...value!]).toEqual([3, 13, 0])
    await wire.close()
  })

  test('a server that hangs up ends the reading', async () => {
    const wire = await tcpWire({ port: 0, onBytes() {} })
    await using port = await openTcpPort({ host: '127.0.0.1', port: portOf(wire) }, never)
    const reading = port.incoming[Symbol.asyncIterator]().next()
    await wire.close()
    const end = await reading.catch((error: Error) => error.message)
    expect(typeof end === 'string' ? end : end.done).toSatisfy(end => end === true || /hung up/.test(String(end)))
  })

  test('nobody there: what to check', async () => {
    const wire = await tcpWire({ port: 0, onBytes() {} })
    await wire.close()
    await expect(openTcpPort({ host: '127.0.0.1', port: portOf(wire) }, never)).rejects.toThrow(
      /no serial server at 127\.0\.0\.1:\d+: check its power, address and port/,
    )
  })
})
