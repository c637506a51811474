import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { ExpressInstrumentation, ExpressLayerType } from '@opentelemetry/instrumentation-express'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { register } from 'import-in-the-middle/register-hooks.mjs'

export type Tracing = { stop(): Promise<void> }

/**
 * Spans of requests, routes and statements, sent where `OTEL_EXPORTER_OTLP_ENDPOINT` says. Whoever is loaded before
 * this is not seen by it, so the entry loads everything else after. The one file that knows OpenTelemetry.
 *
 * `ratio`: the part of the requests that begin here, 0 to 1; one that begins elsewhere is as its caller said.
 */
export function startTracing({ version, ratio }: { readonly version: string; readonly ratio: number }): Tracing {
  // Without a list every module of the process would be wrapped.
  register({ include: ['http', 'node:http', 'https', 'node:https', 'express', 'pg', 'pg-pool'] })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'gatehouse-cloud', 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    // Passed bare the exporter would be ignored without a word.
    spanProcessors: [new BatchSpanProcessor({ exporter: withoutPeople(new OTLPTraceExporter()) })],
  })
  context.setGlobalContextManager(followingAsync())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)
  registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => url?.startsWith('/api/health') ?? false }),
      new ExpressInstrumentation({ ignoreLayersType: [ExpressLayerType.MIDDLEWARE] }),
      new PgInstrumentation({ requireParentSpan: true, enhancedDatabaseReporting: false }),
    ],
  })
  return { stop: () => provider.shutdown() }
}

/** What may leave: nothing a person typed. Addresses, queries of lists, and the words of errors are not here. */
const TOLD = new Set([
  'db.name',
  'db.namespace',
  'db.operation.name',
  'db.query.text',
  'db.statement',
  'db.system',
  'db.system.name',
  'error.type',
  'express.type',
  'http.flavor',
  'http.method',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'http.scheme',
  'http.status_code',
  'network.protocol.version',
  'server.port',
  'url.scheme',
])
const TOLD_OF_EVENTS = new Set(['exception.type'])

/** Statements hold `$1` and no values, because every query here is one with parameters. */
function withoutPeople(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(cleaned), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}

function cleaned(span: ReadableSpan): ReadableSpan {
  const route = span.attributes['http.route']
  const method = span.attributes['http.request.method'] ?? span.attributes['http.method']
  return Object.create(span, {
    // A request that met no route would be named by its address.
    ...(method !== undefined && { name: { value: `${method} ${route ?? ''}`.trim() } }),
    attributes: { value: only(span.attributes, TOLD) },
    status: { value: { code: span.status.code } },
    events: {
      value: span.events.map(event => ({ ...event, attributes: only(event.attributes ?? {}, TOLD_OF_EVENTS) })),
    },
  })
}

function only(attributes: Attributes, names: ReadonlySet<string>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.has(name)))
}

/** Which span is the present one, through promises and callbacks. */
function followingAsync(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  const active = () => storage.getStore() ?? ROOT_CONTEXT
  const manager: ContextManager = {
    active,
    with: (present, work, self, ...given) =>
      storage.run(present, () => work.call(self as ThisParameterType<typeof work>, ...given)),
    bind<Target>(present: Context, target: Target): Target {
      if (typeof target !== 'function') return target
      const work = target
      return function bound(this: unknown, ...given: unknown[]) {
        return storage.run(present, () => work.apply(this, given))
      } as Target
    },
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
