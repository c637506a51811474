import { GateState } from '@gatehouse/shared/wire/messages.ts'
import { GATE_ID, topics } from '@gatehouse/shared/wire/topics.ts'
import type { Broker, Log, Message } from '../broker/broker.ts'
import { inOrder } from '../broker/in-order.ts'
import { findGate, findSchools } from '../db/definer.ts'
import { leave } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { noteAllOffline, noteState } from './gate-states.repo.ts'

export type GateStatesNeeds = {
  readonly db: Db
  readonly broker: Broker
  readonly log: Log
  /** The broker is in this process, so that no gate is connected yet, whatever the database remembers. */
  readonly isFresh: boolean
  readonly now?: () => Date
}

export type GateStates = {
  /** Hears no more: at the end of the process every last will would say what is not so. */
  stop(): Promise<void>
}

/** Keeps what the gates say of themselves, so that a restart shows it. */
export async function watchGateStates({
  db,
  broker,
  log,
  isFresh,
  now = () => new Date(),
}: GateStatesNeeds): Promise<GateStates> {
  if (isFresh) {
    for (const { id } of await findSchools(db)) await inSchool(db, id, tx => noteAllOffline(tx, now()))
  }

  async function hear({ topic, payload }: Message): Promise<void> {
    const [, tenant, gateId] = topic.split('/')
    if (tenant === undefined || gateId === undefined || !GATE_ID.test(gateId)) return
    const said = GateState.safeParse(jsonOf(payload))
    if (!said.success) {
      const [issue] = said.error.issues
      log.warn({ gateId, problem: `${issue?.path.join('.')}: ${issue?.message}` }, 'gates.state_malformed')
      return
    }
    const gate = await findGate(db, gateId)
    if (gate === undefined || gate.tenant !== tenant) {
      log.warn({ gateId, tenant }, 'gates.unknown_gate')
      return
    }
    const { school_id: schoolId } = gate
    await inSchool(db, schoolId, async tx => {
      const isNews = await noteState(tx, { schoolId, gateId, said: said.data, at: now() })
      if (isNews) await leave(tx, schoolId, 'gates.changed', {})
    })
  }

  const byTopic = inOrder()
  const hearing = new Set<Promise<void>>()
  let stopped = false
  await broker.subscribe(topics.state('+', '+'), async message => {
    if (stopped) return
    const work: Promise<void> = byTopic(message.topic, () => hear(message))
      .catch((error: Error) => log.error({ topic: message.topic, error: error.message }, 'gates.state_not_kept'))
      .finally(() => hearing.delete(work))
    hearing.add(work)
    await work
  })
  return {
    async stop() {
      stopped = true
      await Promise.all(hearing)
    },
  }
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return null
  }
}
