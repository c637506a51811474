import { createHash } from 'node:crypto'
import { ApiProblem, Metadata } from '@gatehouse/shared/wire/api/envelope.ts'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import { z } from 'zod'
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiHeadersObject,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiParameterObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'

/** An OpenAPI 3.1 document. */
export type ApiDocument = ReturnType<typeof createDocument>

/**
 * The description of the API, made from the routes that are bound: what checks a request is what is told of it. The
 * one file that knows `zod-openapi`.
 */
export function describeApi(bound: readonly Route[], version: string): ApiDocument {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of bound) {
    const path = pathOf(route)
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  const tags = [...new Set(bound.map(tagOf))].toSorted().map(name => ({ name }))
  return createDocument({ ...ABOUT, info: { ...ABOUT.info, version }, tags, paths }, OPTIONS)
}

/** `/students/:studentId` as OpenAPI spells it. */
export function pathOf({ path }: Pick<Route, 'path'>): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

/** The document as bytes, with the tag a program can ask with whether it changed. */
export function apiDocument(bound: readonly Route[], version: string): { readonly text: string; readonly tag: string } {
  const text = JSON.stringify(describeApi(bound, version))
  return { text, tag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

const ABOUT: ZodOpenApiObject = {
  openapi: '3.1.1',
  info: {
    title: 'Gatehouse',
    version: '0',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description: [
      'Every answer has one shape: `success`, `data`, `error`, `message`, `metadata`. A refusal has a code for programs and a sentence for people.',
      'A bearer token of `POST /auth/login` lasts 15 minutes; what its owner may is read from the tables at each request, and `x-gatehouse-requires` says what a route asks for.',
      'A row with a `version` answers it as its `ETag`. Give it back as `If-Match` and a change that met another one is refused with 409 `changed_meanwhile`.',
    ].join('\n\n'),
  },
  servers: [{ url: '/api/v1' }],
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'The access token of a session, or an access key.' },
    },
  },
}

const OPTIONS: CreateDocumentOptions = {
  // A file's bytes, and what a transform makes, have no schema of JSON: `override` says what goes over the wire.
  allowEmptySchema: { custom: true, transform: true, unknown: true, any: true },
  override({ jsonSchema, zodSchema, io }) {
    const { def } = zodSchema._zod
    // What is sent is what went into a transform: an answer is not read by its schema on the way out.
    if (def.type === 'pipe' && io === 'output' && def.out._zod.def.type === 'transform') {
      Object.assign(jsonSchema, z.toJSONSchema(def.in, { io: 'output', unrepresentable: 'any' }))
      delete jsonSchema.$schema
    }
    // A format says it in a word.
    if (jsonSchema.format !== undefined) delete jsonSchema.pattern
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  },
}

const AnswerMetadata = Metadata.meta({ id: 'Metadata' })

const Problem = z
  .object({
    success: z.literal(false),
    data: z.null(),
    error: ApiProblem.meta({ id: 'Error' }),
    message: z.string(),
    metadata: AnswerMetadata,
  })
  .meta({
    id: 'Problem',
    description: 'What an answer says when it is no: a code for programs, a sentence for people.',
    example: {
      success: false,
      data: null,
      error: {
        code: 'not_found',
        message: 'There is no student with that id.',
        details: [],
        path: '/api/v1/students/0198c5f0-0000-7000-8000-000000000000',
        timestamp: '2026-09-01T08:00:00.000Z',
        requestId: '0b9f2c5e-6c6e-4f3e-9d0e-3f6f5b1f3a11',
      },
      message: 'There is no student with that id.',
      metadata: {
        timestamp: '2026-09-01T08:00:00.000Z',
        requestId: '0b9f2c5e-6c6e-4f3e-9d0e-3f6f5b1f3a11',
      },
    },
  })

const REQUEST_ID: ZodOpenApiHeadersObject = {
  'X-Request-ID': { description: 'What this request is called in the log.', schema: { type: 'string' } },
}
const ETAG: ZodOpenApiHeadersObject = {
  ETag: { description: 'The version of the row, for `If-Match`.', schema: { type: 'string' } },
}
const RETRY_AFTER: ZodOpenApiHeadersObject = {
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } },
  'RateLimit-Limit': { description: 'Requests in the window.', schema: { type: 'integer' } },
  'RateLimit-Remaining': { description: 'Requests left in it.', schema: { type: 'integer' } },
  'RateLimit-Reset': { description: 'Seconds until it begins anew.', schema: { type: 'integer' } },
}
const FILE_NAME_HEADER: ZodOpenApiHeadersObject = {
  'Content-Disposition': { description: 'The name to keep it by.', schema: { type: 'string' } },
}
const FILE_HEADERS: ZodOpenApiHeadersObject = {
  ...FILE_NAME_HEADER,
  'Gatehouse-Not-Drawn': {
    description: 'Characters that no font of the service has, as `U+1F600, U+1F601`.',
    schema: { type: 'string' },
  },
}

const REFUSALS = {
  notSignedIn: refusal('NotSignedIn', 'Not signed in, or the session has ended.'),
  notAllowed: refusal('NotAllowed', 'The role does not give what `x-gatehouse-requires` names.'),
  notFound: refusal('NotFound', 'There is nothing with that id in this school.'),
  notRight: refusal('NotRight', 'Something in the request is not right; `details` says what and where.'),
  tooMany: refusal('TooMany', 'Too many requests; `Retry-After` says when to come back.', RETRY_AFTER),
  other: refusal('Refused', 'Refused, or failed; `error.code` says why.'),
}

function refusal(id: string, description: string, headers: ZodOpenApiHeadersObject = {}): ZodOpenApiResponseObject {
  return {
    id,
    description,
    headers: { ...REQUEST_ID, ...headers },
    content: { 'application/json': { schema: Problem } },
  }
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { can, summary, params, query, body, takes } = route
  return {
    operationId: operationId(route),
    tags: [tagOf(route)],
    summary,
    'x-gatehouse-requires': can,
    security: can === 'anyone' ? [] : [{ bearer: [] }],
    parameters: headersOf(route),
    ...((params !== undefined || query !== undefined) && {
      requestParams: {
        ...(params !== undefined && { path: params as z.ZodObject }),
        ...(query !== undefined && { query: query as z.ZodObject }),
      },
    }),
    ...(takes !== undefined && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          takes.map(type => [type, { schema: { type: 'string' as const, contentMediaType: type } }]),
        ),
      },
    }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: responsesOf(route),
  }
}

/** `GET /students/:studentId` is `getStudentsByStudentId`: it stays as long as the address does. */
function operationId({ method, path }: Route): string {
  const words = path
    .split('/')
    .filter(Boolean)
    .flatMap(part => (part.startsWith(':') ? ['by', ...part.slice(1).split(/(?=[A-Z])/)] : part.split(/[^A-Za-z0-9]/)))
  return method + words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function tagOf({ path }: Route): string {
  return path.split('/')[1]!
}

function headersOf({ method, can, path, data, inParts }: Route): ZodOpenApiParameterObject[] {
  const asked: ZodOpenApiParameterObject[] = [
    header('X-Request-ID', 'A name for this request, returned with the answer and kept in the log.', {
      maxLength: 64,
      pattern: '^[A-Za-z0-9._-]{1,64}$',
      example: 'enrol-2026-09-01.7',
    }),
  ]
  if (can !== 'anyone') {
    asked.push(
      header('X-Gatehouse-School', 'The tenant a super_admin acts in. Nobody else needs it.', {
        example: 'hillside-college',
      }),
    )
  }
  if (inParts) {
    asked.push(
      header('Range', 'The one part that is wanted, in bytes.', { example: 'bytes=0-65535' }),
      header('If-Range', 'The `ETag` that the part belongs to; the whole is sent when it is another by now.', TAG),
      header('If-None-Match', 'The `ETag` of what is there already; 304 when it is still that.', TAG),
    )
  }
  if (method === 'post' && can !== 'anyone') {
    asked.push(
      header('Idempotency-Key', 'The same key with the same body is done once, and answered the same again.', {
        example: '5f0c2f0e-3d0a-4c57-9f55-0d1d1a0d2b11',
      }),
    )
  }
  if (method !== 'get' && path.includes(':') && hasVersion(data)) {
    asked.push(
      header('If-Match', 'The `ETag` of the row as it was read; 409 `changed_meanwhile` when it is another by now.', {
        pattern: '^(\\*|(W/)?"\\d{1,9}")$',
        example: '"7"',
      }),
    )
  }
  return asked
}

const TAG = { example: '"0198c5f0-0000-7000-8000-000000000000-original"' }

function header(
  name: string,
  description: string,
  { example, ...schema }: { example: string; pattern?: string; maxLength?: number },
): ZodOpenApiParameterObject {
  return { in: 'header', name, description, required: false, schema: { type: 'string', ...schema }, example }
}

function hasVersion(data: z.ZodType): boolean {
  return data instanceof z.ZodObject && 'version' in data.shape
}

/** Of statuses told by name the caller can rely; every other refusal has the same shape. */
function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const { can, params, query, body, status = 200, inParts } = route
  return {
    [`${status}` as '200']: successOf(route),
    ...(inParts && partsOf(route)),
    ...(can !== 'anyone' && { 401: REFUSALS.notSignedIn }),
    ...(can !== 'anyone' && can !== 'signed-in' && { 403: REFUSALS.notAllowed }),
    ...(params !== undefined && { 404: REFUSALS.notFound }),
    ...((query !== undefined || body !== undefined) && { 422: REFUSALS.notRight }),
    429: REFUSALS.tooMany,
    default: REFUSALS.other,
  }
}

/** RFC 9110 sections 14.4, 15.3.7, 15.4.5 and 15.5.17. */
function partsOf(route: Route): ZodOpenApiResponsesObject {
  const whole = successOf(route)
  const bare = (description: string, headers: ZodOpenApiHeadersObject = {}) => ({
    description,
    headers: { ...REQUEST_ID, ...headers },
  })
  return {
    206: {
      ...whole,
      description: 'The part that was asked for.',
      headers: { ...whole.headers, ...contentRange('bytes 0-65535/200000') },
    },
    304: bare('It is still what `If-None-Match` names.'),
    416: bare('It has no such part.', contentRange('bytes */200000')),
  }
}

function contentRange(example: string): ZodOpenApiHeadersObject {
  return { 'Content-Range': { description: 'Which part, of how many bytes.', schema: { type: 'string' }, example } }
}

function successOf({ file, streams, data }: Route) {
  if (streams !== undefined) {
    const types = streams.map(type => type.split(';')[0]!)
    return {
      description: 'The file, sent while it is made.',
      headers: { ...REQUEST_ID, ...FILE_NAME_HEADER },
      content: Object.fromEntries(
        types.map(type => [type, { schema: { type: 'string' as const, contentMediaType: type } }]),
      ),
    }
  }
  if (file !== undefined) {
    return {
      description: 'The file.',
      headers: { ...REQUEST_ID, ...FILE_HEADERS },
      content: { [file]: { schema: { type: 'string' as const, contentMediaType: file } } },
    }
  }
  const envelope = z.object({
    success: z.literal(true),
    data,
    error: z.null(),
    message: z.string(),
    metadata: AnswerMetadata,
  })
  return {
    description: 'Done.',
    headers: { ...REQUEST_ID, ...(hasVersion(data) && ETAG) },
    content: { 'application/json': { schema: envelope } },
  }
}
