import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { createDatabase, startPostgres, type TestServer } from './testing/postgres.ts'

const ENTRY = new URL('./cli/main.ts', import.meta.url).pathname
const START_MS_MAX = 120_000

type Attribute = { key: string; value: { stringValue?: string } }
type Span = { traceId: string; spanId: string; parentSpanId?: string; name: string; attributes: Attribute[] }

needs('postgres')('tracing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tracing-'))
  const bodies: string[] = []
  const receiver = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    bodies.push(text)
    res.setHeader('content-type', 'application/json').end('{}')
  })
  let server: TestServer
  let child: ChildProcess
  beforeAll(async () => {
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    server = await startPostgres()
  })
  afterAll(async () => {
    child?.kill('SIGKILL')
    receiver.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const spans = (): Span[] =>
    bodies.flatMap(text =>
      JSON.parse(text).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
        resource.scopeSpans.flatMap(scope => scope.spans),
      ),
    )

  test(
    'a request, its route and its statements are one trace, and nothing that a person typed is in it',
    async () => {
      const { url, ownerUrl } = await createDatabase(server)
      child = fork(ENTRY, ['cloud', 'run'], {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: {
          PATH: process.env.PATH,
          GATEHOUSE_DATA: folder,
          GATEHOUSE_HTTP_PORT: '0',
          GATEHOUSE_MQTT_PORT: '0',
          GATEHOUSE_DEMO: '1',
          DATABASE_URL: url,
          DATABASE_OWNER_URL: ownerUrl!,
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
        },
      })
      const [{ httpPort }] = (await once(child, 'message')) as [{ httpPort: number }]
      const traceId = '0af7651916cd43dd8448eb211c80319c'
      const answer = await fetch(`http://127.0.0.1:${httpPort}/api/v1/auth/login?typed=Lovelace`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          traceparent: `00-${traceId}-b7ad6b7169203331-01`,
          'user-agent': 'Lovelace',
        },
        body: JSON.stringify({ email: 'ada.lovelace@school.example', password: 'Lovelace1815!' }),
      })
      expect(answer.status).toBe(401)
      await fetch(`http://127.0.0.1:${httpPort}/Lovelace`)

      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      const ours = spans().filter(span => span.traceId === traceId)
      const names = ours.map(({ name }) => name)
      expect(names).toContain('POST /api/v1/auth/login')
      const statements = ours.flatMap(({ attributes }) =>
        attributes.filter(({ key }) => key === 'db.statement' || key === 'db.query.text'),
      )
      expect(statements.map(({ value }) => value.stringValue).join('\n')).toContain('$1')
      const known = new Set(['b7ad6b7169203331', ...ours.map(({ spanId }) => spanId)])
      expect(ours.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''))).toEqual([])
      expect(bodies.join('')).not.toMatch(/lovelace/i)
    },
    START_MS_MAX,
  )
})
