import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkServerIdentity, connect, createServer } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAuthority, type ServerCertificate } from './authority.ts'

const DAY_MS = 86_400_000

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-authority-'))
})
afterEach(() => rm(folder, { recursive: true }))

for (const host of ['localhost', '127.0.0.1', '::1', 'gates.hillside.example']) {
  test(`a client that pins the authority trusts the broker as ${host}`, async () => {
    const authority = await openAuthority({ folder, hosts: ['gates.hillside.example'] })
    expect(await handshake(await authority.serverCertificate(), authority.ca, host)).toBe('trusted')
  })
}

test('a name that was not asked for is not trusted', async () => {
  const authority = await openAuthority({ folder, hosts: [] })
  expect(await handshake(await authority.serverCertificate(), authority.ca, 'elsewhere.example')).toBe(
    'ERR_TLS_CERT_ALTNAME_INVALID',
  )
})

test('another authority’s certificate is not trusted', async () => {
  const authority = await openAuthority({ folder, hosts: [] })
  const other = await openAuthority({ folder: join(folder, 'other'), hosts: [] })
  // Both are called the same, so OpenSSL finds the issuer by name and then a signature that is not its own.
  expect(await handshake(await other.serverCertificate(), authority.ca, 'localhost')).not.toBe('trusted')
})

test('the authority and the certificate are kept over a restart', async () => {
  const first = await openAuthority({ folder, hosts: [] })
  const certificate = await first.serverCertificate()
  const second = await openAuthority({ folder, hosts: [] })
  expect(second.ca).toBe(first.ca)
  expect(await second.serverCertificate()).toEqual(certificate)
})

test('keys are for the owner of the process only', async () => {
  await (await openAuthority({ folder, hosts: [] })).serverCertificate()
  for (const file of ['authority.pem', 'server.pem']) {
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  }
  expect(await readFile(join(folder, 'ca.pem'), 'utf8')).not.toContain('PRIVATE')
})

test('the certificate is renewed a month before it ends, by the same authority', async () => {
  let nowMs = Date.now()
  const authority = await openAuthority({ folder, hosts: [], nowMs: () => nowMs })
  const first = await authority.serverCertificate()
  nowMs += (397 - 31) * DAY_MS
  expect(await authority.serverCertificate()).toEqual(first)
  nowMs += 2 * DAY_MS
  const second = await authority.serverCertificate()
  expect(new X509Certificate(second.cert).validToDate > new X509Certificate(first.cert).validToDate).toBe(true)
  expect(await handshake(second, authority.ca, 'localhost')).toBe('trusted')
})

test('a new public host gets a new certificate', async () => {
  await (await openAuthority({ folder, hosts: [] })).serverCertificate()
  const authority = await openAuthority({ folder, hosts: ['new.example'] })
  expect(await handshake(await authority.serverCertificate(), authority.ca, 'new.example')).toBe('trusted')
})

test('a broken key file is said and never replaced by itself', async () => {
  await openAuthority({ folder, hosts: [] })
  await writeFile(join(folder, 'authority.pem'), 'not a key')
  await expect(openAuthority({ folder, hosts: [] })).rejects.toThrow(/authority.pem is not a key and a certificate/)
})

async function handshake(certificate: ServerCertificate, ca: string, servername: string): Promise<string> {
  const server = createServer(certificate, socket => socket.end())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const outcome = await new Promise<string>(resolve => {
    const client = connect({
      host: '127.0.0.1',
      port,
      ca,
      checkServerIdentity: (_host, peer) => checkServerIdentity(servername, peer),
    })
    client.on('secureConnect', () => resolve('trusted'))
    client.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
    client.on('data', () => {})
  })
  server.close()
  return outcome
}
