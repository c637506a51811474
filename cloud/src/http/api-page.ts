import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import { type Request, type Response, Router } from 'express'
import { apiDocument } from './openapi.ts'

/** Of the package only what the page loads; its own index.html would fetch somebody else's API. */
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const
const FOLDER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gatehouse API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="icon" href="/api/docs/favicon-32x32.png">
</head>
<body>
<div id="api"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/begin.js"></script>
</body>
</html>
`

/** The token typed into the page is gone with the page. */
const BEGIN = `SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  docExpansion: 'none',
  tagsSorter: 'alpha',
  operationsSorter: 'alpha'
})
`

/** Nothing but the page's own files runs there, and nothing leaves this host. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `/api/v1/openapi.json`, and `/api/docs` to read and try it. Both hold nothing that is not in the source. */
export function apiPage(bound: readonly Route[], version: string): Router {
  const routes = Router()
  let made: ReturnType<typeof apiDocument> | null = null

  routes.get('/api/v1/openapi.json', (req: Request, res: Response) => {
    made ??= apiDocument(bound, version)
    res.setHeader('Cache-Control', 'no-cache')
    res.setHeader('ETag', made.tag)
    if (req.get('if-none-match') === made.tag) return void res.status(304).end()
    res.type('application/json').send(made.text)
  })

  const own = (res: Response) => {
    res.setHeader('Content-Security-Policy', POLICY)
    res.setHeader('Cache-Control', 'no-cache')
    return res
  }
  routes.get('/api/docs', (_req: Request, res: Response) => void own(res).type('text/html').send(PAGE))
  routes.get('/api/docs/begin.js', (_req: Request, res: Response) => void own(res).type('text/javascript').send(BEGIN))
  for (const name of FILES) {
    routes.get(`/api/docs/${name}`, (_req: Request, res: Response) =>
      own(res).sendFile(name, { root: FOLDER, cacheControl: false }),
    )
  }
  return routes
}
