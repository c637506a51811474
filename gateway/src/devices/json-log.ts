import { pino } from 'pino'
import type { Log } from '../log.ts'

const STDERR = 2

/** One JSON object a line on standard error. The one file that knows the `pino` package. */
export function jsonLog(fields: object): Log {
  const options = { base: fields, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime }
  const logger = pino(options, pino.destination({ fd: STDERR, sync: true }))
  return {
    info: (more, event) => logger.info(more, event),
    warn: (more, event) => logger.warn(more, event),
    error: (more, event) => logger.error(more, event),
  }
}
