import { type Request, type Response, Router } from 'express'
import { type BreakerState, kindOfService } from './breaker.ts'
import { keptFor } from './kept-for.ts'
import { said } from './log.ts'
import { isOperator } from './operator.ts'

const CHECK_MS_MAX = 5_000
const KEPT_MS = 1_000

/** One thing the service needs. A critical one takes the process out of the load balancer when it fails. */
export type Check = { readonly name: string; readonly critical: boolean; readonly run: () => Promise<unknown> }

type Outcome = { readonly status: 'healthy' | 'unhealthy'; readonly responseTimeMs: number; readonly problem?: string }

/** A service whose breaker is open is not asked. */
const AWAY: Outcome = { status: 'unhealthy', responseTimeMs: 0, problem: 'it fails too often and is left alone' }

export type HealthNeeds = {
  readonly checks: readonly Check[]
  /** What outside is called, and whether it is left alone because it fails. */
  readonly services: () => ReadonlyMap<string, BreakerState>
  readonly version: string
  /** Null: who asks from this machine is the operator. */
  readonly operatorToken: string | null
  readonly onFailed: (name: string, problem: unknown) => void
}

/** `/api/health`: the loop turns. `/api/health/ready`: what is critical answers. The words of errors are for operators and the log. */
export function healthRoutes({ checks, services, version, operatorToken, onFailed }: HealthNeeds): Router {
  const routes = Router()
  const outcomes = keptFor(KEPT_MS, () => all(checks, onFailed))
  const body = (status: string, done: Record<string, Outcome>) => ({
    status,
    timestamp: new Date().toISOString(),
    version,
    uptime: Math.floor(process.uptime()),
    checks: done,
  })

  routes.get('/api/health', (_req: Request, res: Response) => void res.json(body('healthy', {})))
  routes.get('/api/health/ready', async (req: Request, res: Response) => {
    const asked = await outcomes()
    const away = [...services()].filter(([, state]) => state !== 'closed').map(([name]) => kindOfService(name))
    const done = { ...Object.fromEntries(away.map(kind => [kind, AWAY])), ...failuresFirst(asked, away) }
    const failed = checks.filter(({ name }) => asked[name]!.status === 'unhealthy')
    const status = failed.some(({ critical }) => critical)
      ? 'unhealthy'
      : failed.length + away.length > 0
        ? 'degraded'
        : 'healthy'
    const told = isOperator(req, operatorToken) ? done : withoutWords(done)
    res.status(status === 'unhealthy' ? 503 : 200).json(body(status, told))
  })
  return routes
}

/** Redis may answer a ping again while its breaker is still open: then it is away all the same. */
function failuresFirst(asked: Record<string, Outcome>, away: readonly string[]): Record<string, Outcome> {
  return Object.fromEntries(
    Object.entries(asked).filter(([name, { status }]) => status === 'unhealthy' || !away.includes(name)),
  )
}

function withoutWords(done: Record<string, Outcome>): Record<string, Outcome> {
  return Object.fromEntries(
    Object.entries(done).map(([name, { status, responseTimeMs }]) => [name, { status, responseTimeMs }]),
  )
}

async function all(checks: readonly Check[], onFailed: (name: string, problem: unknown) => void) {
  return Object.fromEntries(
    await Promise.all(
      checks.map(async ({ name, run }) => {
        const began = performance.now()
        const found = await deadline(run()).then(
          () => ({ status: 'healthy' as const }),
          problem => {
            onFailed(name, problem)
            return { status: 'unhealthy' as const, problem: said(problem).message }
          },
        )
        return [name, { ...found, responseTimeMs: Math.round(performance.now() - began) }] as const
      }),
    ),
  )
}

function deadline(work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_MS_MAX} ms`)), CHECK_MS_MAX)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
