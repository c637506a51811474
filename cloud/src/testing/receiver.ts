import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Request = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type Receiver = AsyncDisposable & {
  readonly url: string
  readonly requests: Request[]
}

/** A real HTTP server on loopback that keeps what it is sent. `answer` may leave a request without one: it hangs. */
export async function startReceiver(
  answer: (request: Request, response: ServerResponse, number: number) => void = (_request, response) =>
    void response.writeHead(204).end(),
): Promise<Receiver> {
  const requests: Request[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { method = '', url: path = '', headers } = req
      const request = { method, path, headers, body: Buffer.concat(chunks) }
      requests.push(request)
      answer(request, res, requests.length)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
