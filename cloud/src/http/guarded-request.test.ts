import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { objectionToAddress } from '../notifications/allowed-address.ts'
import { AddressRefused, guardedAsk } from './guarded-request.ts'

/** Addresses of this machine and of private networks, as people who look for a way in write them. */
const PRIVATE = [
  ['loopback', '127.0.0.1'],
  ['all of loopback', '127.255.255.254'],
  ['short', '127.1'],
  ['zero', '0.0.0.0'],
  ['zero, short', '0'],
  ['decimal', '2130706433'],
  ['octal', '0177.0.0.1'],
  ['hexadecimal', '0x7f000001'],
  ['hexadecimal parts', '0x7f.0x0.0x0.0x1'],
  ['digits of another script', '１２７.０.０.１'],
  ['dots of another script', '127。0。0。1'],
  ['percent signs', '%31%32%37.0.0.1'],
  ['a trailing dot', '127.0.0.1.'],
  ['private, ten', '10.1.2.3'],
  ['private, 172.16', '172.31.255.255'],
  ['private, 192.168', '192.168.178.1'],
  ['metadata of clouds', '169.254.169.254'],
  ['carrier NAT', '100.64.0.1'],
  ['multicast', '224.0.0.251'],
  ['broadcast', '255.255.255.255'],
  ['IPv6 loopback', '[::1]'],
  ['IPv6 unspecified', '[::]'],
  ['IPv4 in IPv6', '[::ffff:127.0.0.1]'],
  ['IPv4 in IPv6, hexadecimal', '[::ffff:a00:1]'],
  ['IPv4 in IPv6, the old way', '[::127.0.0.1]'],
  ['6to4', '[2002:7f00:1::]'],
  ['NAT64', '[64:ff9b::10.0.0.1]'],
  ['Teredo', '[2001:0:7f00:1::]'],
  ['unique local', '[fd00::1]'],
  ['link-local', '[fe80::1]'],
  ['IPv6 multicast', '[ff02::1]'],
  ['a name of this machine', 'localhost'],
  ['a name of this machine, in capitals', 'LOCALHOST'],
] as const

let reached = 0
const server = createServer((_req, res) => {
  reached++
  res.end('inside')
})
beforeAll(() => new Promise<void>(resolve => server.listen(0, resolve)))
afterAll(() => new Promise(resolve => server.close(resolve)))

test('the table has every way of writing that we know, and more than 22', () => {
  expect(PRIVATE.length).toBeGreaterThan(22)
})

for (const [name, host] of PRIVATE) {
  test(`${name}: ${host} is neither asked nor taken as an address to write to`, async () => {
    const { port } = server.address() as AddressInfo
    const ask = guardedAsk({ allowPrivate: false })
    const asked = ask(new URL(`http://${host}:${port}/`), { signal: AbortSignal.timeout(5_000) })
    await expect(asked).rejects.toThrow(AddressRefused)
    expect(reached).toBe(0)
    expect(objectionToAddress('url', `https://${host}/`, false)).toMatchObject({ path: 'url' })
  })
}

test('a name of this machine with a dot at its end is no address to write to', () => {
  expect(objectionToAddress('url', 'https://localhost./', false)).toMatchObject({ path: 'url' })
})

test('user and password, and plain http, are no part of an address to write to', () => {
  expect(objectionToAddress('url', 'https://good.example@127.0.0.1/', true)).toMatchObject({ path: 'url' })
  expect(objectionToAddress('url', 'https://user:secret@hooks.example/', false)).toMatchObject({ path: 'url' })
  expect(objectionToAddress('url', 'http://hooks.example/', false)).toMatchObject({ path: 'url' })
  expect(objectionToAddress('url', 'https://hooks.example/x?y=1', false)).toBeNull()
})

test('a service on the internet is asked at the address that was checked, and one on the campus where it is allowed', async () => {
  const { port } = server.address() as AddressInfo
  const answer = await guardedAsk({ allowPrivate: true })(new URL(`http://localhost:${port}/`), {
    signal: AbortSignal.timeout(5_000),
  })
  expect([answer.status, answer.body.toString(), reached]).toEqual([200, 'inside', 1])
})
