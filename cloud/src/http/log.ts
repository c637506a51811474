import { type DestinationStream, pino } from 'pino'
import { cleanFields, cleanText } from './log-words.ts'
import { requestNow } from './request-now.ts'

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const

/** `event` is what happened, such as `gate.enrolled`; behind a colon it may say more, for a person. */
export type Log = Readonly<Record<(typeof LEVELS)[number], (fields: object, event: string) => void>>

/** Of the Elastic Common Schema: the names by which collectors know a line's parts. https://www.elastic.co/docs/reference/ecs */
const ECS_VERSION = '8.17.0'

/**
 * JSON lines to standard output, with the names of ECS; what has no name there stands under `gatehouse`. Every line that is
 * written while a request is answered has that request's id. Fields are chosen where they are logged, and cleaned here
 * once more. The one file that knows `pino`.
 */
export function openLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { 'ecs.version': ECS_VERSION, 'service.name': 'gatehouse-cloud' },
    messageKey: 'message',
    timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ 'log.level': label }) },
  }
  const lines = destination === undefined ? pino(options) : pino(options, destination)
  const write = (level: (typeof LEVELS)[number]) => (fields: object, event: string) => {
    if (lines.isLevelEnabled(level)) lines[level](lineOf(fields, event), event)
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  }
}

/** What may be said of an error: never its query, its values or its cause, which hold what people typed. */
export type Said = {
  readonly name: string
  readonly message: string
  readonly errorCode?: string
  /** Of the database, where a rule of it was broken. */
  readonly constraint?: string
  readonly at?: string
}

export function said(problem: unknown): Said {
  if (!(problem instanceof Error)) return { name: 'not an error', message: cleanText(String(problem).slice(0, 200)) }
  const { code, constraint } = problem as { code?: unknown; constraint?: unknown }
  const at = problem.stack
    ?.split('\n')
    .find(line => line.includes('/src/'))
    ?.trim()
  return {
    name: problem.name,
    message: messageOf(problem),
    ...(typeof code === 'string' && { errorCode: code }),
    ...(typeof constraint === 'string' && { constraint }),
    ...(at !== undefined && { at }),
  }
}

/** Engines quote what they could not read: PostgreSQL between double quotes, V8 in the middle of its sentence. */
function messageOf(problem: Error): string {
  if (problem instanceof SyntaxError) return 'could not be read'
  return cleanText(problem.message.slice(0, 500).replaceAll(/"[^"]*(?:"|$)/g, '"…"'))
}

type Fields = {
  readonly problem?: unknown
  readonly error?: unknown
  readonly address?: unknown
  readonly userId?: unknown
  readonly [other: string]: unknown
}

function lineOf(fields: object, event: string): object {
  const { problem, error, address, userId, ...others } = fields as Fields
  const requestId = requestNow()
  const known = Object.entries(others).filter(([name]) => name.includes('.'))
  const ours = Object.entries(others).filter(([name]) => !name.includes('.'))
  return {
    'event.action': event.split(':', 1)[0],
    ...(requestId !== null && { 'http.request.id': requestId }),
    ...(typeof address === 'string' && { 'source.address': address }),
    ...(typeof userId === 'string' && { 'user.id': userId }),
    ...errorOf(problem ?? error),
    // Names of the schema, so their names say nothing of what they hold: `http.response.status_code`.
    ...Object.fromEntries(known.map(([name, value]) => [name, cleanFields(value)])),
    ...(ours.length > 0 && { gatehouse: cleanFields(Object.fromEntries(ours)) }),
  }
}

function errorOf(problem: unknown): object {
  if (problem === undefined) return {}
  if (typeof problem === 'string') return { 'error.message': cleanText(problem) }
  const { name, message, errorCode, constraint, at } = (problem instanceof Error ? said(problem) : problem) as Said
  return {
    'error.type': name,
    'error.message': message,
    ...(errorCode !== undefined && { 'error.code': errorCode }),
    ...(constraint !== undefined && { 'gatehouse.constraint': constraint }),
    ...(at !== undefined && { 'error.stack_trace': at }),
  }
}
