import { createHash } from 'node:crypto'
import type { Express, Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, type Options, rateLimit } from 'express-rate-limit'
import { type Counters, memoryCounters } from './counters.ts'
import { sendProblem } from './problem.ts'

const WINDOW_MS = 15 * 60_000
const ACCOUNT_TRIES_MAX = 20
const ADDRESS_TRIES_MAX = 100
const SESSION_REQUESTS_MAX = 3_000
const KEY_REQUESTS_MAX = 6_000
/** Codes of a second factor in 15 minutes: of a million, three fit at any moment. */
const FACTOR_TRIES_MAX = 10
const RESETS_MAX = 3
const MINUTE_MS = 60_000
const CHECKS_MAX = 60
/** Pairs of account and address remembered; the oldest goes. */
const KNOWN_MAX = 100_000
/** What one site is given at least. */
const IPV6_NETWORK_BITS = 64

export type SignInLimits = {
  /** In front of signing in, in this order. */
  readonly handlers: readonly RequestHandler[]
  /** Somebody signed in to this account from here. */
  succeeded(account: string, req: Request): void
}

/**
 * 100 tries an address, and 20 an account, in 15 minutes. An address from which the account was signed in before has
 * a count of its own: whoever hammers on an account from elsewhere does not lock its owner out.
 */
export function signInLimits(): SignInLimits {
  const known = new Set<string>()
  const accountOf = (req: Request) => {
    const email: unknown = req.body?.email
    return typeof email === 'string' ? email.trim().toLowerCase() : ''
  }
  const pair = (account: string, req: Request) => digest(`${account.trim().toLowerCase()}\n${addressOf(req)}`)

  return {
    handlers: [
      limit({
        max: ADDRESS_TRIES_MAX,
        message: 'Too many tries to sign in from this address.',
        keyOf: addressOf,
        // A whole campus may come from one address in the morning.
        failuresOnly: true,
      }),
      limit({
        max: ACCOUNT_TRIES_MAX,
        message: 'Too many tries to sign in to this account.',
        keyOf: (req, res) => {
          // Where the tables know the place, so does every process.
          const place: unknown = res.locals.knownPlace
          if (typeof place === 'string') return digest(`${accountOf(req)}\n${place}`)
          const both = pair(accountOf(req), req)
          return known.has(both) ? both : digest(accountOf(req))
        },
        // Signing in is no guess.
        failuresOnly: true,
      }),
    ],
    succeeded(account, req) {
      if (known.size >= KNOWN_MAX) known.delete(known.values().next().value!)
      known.add(pair(account, req))
    },
  }
}

/** 100 in 15 minutes an address, for what is asked before anybody is known. */
export function addressLimit(message: string): RequestHandler {
  return limit({ max: ADDRESS_TRIES_MAX, message, keyOf: addressOf })
}

/** 3,000 in 15 minutes an address, for what only begins a sign-in: a whole campus may come from one in the morning. */
export function beginLimit(): RequestHandler {
  return limit({
    max: SESSION_REQUESTS_MAX,
    message: 'Too many sign-ins were begun from this address.',
    keyOf: addressOf,
  })
}

/** 100 in 15 minutes an address that were refused. */
export function refusedLimit(message: string): RequestHandler {
  return limit({ max: ADDRESS_TRIES_MAX, message, keyOf: addressOf, failuresOnly: true })
}

/** 3,000 in 15 minutes a session, 6,000 a key; `res.locals.sessionId` says which. */
export function sessionLimit(): RequestHandler {
  return limit({
    max: (_req, res) => (res.locals.byKey === true ? KEY_REQUESTS_MAX : SESSION_REQUESTS_MAX),
    message: 'Too many requests.',
    keyOf: (_req, res) => String(res.locals.sessionId),
  })
}

/** Whether a session, or a key, may do one thing more: for what comes over a web socket, as many as requests by themselves. */
export type SessionCount = (sessionId: string, byKey: boolean) => Promise<boolean>

export function sessionCount(counters: Counters): SessionCount {
  const store = counters.storeOf('web-socket')
  void store.init?.({ windowMs: WINDOW_MS } as Options)
  return async (sessionId, byKey) => {
    const { totalHits } = await store.increment(sessionId)
    return totalHits <= (byKey ? KEY_REQUESTS_MAX : SESSION_REQUESTS_MAX)
  }
}

/** 60 codes in a minute an account, however many sessions it has: more than a guard can scan, and little for whoever tries digits. */
export function checkLimit(): RequestHandler {
  return limit({
    windowMs: MINUTE_MS,
    max: CHECKS_MAX,
    message: 'Too many codes were asked about.',
    keyOf: (_req, res) => String(res.locals.userId),
  })
}

/** Wrong codes of one account, whichever sign-in they belong to; `keyOf` says whose. */
export function factorLimit(keyOf: (req: Request) => Promise<string>): RequestHandler {
  return limit({ max: FACTOR_TRIES_MAX, message: 'Too many wrong codes for this account.', keyOf, failuresOnly: true })
}

/** Wrong passwords of somebody who is signed in and changes it; counted with nobody else's. */
export function passwordLimit(): RequestHandler {
  return limit({
    max: ACCOUNT_TRIES_MAX,
    message: 'Too many tries.',
    keyOf: (_req, res) => `password ${String(res.locals.userId)}`,
    failuresOnly: true,
  })
}

/** Mails with a link to one address: three in 15 minutes, whether anybody has it or not. */
export function resetLimit(): RequestHandler {
  return limit({
    max: RESETS_MAX,
    message: 'A link was asked for this address several times.',
    keyOf: req => {
      const email: unknown = req.body?.email
      return digest(typeof email === 'string' ? email.trim().toLowerCase() : '')
    },
  })
}

/**
 * Whether a handler lets a request through; when not, it has answered, or whoever asked is gone. A handler may take its
 * time, as one does that reads a body. What it passes on as a problem is thrown.
 */
export function letThrough(handler: RequestHandler, req: Request, res: Response): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const gone = () => resolve(false)
    res.once('close', gone)
    const next = (problem?: unknown) => {
      res.off('close', gone)
      if (problem === undefined || problem === null) resolve(true)
      else reject(problem)
    }
    Promise.resolve(handler(req, res, next)).then(() => res.writableEnded && resolve(false), reject)
  })
}

function limit({
  windowMs = WINDOW_MS,
  max,
  message,
  keyOf,
  failuresOnly = false,
}: {
  readonly windowMs?: number
  readonly max: number | ((req: Request, res: Response) => number)
  readonly message: string
  readonly keyOf: (req: Request, res: Response) => string | Promise<string>
  readonly failuresOnly?: boolean
}): RequestHandler {
  const name = digest(`${message} ${windowMs}`).slice(0, 12)
  const limiters = new WeakMap<Counters, RequestHandler>()
  const limiterOf = (counters: Counters) => {
    const known = limiters.get(counters)
    if (known !== undefined) return known
    const made = rateLimit({
      windowMs,
      limit: max,
      standardHeaders: 'draft-6',
      legacyHeaders: false,
      keyGenerator: keyOf,
      skipSuccessfulRequests: failuresOnly,
      store: counters.storeOf(name),
      // One of two doors to a limit may be asked first, and both ask one store.
      validate: { creationStack: false, unsharedStore: false },
      handler: (req, res) =>
        sendProblem(req, res, {
          status: 429,
          code: 'rate_limited',
          message: `${message} Wait ${sayWait(Number(res.getHeader('Retry-After') ?? 60))} and try again.`,
        }),
    })
    limiters.set(counters, made)
    return made
  }
  return (req, res, next) => limiterOf(countersOf(req))(req, res, next)
}

/** Where a limit counts is a setting of the application, as are the proxies that `req.ip` believes. */
export function countIn(app: Express, counters: Counters): void {
  app.set(COUNTERS, counters)
}

function countersOf(req: Request): Counters {
  return (req.app.get(COUNTERS) as Counters | undefined) ?? memoryCounters
}

const COUNTERS = 'gatehouse counters'

function sayWait(seconds: number): string {
  return seconds <= 60 ? 'a minute' : `${Math.ceil(seconds / 60)} minutes`
}

/** The address behind the trusted proxies; of IPv6 the network, because one host has as many addresses as it likes. */
function addressOf(req: Request): string {
  return ipKeyGenerator(req.ip ?? '', IPV6_NETWORK_BITS)
}

/** A long e-mail must not be a long key. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
