import type { Request, Response } from 'express'
import type { ExecutionResult } from 'graphql'

const EVENTS = 'text/event-stream'
const RESPONSE_JSON = 'application/graphql-response+json'
/** Proxies end a connection that is silent for a minute. */
const PING_MS = 15_000

export const wantsEvents = (req: Request): boolean => (req.get('accept') ?? '').includes(EVENTS)

const STATUSES: Readonly<Record<string, number>> = {
  not_allowed: 403,
  not_for_keys: 403,
  stream_not_accepted: 406,
  validation_failed: 422,
  too_many_subscriptions: 429,
  internal_error: 500,
}

/**
 * One answer. Where nothing was carried out its status says so; what failed in the middle stands beside the data of a
 * 200 (GraphQL over HTTP, section 6.4). https://graphql.github.io/graphql-over-http/draft/
 */
export function sendResult(req: Request, res: Response, result: ExecutionResult): void {
  const code = result.errors?.[0]?.extensions.code
  const failed = result.errors !== undefined && (result.data === undefined || code === 'internal_error')
  const status = failed && result.data == null ? (STATUSES[String(code)] ?? 400) : 200
  if (wantsEvents(req)) {
    openEvents(res)
    res.end(`${eventOf(result)}event: complete\ndata:\n\n`)
    return
  }
  const type = (req.get('accept') ?? '').includes(RESPONSE_JSON) ? RESPONSE_JSON : 'application/json'
  res.status(status).type(`${type}; charset=utf-8`).send(JSON.stringify(result))
}

/**
 * Answers as they come (the "distinct connections mode" of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).
 * Who reads slowly is waited for; what waits meanwhile is bounded by the stream itself.
 */
export async function sendEvents(res: Response, results: AsyncIterableIterator<ExecutionResult>): Promise<void> {
  openEvents(res)
  res.write(':\n\n')
  const ping = setInterval(() => res.writableNeedDrain || res.write(':\n\n'), PING_MS)
  const gone = () => void results.return?.()
  res.once('close', gone)
  try {
    for await (const result of results) {
      if (res.closed) break
      if (!res.write(eventOf(result))) await drained(res)
    }
    res.end('event: complete\ndata:\n\n')
  } finally {
    clearInterval(ping)
    res.off('close', gone)
  }
}

function openEvents(res: Response): void {
  res.status(200).type(EVENTS)
  // nginx would gather them.
  res.setHeader('X-Accel-Buffering', 'no')
  res.flushHeaders()
}

const eventOf = (result: ExecutionResult) => `event: next\ndata: ${JSON.stringify(result)}\n\n`

/** Also when the reader is gone. */
function drained(res: Response): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      res.off('drain', done).off('close', done)
      resolve()
    }
    res.on('drain', done).on('close', done)
  })
}
