import { GateState } from '@gatehouse/shared/wire/messages.ts'
import type { Tx } from '../db/tables.ts'

/**
 * Keeps what a gate says of itself, and answers whether that is news. The last will says `online: false` and nothing
 * else: what the gate said before it stays beside it.
 */
export async function noteState(
  tx: Tx,
  { schoolId, gateId, said, at }: { schoolId: string; gateId: string; said: GateState; at: Date },
): Promise<boolean> {
  const before = await tx
    .selectFrom('gate_states')
    .select(['online', 'since', 'state'])
    .where('gate_id', '=', gateId)
    .forUpdate()
    .executeTakeFirst()
  const state = JSON.stringify({ ...stateOf(before?.state), ...said })
  const turned = before === undefined || before.since === null || before.online !== said.online
  if (!turned && JSON.stringify(before.state) === state) return false

  const now = { online: said.online, state, since: turned ? at : before.since }
  await tx
    .insertInto('gate_states')
    .values({ gate_id: gateId, school_id: schoolId, ...now })
    .onConflict(on => on.column('gate_id').doUpdateSet(now))
    .execute()
  return true
}

/** No gate of this school is connected: the broker they were connected to has just started. */
export async function noteAllOffline(tx: Tx, at: Date): Promise<void> {
  await tx.updateTable('gate_states').set({ online: false, since: at }).where('online', '=', true).execute()
}

function stateOf(kept: unknown): Partial<GateState> {
  const state = GateState.safeParse(kept)
  return state.success ? state.data : {}
}
