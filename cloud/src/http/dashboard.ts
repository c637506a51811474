import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type Request, type Response, Router } from 'express'

/** Files whose name carries their hash never change. */
const HASHED = /-[A-Za-z0-9_-]{8,}\.\w+$/
/** What the dashboard's own router does not answer for. */
const NOT_PAGES = /^\/(?:api|device|mqtt)(?:\/|$)/

/** Reads codes beside the page by WebAssembly, which needs leave to compile. A worker goes by the policy of its own file, so the pages do without. */
const CODE_WORKER = /\/assets\/code-worker-[^/]+\.js$/
const CODE_WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

/** The built dashboard: its files, and its first page for every address that is one of its own. */
export function dashboardRoutes(folder: string): Router {
  const routes = Router()
  const page = join(folder, 'index.html')
  routes.use(
    express.static(folder, {
      index: false,
      setHeaders(res, path) {
        res.setHeader('Cache-Control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
        if (CODE_WORKER.test(path)) res.setHeader('Content-Security-Policy', CODE_WORKER_POLICY)
      },
    }),
  )
  routes.get('/{*page}', (req: Request, res: Response, next) => {
    if (NOT_PAGES.test(req.path) || /\.\w+$/.test(req.path)) return next()
    if (!existsSync(page)) {
      return void res
        .status(503)
        .type('text/plain')
        .send(`The dashboard is not built. Run ./gatehouse start, or build it into ${folder}.`)
    }
    res.setHeader('Cache-Control', 'no-cache')
    res.sendFile(page)
  })
  return routes
}
