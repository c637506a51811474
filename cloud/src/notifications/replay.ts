import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'
import type { Jobs } from '../jobs/jobs.ts'

/** Sends something again with a new job: what failed, and whatever a web hook was sent. Its id and what it says are the same. */
export async function replay(
  tx: Tx,
  jobs: Pick<Jobs, 'add'>,
  actor: Actor,
  deliveryId: string,
): Promise<Result<null, 'no_such_delivery' | 'not_over' | 'is_mail'>> {
  const row = await tx.selectFrom('deliveries').selectAll().where('id', '=', deliveryId).forUpdate().executeTakeFirst()
  if (row === undefined) return fail('no_such_delivery')
  if (row.channel === 'email') return fail('is_mail')
  if (row.state !== 'failed' && !(row.channel === 'webhook' && row.state === 'sent')) return fail('not_over')
  const jobId = await jobs.add(tx, {
    kind: row.channel,
    schoolId: actor.schoolId,
    body: { deliveryId },
    title: `Sent again: ${row.kind}`,
    madeBy: actor.userId,
  })
  await tx
    .updateTable('deliveries')
    .set({ state: 'waiting', ended_at: null, job_id: jobId, provider_id: null, called_at: null })
    .where('id', '=', deliveryId)
    .execute()
  const subject = { kind: 'delivery', id: deliveryId }
  await audit(tx, actor, { action: 'delivery.replay', subject, before: { state: row.state } })
  return ok(null)
}
