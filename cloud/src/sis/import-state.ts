import type { Row, Tx } from '../db/tables.ts'

const IN_HAND: readonly string[] = ['planning', 'applying', 'undoing']

/**
 * An import as it is: where its job was cancelled or given up, the import failed in that step, and the same step can be
 * asked for again.
 */
export async function stateOf(tx: Tx, row: Row<'imports'>): Promise<Row<'imports'>> {
  if (!IN_HAND.includes(row.state) || row.job_id === null) return row
  const job = await tx.selectFrom('jobs').select(['state', 'error']).where('id', '=', row.job_id).executeTakeFirst()
  if (job !== undefined && job.state !== 'failed' && job.state !== 'cancelled') return row
  const problem =
    job?.state === 'cancelled'
      ? 'Somebody stopped it. It can go on from where it was.'
      : (job?.error ?? 'Its job is gone.')
  return { ...row, state: 'failed', failed_in: row.state as 'planning' | 'applying' | 'undoing', problem }
}
