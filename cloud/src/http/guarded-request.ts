import { lookup as resolve } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Addresses that are no business of a service on the internet: this machine, private networks, link-local, multicast, documentation. */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  // Unspecified, this machine, and IPv4 written in an old way.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  // Teredo and ORCHID carry other addresses, as 6to4 and NAT64 do.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6')
}

export function isPrivateAddress(address: string): boolean {
  // ::ffff:10.0.0.1 is 10.0.0.1.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const plain = mapped ?? address
  return PRIVATE.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

export class AddressRefused extends Error {}

export type Asked = {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly signal: AbortSignal
}

export type AnswerOf = { readonly status: number; header(name: string): string | undefined; readonly body: Buffer }

/** Asks an address that somebody typed. */
export type Ask = (url: URL, asked: Asked) => Promise<AnswerOf>

const ANSWER_MS_MAX = 30_000
/** A page of 5,000 users is about 4 MB. */
const BODY_BYTES_MAX = 16 * 1024 * 1024

/**
 * One request, to the address that was checked: the name is resolved once, every address it has is looked at, and the
 * connection is made to that one. Redirects are not followed. `allowPrivate`: a student system on the campus' own
 * network.
 */
export function guardedAsk({
  allowPrivate,
  allowedWith = 'GATEHOUSE_PRIVATE_SOURCES=1',
  answerMsMax = ANSWER_MS_MAX,
  cutAtBytes = null,
}: {
  readonly allowPrivate: boolean
  /** The setting with which an operator allows them, for the words of a refusal. */
  readonly allowedWith?: string
  readonly answerMsMax?: number
  /** Where only the beginning of an answer matters; the rest is not read. Null: all of it, up to 16 MB. */
  readonly cutAtBytes?: number | null
}): Ask {
  const refusal = (host: string, address: string) =>
    new AddressRefused(`${host} is at ${address}, a private address. An operator allows it with ${allowedWith}.`)
  const guarded: LookupFunction = (host, options, done) => {
    resolve(host, { ...options, all: true }, (problem, addresses) => {
      if (problem !== null) return done(problem, [])
      const refused = allowPrivate ? undefined : addresses.find(({ address }) => isPrivateAddress(address))
      if (refused !== undefined) return done(refusal(host, refused.address), [])
      if (options.all) return done(null, addresses)
      done(null, addresses[0]!.address, addresses[0]!.family)
    })
  }
  return (url, { method = 'GET', headers = {}, body, signal }) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // A name that is an address already is not looked up.
    if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) return Promise.reject(refusal(host, host))
    const within = AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)])
    return new Promise((answer, fail) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
        url,
        { method, headers: { ...headers, 'user-agent': 'Gatehouse' }, lookup: guarded, signal: within },
        response => bodyOf(response, cutAtBytes).then(bytes => answer(told(response, bytes)), fail),
      )
      request.once('error', fail)
      request.end(body)
    })
  }
}

function told(response: IncomingMessage, body: Buffer): AnswerOf {
  return {
    status: response.statusCode ?? 0,
    header: name => {
      const value = response.headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    body,
  }
}

async function bodyOf(response: IncomingMessage, cutAtBytes: number | null): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (cutAtBytes !== null && bytes >= cutAtBytes) {
      response.destroy()
      return Buffer.concat([...chunks, chunk]).subarray(0, cutAtBytes)
    }
    if (bytes > BODY_BYTES_MAX) {
      response.destroy()
      throw new Error('An answer is larger than 16 MB. Ask the operator of the student system for smaller pages.')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
