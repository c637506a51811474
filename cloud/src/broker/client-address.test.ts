import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

const addressOf = clientAddress(['10.0.0.0/8', '::1'])
const from = (remoteAddress: string, forwarded?: string | string[]) =>
  addressOf({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage)

for (const [what, remote, forwarded, address] of [
  ['without a proxy it is the socket’s', '192.0.2.1', undefined, '192.0.2.1'],
  ['what somebody who is no proxy says does not count', '192.0.2.1', '198.51.100.7', '192.0.2.1'],
  ['a trusted proxy is believed', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
  ['so is one whose address is written as IPv6', '::ffff:10.1.2.3', '198.51.100.7', '198.51.100.7'],
  [
    'of several addresses the last that is no proxy counts',
    '::1',
    '203.0.113.9, 198.51.100.7, 10.9.9.9',
    '198.51.100.7',
  ],
  ['what is no address ends the search', '10.1.2.3', 'localhost', '10.1.2.3'],
  ['a proxy that says nothing stands for itself', '10.1.2.3', undefined, '10.1.2.3'],
] as const) {
  test(what, () => expect(from(remote, forwarded)).toBe(address))
}
