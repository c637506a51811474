import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { rootCertificates } from 'node:tls'

const ANSWER_MS_MAX = 60_000

export type HttpAsk = {
  readonly method?: 'GET' | 'POST'
  readonly url: string
  readonly body?: string
  /** User and password of HTTP Basic. */
  readonly login?: { readonly user: string; readonly password: string }
  /** An authority to believe besides the public ones, PEM. */
  readonly ca?: string | undefined
  readonly bytesMax: number
  readonly signal?: AbortSignal
  /** First byte wanted, of a file of which the ones before it are here. The answer is 206 when it was understood. */
  readonly from?: number
  /** Hears of each part as it comes, and keeps it: what is here when the line breaks need not come again. The answer has no bytes then. */
  readonly onPart?: (part: Buffer, status: number) => void
}
export type HttpAnswer = { readonly status: number; readonly text: string }

/**
 * Asks over HTTPS, or over HTTP on this machine and nowhere else: a secret in clear is for everybody on the way. Throws
 * one sentence when there is no answer; whatever the status, an answer is an answer.
 */
export async function httpText(ask: HttpAsk): Promise<HttpAnswer> {
  const { status, bytes } = await httpBytes(ask)
  return { status, text: bytes.toString('utf8') }
}

export type HttpBytes = { readonly status: number; readonly bytes: Buffer }

/** As `httpText`, of bytes; goes on behind what came before when `from` says how many those were. */
export async function httpBytes(ask: HttpAsk): Promise<HttpBytes> {
  const url = new URL(ask.url)
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new Error(`${url.origin} is not encrypted: use https:// for any other machine than this one`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`${url.href} is no http address`)
  try {
    return await answerTo(url, ask)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(`${url.origin} does not answer (${code ?? message}): check the address and the network`, {
      cause: error,
    })
  }
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

async function answerTo(url: URL, ask: HttpAsk): Promise<HttpBytes> {
  const { method = 'GET', body, login, ca, bytesMax, signal, from = 0, onPart } = ask
  const { promise, resolve, reject } = Promise.withResolvers<HttpBytes>()
  const ended = AbortSignal.any([AbortSignal.timeout(ANSWER_MS_MAX), ...(signal ? [signal] : [])])
  const options = {
    method,
    signal: ended,
    headers: {
      ...(from > 0 ? { range: `bytes=${from}-` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
    ...(login === undefined ? {} : { auth: `${login.user}:${login.password}` }),
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  }
  const request = (url.protocol === 'https:' ? requestTls : requestPlain)(url, options, response => {
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > bytesMax) request.destroy(new Error(`more than ${bytesMax} bytes`))
      else if (onPart === undefined) chunks.push(chunk)
      else onPart(chunk, response.statusCode ?? 0)
    })
    response.on('error', reject)
    response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) }))
  })
  request.on('error', reject)
  request.end(body)
  return promise
}
