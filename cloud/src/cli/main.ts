import { readFileSync } from 'node:fs'
import { atEnd } from './at-end.ts'

// Tracing changes what is loaded after it, and what is not asked for costs nothing.
if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) {
  const { startTracing } = await import('../tracing.ts')
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const tracing = startTracing({ version, ratio: ratioOf(process.env.OTEL_TRACES_SAMPLER_ARG) })
  atEnd.push(tracing.stop)
}
await import('./commands.ts')

/** Everything, where nothing sensible is said. */
function ratioOf(said: string | undefined): number {
  const ratio = Number(said ?? 1)
  return ratio >= 0 && ratio <= 1 ? ratio : 1
}
