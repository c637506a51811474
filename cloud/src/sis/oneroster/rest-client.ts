import { setTimeout as pause } from 'node:timers/promises'
import type { AnswerOf, Ask } from '../../http/guarded-request.ts'
import { UnreadableFile } from '../read/rows.ts'

export type RestNeeds = {
  readonly ask: Ask
  /** With the version in it: `https://sis.example/ims/oneroster/v1p1`, `.../ims/oneroster/rostering/v1p2`. */
  readonly baseUrl: string
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly signal: AbortSignal
  /** Rows of a page; services cut it down to their own most. */
  readonly pageRows?: number
  readonly firstPauseMs?: number
}

/** The service answers what cannot be read, or not at all; the words say which address and what. */
export class SourceFailed extends Error {
  /** Of the answer, where there was one. */
  readonly status: number | null
  constructor(words: string, status: number | null = null) {
    super(words)
    this.status = status
  }
}

const PAGE_ROWS = 1_000
/** Retries of one request: 1, 2, 4, 8 and 16 seconds, or what the service says. */
const TRIES_MAX = 6
const PAUSE_MS_MAX = 60_000
const ROWS_MAX = 1_000_000
const SCOPE =
  'https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly https://purl.imsglobal.org/spec/or/v1p1/scope/roster.readonly'
/** A token is asked for anew so long before it ends. */
const TOKEN_EARLY_MS = 60_000

type Resource = Readonly<Record<string, unknown>>

export type RestClient = {
  /** Every row of a collection, a page at a time: `students`, `orgs`, `academicSessions`. */
  all(collection: string, filter?: string): AsyncGenerator<Resource>
}

/** OneRoster over REST (1.1 section 3, 1.2 rostering): OAuth 2 client credentials, pages, patience. */
export function restClient(needs: RestNeeds): RestClient {
  const { ask, baseUrl, signal, pageRows = PAGE_ROWS } = needs
  const token = tokens(needs)

  async function page(url: URL): Promise<AnswerOf> {
    for (let renewed = false; ; renewed = true) {
      const answer = await patiently(needs, url, async () =>
        ask(url, { headers: { authorization: `Bearer ${await token(renewed)}`, accept: 'application/json' }, signal }),
      )
      // The token may have been withdrawn early: once more with a new one.
      if (answer.status === 401 && !renewed) continue
      if (answer.status === 200) return answer
      throw new SourceFailed(`${said(url)} answered ${answer.status}${hint(answer.status)}.`, answer.status)
    }
  }

  return {
    async *all(collection, filter) {
      let offset = 0
      const first = new URL(`${baseUrl.replace(/\/+$/, '')}/${collection}`)
      first.searchParams.set('limit', String(pageRows))
      first.searchParams.set('offset', '0')
      first.searchParams.set('orderBy', 'asc')
      first.searchParams.set('sort', 'sourcedId')
      if (filter !== undefined) first.searchParams.set('filter', filter)
      const seen = new Set<string>()
      for (let url: URL | null = first; url !== null; ) {
        const answer = await page(url)
        const rows = rowsIn(answer, url)
        for (const row of rows) yield row
        offset += rows.length
        if (offset > ROWS_MAX) throw new SourceFailed(`${said(url)} has more than ${ROWS_MAX} rows.`)
        // A page that comes again would go on for ever.
        seen.add(url.href)
        url = rows.length === 0 ? null : nextPage(answer, url, offset)
        if (url !== null && seen.has(url.href)) throw new SourceFailed(`${said(url)} names itself as its next page.`)
      }
    },
  }

  /** By the Link header where there is one, else by the total, else until a page is not full. */
  function nextPage(answer: AnswerOf, url: URL, offset: number): URL | null {
    const links = answer.header('link')
    if (links !== undefined) {
      const next = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(links)?.[1]
      if (next === undefined) return null
      const target = new URL(next, url)
      if (target.origin === url.origin) return target
      throw new SourceFailed(`${said(url)} sends on to another service (${target.origin}). That is not followed.`)
    }
    const total = Number(answer.header('x-total-count') ?? Number.NaN)
    const full = Number(url.searchParams.get('limit') ?? pageRows)
    const rows = offset - Number(url.searchParams.get('offset') ?? 0)
    if (Number.isNaN(total) ? rows < full : offset >= total) return null
    const target = new URL(url)
    target.searchParams.set('offset', String(offset))
    return target
  }
}

/** One token for as long as it is good. */
function tokens(needs: RestNeeds): (renew: boolean) => Promise<string> {
  const url = new URL(needs.tokenUrl)
  let kept: { token: string; untilMs: number } | null = null
  return async renew => {
    if (!renew && kept !== null && performance.now() < kept.untilMs) return kept.token
    const basic = Buffer.from(
      `${encodeURIComponent(needs.clientId)}:${encodeURIComponent(needs.clientSecret)}`,
    ).toString('base64')
    const answer = await patiently(needs, url, () =>
      needs.ask(url, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPE }).toString(),
        signal: needs.signal,
      }),
    )
    if (answer.status !== 200) {
      throw new SourceFailed(
        `${said(url)} gives no token: it answered ${answer.status}. Check the client id and secret.`,
      )
    }
    const said_ = jsonOf(answer, url)
    const token = said_.access_token
    if (typeof token !== 'string' || token === '')
      throw new SourceFailed(`${said(url)} answered without an access_token.`)
    const seconds = typeof said_.expires_in === 'number' ? said_.expires_in : 300
    kept = { token, untilMs: performance.now() + Math.max(0, seconds * 1000 - TOKEN_EARLY_MS) }
    return token
  }
}

/** Tries again what may pass: 429, 5xx, and connections that fail; as long as the service asks for, within reason. */
async function patiently(
  { signal, firstPauseMs = 1_000 }: RestNeeds,
  url: URL,
  once: () => Promise<AnswerOf>,
): Promise<AnswerOf> {
  for (let tried = 1; ; tried++) {
    let answer: AnswerOf | null = null
    try {
      answer = await once()
      if (answer.status !== 429 && answer.status < 500) return answer
      if (tried === TRIES_MAX) throw new SourceFailed(`${said(url)} answered ${answer.status} ${tried} times.`)
    } catch (problem) {
      signal.throwIfAborted()
      if (problem instanceof SourceFailed || problem instanceof UnreadableFile || !mayPass(problem))
        throw failed(url, problem)
      if (tried === TRIES_MAX) throw failed(url, problem)
    }
    const asked = Number(answer?.header('retry-after') ?? Number.NaN) * 1000
    const waitMs = Number.isNaN(asked) ? firstPauseMs * 2 ** (tried - 1) : asked
    await pause(Math.min(waitMs, PAUSE_MS_MAX), undefined, { signal })
  }
}

function mayPass(problem: unknown): boolean {
  const { code, name } = problem as { code?: unknown; name?: unknown }
  return (
    ['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', 'UND_ERR_SOCKET'].includes(String(code)) ||
    name === 'TimeoutError'
  )
}

function failed(url: URL, problem: unknown): Error {
  if (problem instanceof SourceFailed) return problem
  const words = problem instanceof Error ? problem.message : String(problem)
  return new SourceFailed(`${said(url)} could not be asked: ${words.slice(0, 300)}`)
}

/** A collection is an object with one list in it: `{users: [...]}`. */
function rowsIn(answer: AnswerOf, url: URL): Resource[] {
  const lists = Object.values(jsonOf(answer, url)).filter(Array.isArray)
  if (lists.length !== 1) throw new SourceFailed(`${said(url)} answered something else than a list.`)
  return (lists[0] as unknown[]).filter((row): row is Resource => typeof row === 'object' && row !== null)
}

function jsonOf(answer: AnswerOf, url: URL): Resource {
  try {
    const read: unknown = JSON.parse(answer.body.toString('utf8'))
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Resource
  } catch {
    // said below
  }
  throw new SourceFailed(`${said(url)} answered something that is not JSON of OneRoster.`)
}

function hint(status: number): string {
  if (status === 401 || status === 403) return ': the client may not read it'
  if (status === 404) return ': check the address, with the version in it'
  return status >= 300 && status < 400 ? ': redirects are not followed, enter the final address' : ''
}

/** Without the query: filters may name people. */
function said(url: URL): string {
  return `${url.origin}${url.pathname}`
}
