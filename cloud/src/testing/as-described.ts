import type { Route } from '@gatehouse/shared/wire/contract.ts'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { describeApi, pathOf } from '../http/openapi.ts'

const BELOW = '/api/v1'

/** What came over the wire. */
type Answered = { readonly status: number; readonly headers: Headers; readonly body: unknown }

type Described = { readonly responses: Record<string, { $ref?: string; content?: Record<string, object> }> }

/**
 * Holds every answer of the API against the description that programs are given: the status is one that is told of,
 * the body has the shape told for it. Throws where it differs, so that every test of a route is a test of its description.
 */
export function answersAsDescribed(bound: readonly Route[]): (method: string, path: string, said: Answered) => void {
  let opened: ReturnType<typeof open> | null = null
  return (method, path, said) => {
    const { pathname } = new URL(path, 'http://localhost')
    const route = bound.find(
      one => one.method === method.toLowerCase() && matcher(one).test(pathname.slice(BELOW.length)),
    )
    // Device routes and files of pages are described elsewhere, and so is where somebody is sent on to.
    if (!pathname.startsWith(`${BELOW}/`) || route === undefined) return
    if (said.status >= 300 && said.status < 400 && !(said.status === 304 && route.inParts)) return
    opened ??= open(bound)
    const wrong = opened.mistake(route, said)
    if (wrong !== null) throw new Error(`${method} ${path} answered ${said.status}, not as described: ${wrong}`)
  }
}

function open(bound: readonly Route[]) {
  const document = describeApi(bound, '0.0.0')
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(document, 'api')
  const compiled = new Map<string, ValidateFunction>()

  const validator = (pointer: string) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` })
    compiled.set(pointer, known)
    return known
  }

  return {
    /** What is not as told, in words; null when all is. */
    mistake(route: Route, { status, headers, body }: Answered): string | null {
      const operation = (document.paths![pathOf(route)] as Record<string, unknown>)[route.method] as Described
      const told = operation.responses[status] === undefined ? 'default' : String(status)
      if (told === 'default' && status < 400) return 'no success with this status is described'
      const at = ['paths', pathOf(route), route.method, 'responses', told]
      const response = operation.responses[told]!
      const place = response.$ref?.slice(1) ?? `/${at.map(escaped).join('/')}`
      const { content = null } =
        response.$ref === undefined
          ? response
          : (document.components!.responses![response.$ref.split('/').at(-1)!] as Described['responses'][string])

      if (headers.get('x-request-id') === null) return 'there is no X-Request-ID'
      const type = headers.get('content-type')?.split(';')[0] ?? 'nothing'
      if (content === null) return body === '' ? null : 'it has a body, and none is described'
      if (content[type] === undefined) return `${type} is not among ${Object.keys(content).join(', ')}`
      if (type !== 'application/json') return null
      const check = validator(`${place}/content/${escaped(type)}/schema`)
      return check(body) ? null : ajv.errorsText(check.errors, { separator: '; ' }).slice(0, 1000)
    },
  }
}

const matchers = new Map<string, RegExp>()

function matcher({ path }: Route): RegExp {
  const known = matchers.get(path) ?? new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}/?$`, 'i')
  matchers.set(path, known)
  return known
}

/** One step of a JSON pointer inside a URI. */
function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))
}
