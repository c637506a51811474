import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** JSON lines to standard output. Fields are chosen where they are logged; these names never come through, wherever they stand. */
export function openLog(level: string, destination?: DestinationStream): Log {
  const secret = [
    'password',
    'accessToken',
    'refreshToken',
    'authorization',
    'cookie',
    'key',
    'code',
    'bits',
    'qr',
    'card',
  ]
  const options = {
    level,
    base: { service: 'gatehouse-cloud' },
    redact: { paths: secret.flatMap(name => [name, `*.${name}`, `*.*.${name}`]), censor: '[not logged]' },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** What may be said of an error: never its query, its values or its cause, which hold what people typed. */
export function said(problem: unknown): { name: string; message: string; errorCode?: string; at?: string } {
  if (!(problem instanceof Error)) return { name: 'not an error', message: String(problem).slice(0, 200) }
  const { code } = problem as { code?: unknown }
  const at = problem.stack
    ?.split('\n')
    .find(line => line.includes('/src/'))
    ?.trim()
  return {
    name: problem.name,
    message: problem.message.slice(0, 500),
    ...(typeof code === 'string' && { errorCode: code }),
    ...(at !== undefined && { at }),
  }
}
