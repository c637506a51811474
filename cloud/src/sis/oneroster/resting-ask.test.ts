import { afterEach, expect, test } from 'vitest'
import { openBreakers } from '../../http/breaker.ts'
import { AddressRefused, type Ask } from '../../http/guarded-request.ts'
import { restClient } from './rest-client.ts'
import { restingAsk } from './resting-ask.ts'

const breakers = openBreakers()
afterEach(() => breakers.close())

function service(does: () => ReturnType<Ask>) {
  const asked: string[] = []
  const ask = restingAsk(breakers.guarded, url => {
    asked.push(url.host)
    return does()
  })
  const once = (host: string, signal = AbortSignal.timeout(5_000)) => ask(new URL(`https://${host}/users`), { signal })
  return { ask, asked, once }
}
const answer = (status: number) => Promise.resolve({ status, header: () => undefined, body: Buffer.from('{}') })

test('an answer that says the service is not well is given back, and ten of them are enough', async () => {
  const { ask, asked, once } = service(() => answer(503))
  for (let time = 0; time < 10; time++) expect((await once('sis.example')).status).toBe(503)
  await expect(once('sis.example')).rejects.toThrow('oneroster sis.example fails too often')
  expect(asked).toHaveLength(10)
  // Another school's is asked all the same.
  expect((await once('other.example')).status).toBe(503)

  const client = restClient({
    ask,
    baseUrl: 'https://sis.example/v1p1',
    tokenUrl: 'https://sis.example/token',
    clientId: 'a',
    clientSecret: 'b',
    signal: AbortSignal.timeout(5_000),
    firstPauseMs: 1,
  })
  await expect(client.all('users').next()).rejects.toThrow(
    'https://sis.example/token could not be asked: oneroster sis.example fails too often and is left alone for 30 s. Try again after that.',
  )
  expect(asked).toHaveLength(11)
})

for (const [what, does] of [
  ['that knows no such client', () => answer(401)],
  ['that asks for patience', () => answer(429)],
  ['at an address that is refused', () => Promise.reject(new AddressRefused('private'))],
] as const) {
  test(`a service ${what} is not to blame`, async () => {
    const { asked, once } = service(does)
    for (let time = 0; time < 20; time++) await once('sis.example').catch(() => {})
    expect(asked).toHaveLength(20)
  })
}

test('an import that is cancelled is not the service’s failure', async () => {
  const { asked, once } = service(() => Promise.reject(new Error('aborted')))
  for (let time = 0; time < 20; time++) await once('sis.example', AbortSignal.abort()).catch(() => {})
  expect(asked).toHaveLength(20)
})
