import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { Hopeless, type JobHandler, type RunningJob } from '../jobs/handler.ts'
import { type DeliveryRow, findWaiting, noteTry, plainText, type Tried } from './deliveries.repo.ts'

type DeliveryJob = 'push' | 'sms' | 'webhook'

export type Sending = {
  readonly schoolId: string
  readonly delivery: DeliveryRow
  readonly signal: AbortSignal
}

/** A job that sends one delivery and writes down what came of the try. What was sent, given up or erased meanwhile is not sent. */
export function deliver<Kind extends DeliveryJob>(
  { db, nowMs }: { readonly db: Db; readonly nowMs: () => number },
  send: (sending: Sending) => Promise<Tried>,
): JobHandler<Kind> {
  return async (job: RunningJob<DeliveryJob>) => {
    const schoolId = job.schoolId!
    const { deliveryId } = job.body
    const delivery = await inSchool(db, schoolId, tx => findWaiting(tx, deliveryId))
    if (delivery === undefined) return
    const tried = await send({ schoolId, delivery, signal: job.signal })
    await inSchool(db, schoolId, tx => noteTry(tx, deliveryId, tried, nowMs()))
    const words = plainText(`${tried.status ?? 'No answer'}: ${tried.words}`).slice(0, 500)
    if (tried.outcome === 'again') throw new Error(words)
    if (tried.outcome === 'failed') throw new Hopeless(words)
  }
}
