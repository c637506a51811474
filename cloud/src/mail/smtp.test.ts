import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Authority, openAuthority, type ServerCertificate } from '../broker/authority.ts'
import { openBreakers } from '../http/breaker.ts'
import { refusal, startSmtp, type TestSmtp } from '../testing/smtp.ts'
import { openSmtp, type Parcel } from './smtp.ts'

const FROM = 'Gatehouse <gatehouse@school.example>'
const closing: AsyncDisposable[] = []
let folder: string
let authority: Authority
let certificate: ServerCertificate
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-smtp-'))
  authority = await openAuthority({ folder, hosts: [] })
  certificate = await authority.serverCertificate()
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

const server = async (options: Parameters<typeof startSmtp>[0] = {}): Promise<TestSmtp> => {
  const smtp = await startSmtp(options)
  closing.push(smtp)
  return smtp
}
const courier = (url: string, more: Partial<Parameters<typeof openSmtp>[0]> = {}) => {
  const opened = openSmtp({ url, from: FROM, caFile: null, ...more })
  closing.push(opened)
  return opened
}
const parcel = (changed: Partial<Parcel> = {}): Parcel => ({
  id: randomUUID(),
  to: { address: 'ada@students.example', name: 'Ada' },
  subject: 'Hello',
  text: 'Hello',
  html: '<p>Hello</p>',
  language: 'en',
  ...changed,
})
const headersOf = ({ received }: TestSmtp) => received[0]!.raw.split('\r\n\r\n')[0]!.replace(/\r\n[ \t]+/g, ' ')

test('over TLS from the first byte, with a name and a password', async () => {
  const told: unknown[] = []
  const smtp = await server({
    secure: true,
    ...certificate,
    authOptional: false,
    onAuth: ({ username, password }, _session, answer) => {
      told.push(username, password)
      answer(null, { user: username })
    },
  })
  const { outcome } = await courier(`smtps://gate%40house:p%2Fw%3A@localhost:${smtp.port}`, {
    caFile: authority.caFile,
  }).bring(parcel())
  expect(outcome).toBe('taken')
  expect(told).toEqual(['gate@house', 'p/w:'])
  expect(smtp.received[0]!.secure).toBe(true)
})

test('a certificate of a stranger is not talked to', async () => {
  const smtp = await server({ secure: true, ...certificate })
  const { outcome, words } = await courier(`smtps://localhost:${smtp.port}`).bring(parcel())
  expect(outcome).toBe('not now')
  expect(words).toMatch(/certificate/)
  expect(smtp.received).toEqual([])
})

test('a password that is refused is ours to put right: the mail is not lost', async () => {
  const smtp = await server({
    secure: true,
    ...certificate,
    authOptional: false,
    onAuth: (_auth, _session, answer) => answer(new Error('no such login')),
  })
  const { outcome, words } = await courier(`smtps://gate:wrong@localhost:${smtp.port}`, {
    caFile: authority.caFile,
  }).bring(parcel())
  expect(outcome).toBe('not now')
  expect(words).toMatch(/^535 /)
  expect(words).not.toContain('wrong')
})

test('a server that is not this machine must speak TLS, or gets nothing', async () => {
  const smtp = await server()
  // The same machine by an address that is not one of its own to itself.
  const { outcome } = await courier(`smtp://0.0.0.0:${smtp.port}`).bring(parcel())
  expect(outcome).toBe('not now')
  expect(smtp.received).toEqual([])
  expect((await courier(`smtp://127.0.0.1:${smtp.port}`).bring(parcel())).outcome).toBe('taken')
})

test('nobody there is not now', async () => {
  const smtp = await server()
  const { port } = smtp
  await closing.pop()![Symbol.asyncDispose]()
  expect((await courier(`smtp://127.0.0.1:${port}`).bring(parcel())).outcome).toBe('not now')
})

test('a server that hangs is given up in time, before its greeting and in the middle of a mail, and the mail is not lost', async () => {
  const mute = createServer(() => {})
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as AddressInfo
  closing.push({ [Symbol.asyncDispose]: () => new Promise(resolve => mute.close(() => resolve())) })
  const quick = { connectMsMax: 2_500, silenceMsMax: 2_500 }
  expect((await courier(`smtp://127.0.0.1:${port}`, quick).bring(parcel())).outcome).toBe('not now')

  let hangs = true
  const smtp = await server({ onMailFrom: (_address, _session, answer) => void (hangs || answer()) })
  const sender = courier(`smtp://127.0.0.1:${smtp.port}`, quick)
  const sent = parcel()
  expect((await sender.bring(sent)).outcome).toBe('not now')
  expect(smtp.received).toEqual([])
  hangs = false
  expect(await sender.bring(sent)).toMatchObject({ outcome: 'taken' })
  expect(smtp.received).toHaveLength(1)
})

test('a server that is down is left alone after ten tries; one that refuses mail is not down', async () => {
  const breakers = openBreakers()
  closing.push({ [Symbol.asyncDispose]: async () => breakers.close() })
  const smtp = await server({ onRcpt: () => refusal(550, 'no such mailbox') })
  const sender = courier(`smtp://127.0.0.1:${smtp.port}`, { guarded: breakers.guarded })
  for (let tries = 0; tries < 12; tries++) expect((await sender.bring(parcel())).outcome).toBe('refused')
  const { port } = smtp
  const nobody = courier(`smtp://127.0.0.1:${port === 9 ? 10 : 9}`, { guarded: breakers.guarded })
  const words: string[] = []
  for (let tries = 0; tries < 20; tries++) {
    const brought = await nobody.bring(parcel())
    expect(brought.outcome).toBe('not now')
    words.push(brought.words)
  }
  expect(words.at(-1)).toContain('left alone')
})

for (const [what, name] of [
  ['a line end', 'Ada\r\nBcc: everybody@school.example'],
  ['quotes', 'Ada "the first" <eve@evil.example>'],
  ['commas and brackets', 'Lovelace, Ada <a@b.example>, Eve'],
  ['Arabic', 'مريم الشاعر'],
] as const) {
  test(`a name with ${what} stays a name`, async () => {
    const smtp = await server()
    const subject = `Hello ${name}`
    await courier(`smtp://127.0.0.1:${smtp.port}`).bring(
      parcel({ to: { address: 'ada@students.example', name }, subject }),
    )
    expect(smtp.received[0]!.to).toEqual(['ada@students.example'])
    const headers = headersOf(smtp).split('\r\n')
    expect(headers.filter(line => /^(bcc|to|cc):/i.test(line))).toHaveLength(1)
    expect(headers.find(line => line.startsWith('To:'))).toMatch(/<ada@students\.example>$/)
  })
}

test('an address in another script goes by its name on the wire', async () => {
  const smtp = await server()
  await courier(`smtp://127.0.0.1:${smtp.port}`).bring(parcel({ to: { address: 'ada@bücher.example', name: '' } }))
  // The server reads it back as people write it.
  expect(smtp.received[0]!.to).toEqual(['ada@bücher.example'])
  expect(headersOf(smtp)).toContain('To: ada@xn--bcher-kva.example')
})

test('an address that is none is refused here, and never asked for again', async () => {
  const smtp = await server()
  const bad = parcel({ to: { address: 'a@b.example>\r\nRCPT TO:<eve@evil.example', name: '' } })
  const { outcome } = await courier(`smtp://127.0.0.1:${smtp.port}`).bring(bad)
  expect(outcome).toBe('refused')
  expect(smtp.received.flatMap(({ to }) => to)).not.toContain('eve@evil.example')
})

test('many mails share a few connections', async () => {
  let connections = 0
  const smtp = await server({
    onConnect: (_session, answer) => {
      connections++
      answer()
    },
  })
  const sender = courier(`smtp://127.0.0.1:${smtp.port}`)
  await Promise.all(Array.from({ length: 50 }, () => sender.bring(parcel())))
  expect(smtp.received).toHaveLength(50)
  expect(connections).toBeLessThanOrEqual(5)
})
