export type FeedState = 'connecting' | 'live' | 'reconnecting' | 'refused'

export type Connection = { readonly closed: Promise<void>; readonly end: () => void }

/** What opening a connection can come to; `refused` is for good, a rejected token may be replaced. */
export type Opened = Connection | 'failed' | 'token-rejected' | 'refused'

export type FeedNeeds = {
  readonly open: (token: string, signal: AbortSignal) => Promise<Opened>
  /** A good access token; `rejected` is the one that the broker just refused. Null when there is none to be had now. */
  readonly token: (rejected: string | null) => Promise<string | null>
  /** When the token given last ends, ms since 1970. The broker ends the connection with it. */
  readonly expiresAtMs: () => number
  readonly onState: (state: FeedState) => void
}

/** A lost connection is tried again at once, then after pauses, with chance in them so that a campus does not come back in one second. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const

/** A connection that did not last this long was no connection: a broker that takes and drops is not asked in a circle. */
const STEADY_MS = 5_000

/** A new connection is made this long before the old one's token ends. Less than the session's spare time, so that its token is a new one. */
const RENEW_BEFORE_MS = 20_000

type Ended = 'closed' | 'token-ends' | 'stopped'

/**
 * Keeps a connection to the feed until `signal` aborts. What is missed between two connections is not the feed's to
 * bring: `live` is the caller's cue to read it from the service.
 */
export async function watchFeed(needs: FeedNeeds, signal: AbortSignal): Promise<void> {
  needs.onState('connecting')
  let last: Connection | null = null
  let tries = 0
  let rejected: string | null = null

  while (!signal.aborted) {
    const token = await needs.token(rejected)
    const opened: Opened = token === null ? 'failed' : await needs.open(token, signal)
    last?.end()
    last = null
    if (signal.aborted) {
      if (typeof opened === 'object') opened.end()
      return
    }
    if (opened === 'refused') return needs.onState('refused')
    rejected = opened === 'token-rejected' ? token : null
    if (typeof opened === 'string') {
      needs.onState('reconnecting')
      await pause(retryMs(tries++), signal)
      continue
    }

    needs.onState('live')
    const openedAtMs = Date.now()
    const ended = await untilEnd(opened, needs.expiresAtMs() - Date.now() - RENEW_BEFORE_MS, signal)
    if (ended === 'token-ends') last = opened
    else opened.end()
    const steady = Date.now() - openedAtMs >= STEADY_MS
    if (steady) tries = 0
    if (ended !== 'closed') continue
    needs.onState('reconnecting')
    if (!steady) await pause(retryMs(tries++), signal)
  }
}

function retryMs(tries: number): number {
  return RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]!
}

function untilEnd(connection: Connection, lastsMs: number, signal: AbortSignal): Promise<Ended> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve('token-ends'), Math.max(lastsMs, 1_000))
    const stop = () => resolve('stopped')
    signal.addEventListener('abort', stop, { once: true })
    void connection.closed.then(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve('closed')
    })
  })
}

/** Ends early when the browser finds the network again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms * (0.7 + Math.random() * 0.6))
    window.addEventListener('online', done)
    signal.addEventListener('abort', done)
  })
}
