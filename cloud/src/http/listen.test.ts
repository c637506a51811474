import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import express from 'express'
import { afterEach, expect, test } from 'vitest'
import { type Listening, type ListenNeeds, listen } from './listen.ts'

const open: (Listening | { stop(): unknown })[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const one of open.splice(0)) await one.stop()
})

async function serve(changed: Partial<ListenNeeds> = {}): Promise<Listening> {
  const app = express()
  app.use(express.text())
  app.post('/echo', (req, res) => void res.send(req.body))
  app.get('/', (_req, res) => void res.send('here'))
  const served = await listen({ express: app, host: '127.0.0.1', port: 0, upgrade: () => false, ...changed })
  open.push(served)
  return served
}

/** A connection of bytes, with all that came back until it closed. */
function dial(port: number): { socket: Socket; closed: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  socket.on('data', bytes => (text += bytes))
  socket.on('error', () => {})
  return { socket, closed: once(socket, 'close').then(() => text) }
}

const impatient = { headersMsMax: 100, requestMsMax: 200, lookEveryMs: 50 }
const HALF = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n'

test('headers that come drop by drop are cut off, and so is a body', async () => {
  const { port } = await serve({ limits: impatient })
  for (const sent of ['GET / HTTP/1.1\r\nHo', `${HALF}\r\nab`]) {
    const { socket, closed } = dial(port)
    socket.write(sent)
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /)
  }
})

test.each([
  [
    'a length and chunks in one request',
    `${HALF}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`,
  ],
  ['two lengths', `${HALF}Content-Length: 6\r\n\r\nabcdef`],
  ['a length that is no number', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd'],
  ['chunks under another name', 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a blank before the colon', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd'],
  ['a header folded over two lines', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c: d\r\n\r\n'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['a bare line feed in a header', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: b\nX-C: d\r\n\r\n'],
])('%s is refused, and the connection with it', async (_name, request) => {
  const { port } = await serve({ limits: impatient })
  const { socket, closed } = dial(port)
  socket.write(request)
  const answer = await closed
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  // One answer: what was hidden behind it was not taken for a request.
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
})

test('headers beyond 16 kB are refused', async () => {
  const { port } = await serve()
  const { socket, closed } = dial(port)
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(17_000)}\r\n\r\n`)
  expect(await closed).toMatch(/^HTTP\/1\.1 431 /)
})

test('told to stop, it answers who is being answered, closes their connection, and takes nobody else', async () => {
  const served = await serve()
  const { socket, closed } = dial(served.port)
  const idle = dial(served.port)
  idle.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(idle.socket, 'data')
  socket.write(`${HALF}Expect: 100-continue\r\n\r\n`)
  await once(socket, 'data')

  const stopped = served.stop()
  expect(served.stop()).toBe(stopped)
  await idle.closed
  await expect(fetch(`http://127.0.0.1:${served.port}/`)).rejects.toThrow()
  socket.write('abcd')
  const answer = await closed
  expect(answer).toMatch(/HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*abcd$/i)
  await stopped
})

test('somebody who watches by web socket does not hold it up', async () => {
  let watching: (() => void) | null = null
  const watched = new Promise<void>(resolve => {
    watching = resolve
  })
  const served = await serve({
    upgrade(_request, socket) {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
      watching!()
      return true
    },
  })
  const { socket } = dial(served.port)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
  await watched
  await served.stop()
  expect(socket.destroyed).toBe(false)
})

test('whoever asks for a web socket that is not there and cuts the line harms nobody', async () => {
  let asked: (() => void) | null = null
  const { port } = await serve({
    upgrade: (_request, socket) => {
      socket.once('close', () => asked!())
      return false
    },
  })
  const gone = new Promise<void>(resolve => {
    asked = resolve
  })
  const { socket } = dial(port)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', () => socket.resetAndDestroy())
  await gone
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
})

test('a port in use is said in a sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  open.push({ stop: () => taken.close() })
  const { port } = taken.address() as AddressInfo
  await expect(serve({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`)
})
