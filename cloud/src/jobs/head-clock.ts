import { HEAD_EVERY_S } from '@gatehouse/shared/list/documents.ts'
import { type Log, said } from '../http/log.ts'
import type { Publisher } from '../lists/publisher.ts'

/** Signs every head anew each minute, until it is stopped. */
export function startHeadClock(publisher: Pick<Publisher, 'heads'>, log: Log): () => Promise<void> {
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running
      .then(() => publisher.heads())
      .catch(problem => log.error({ problem: said(problem) }, 'heads.not_signed'))
  }, HEAD_EVERY_S * 1000)
  return async () => {
    clearInterval(timer)
    await running
  }
}
