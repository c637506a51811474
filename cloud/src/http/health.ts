import { type Request, type Response, Router } from 'express'
import { type BreakerState, kindOfService } from './breaker.ts'

const CHECK_MS_MAX = 5_000
const KEPT_MS = 1_000

/** One thing the service needs. A critical one takes the process out of the load balancer when it fails. */
export type Check = { readonly name: string; readonly critical: boolean; readonly run: () => Promise<unknown> }

type Outcome = { status: 'healthy' | 'unhealthy'; responseTimeMs: number }

/** A service whose breaker is open is not asked. */
const AWAY: Outcome = { status: 'unhealthy', responseTimeMs: 0 }

export type HealthNeeds = {
  readonly checks: readonly Check[]
  /** What outside is called, and whether it is left alone because it fails. */
  readonly services: () => ReadonlyMap<string, BreakerState>
  readonly version: string
  readonly onFailed: (name: string, problem: unknown) => void
}

/** `/api/health`: the loop turns. `/api/health/ready`: what is critical answers. The words of errors go to the log only. */
export function healthRoutes({ checks, services, version, onFailed }: HealthNeeds): Router {
  const routes = Router()
  let kept: { atMs: number; outcomes: Promise<Record<string, Outcome>> } | null = null

  const outcomes = () => {
    if (kept === null || performance.now() - kept.atMs > KEPT_MS)
      kept = { atMs: performance.now(), outcomes: all(checks, onFailed) }
    return kept.outcomes
  }
  const body = (status: string, done: Record<string, Outcome>) => ({
    status,
    timestamp: new Date().toISOString(),
    version,
    uptime: Math.floor(process.uptime()),
    checks: done,
  })

  routes.get('/api/health', (_req: Request, res: Response) => void res.json(body('healthy', {})))
  routes.get('/api/health/ready', async (_req: Request, res: Response) => {
    const asked = await outcomes()
    const away = [...services()].filter(([, state]) => state !== 'closed').map(([name]) => kindOfService(name))
    const done = { ...Object.fromEntries(away.map(kind => [kind, AWAY])), ...asked }
    const failed = checks.filter(({ name }) => asked[name]!.status === 'unhealthy')
    const status = failed.some(({ critical }) => critical)
      ? 'unhealthy'
      : failed.length + away.length > 0
        ? 'degraded'
        : 'healthy'
    res.status(status === 'unhealthy' ? 503 : 200).json(body(status, done))
  })
  return routes
}

async function all(checks: readonly Check[], onFailed: (name: string, problem: unknown) => void) {
  return Object.fromEntries(
    await Promise.all(
      checks.map(async ({ name, run }) => {
        const began = performance.now()
        const status = await deadline(run()).then(
          () => 'healthy' as const,
          problem => {
            onFailed(name, problem)
            return 'unhealthy' as const
          },
        )
        return [name, { status, responseTimeMs: Math.round(performance.now() - began) }] as const
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
