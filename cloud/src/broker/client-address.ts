import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/**
 * Whose connection it is: the socket's address, or behind trusted proxies the last address in `X-Forwarded-For` that
 * is not one of them. Whatever stands before that was written by whoever wanted to.
 */
export function clientAddress(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trusted = new BlockList()
  for (const proxy of trustedProxies) {
    const [address, bits] = proxy.split('/') as [string, string | undefined]
    if (bits === undefined) trusted.addAddress(address, familyOf(address))
    else trusted.addSubnet(address, Number(bits), familyOf(address))
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, familyOf(address))

  return request => {
    const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
    let address = plain(request.socket.remoteAddress ?? 'unknown')
    while (isTrusted(address)) {
      const before = forwarded.pop()?.trim()
      if (before === undefined || isIP(before) === 0) break
      address = plain(before)
    }
    return address
  }
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** A socket that takes both families says an IPv4 address in the way of IPv6. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '')
