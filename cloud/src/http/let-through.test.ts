import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express, { type RequestHandler } from 'express'
import { afterEach, expect, test } from 'vitest'
import { letThrough } from './limits.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function start(handler: RequestHandler) {
  const settled = Promise.withResolvers<unknown>()
  const app = express()
  app.post('/', async (req, res) => {
    const through = letThrough(handler, req, res)
    through.then(settled.resolve, settled.reject)
    if (await through) res.status(200).json({ body: req.body })
  })
  app.use(
    ((problem, _req, res, _next) => void res.status(problem.status ?? 500).json({})) as express.ErrorRequestHandler,
  )
  const server = createServer(app)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const post = async (body: string) => {
    const said = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    })
    return { status: said.status, body: await said.json() }
  }
  settled.promise.catch(() => {})
  return { port, post, settled: settled.promise }
}

test('what reads a body is waited for', async () => {
  const { post } = await start(express.text())
  expect(await post('BEGIN:VCALENDAR')).toEqual({ status: 200, body: { body: 'BEGIN:VCALENDAR' } })
})

test('what a handler passes on as a problem is answered as one', async () => {
  const { post, settled } = await start(express.text({ limit: 3 }))
  expect((await post('BEGIN:VCALENDAR')).status).toBe(413)
  await expect(settled).rejects.toThrow('too large')
})

for (const [how, handler] of [
  ['at once', (_req, res) => void res.status(429).json({})],
  ['after a while', (_req, res) => void setImmediate(() => res.status(429).json({}))],
  ['with a promise', async (_req, res) => void res.status(429).json({})],
] as const satisfies readonly (readonly [string, RequestHandler])[]) {
  test(`a handler that answers ${how} lets nothing through`, async () => {
    const { post, settled } = await start(handler)
    expect((await post('x')).status).toBe(429)
    expect(await settled).toBe(false)
  })
}

test('a promise that fails is a problem too', async () => {
  const { post } = await start(async () => {
    throw new Error('no')
  })
  expect((await post('x')).status).toBe(500)
})

test('whoever is gone before the body was there is not waited for', async () => {
  const { port, settled } = await start(() => {})
  const socket = connect(port, '127.0.0.1', () =>
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nabc', () =>
      socket.destroy(),
    ),
  )
  expect(await settled).toBe(false)
})
