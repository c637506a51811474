import { GATE_ID, topics } from '@gatehouse/shared/wire/topics.ts'
import type { Broker, Log, Message } from '../broker/broker.ts'
import { findGate } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { noteCard } from './card-offers.repo.ts'
import { openEnrolmentKey } from './enrolment-keys.repo.ts'
import { openCard } from './open-card.ts'

export type TakeCardsNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly broker: Broker
  readonly nowMs: () => number
  readonly log: Log
  /** Shares the gates with other processes of this name; only where an external broker can. */
  readonly shareAs?: string | null
}

export type TakeCards = {
  /** Takes no more, and answers when what was taken is kept. */
  stop(): Promise<void>
}

/** Keeps the cards that armed readers have seen. One that is not taken leaves a word in the log, and nothing of itself anywhere. */
export async function takeCards({ db, vault, broker, nowMs, log, shareAs = null }: TakeCardsNeeds): Promise<TakeCards> {
  const hearing = new Set<Promise<void>>()
  let stopped = false

  async function hear({ topic, payload, retained }: Message): Promise<void> {
    const [, tenant, gateId] = topic.split('/')
    if (tenant === undefined || gateId === undefined || !GATE_ID.test(gateId)) return
    const gate = await findGate(db, gateId)
    if (gate === undefined || gate.tenant !== tenant) return log.warn({ gateId, tenant }, 'cards.unknown_gate')
    if (retained) return log.warn({ gateId, why: 'retained' }, 'cards.refused')
    const { school_id: schoolId, public_jwk: publicJwk } = gate
    const opened = await openCard(payload, {
      gateId,
      tenant,
      publicJwk,
      keyOf: kid => inSchool(db, schoolId, tx => openEnrolmentKey(tx, vault, tenant, kid)),
    })
    if (!opened.ok) return log.warn({ gateId, why: opened.failure }, 'cards.refused')
    const { command, lane, reader } = opened.value
    const noted = await inSchool(db, schoolId, tx => noteCard(tx, vault, { tenant, nowMs: nowMs() }, opened.value))
    if (noted.ok) log.info({ gateId, lane, reader, command }, 'cards.offered')
    else log.warn({ gateId, command, why: noted.failure }, 'cards.refused')
  }

  const filter = topics.cards('+', '+')
  await broker.subscribe(shareAs === null ? filter : `$share/${shareAs}/${filter}`, async message => {
    if (stopped) return
    const work: Promise<void> = hear(message)
      .catch((error: Error) => log.error({ topic: message.topic, error: error.message }, 'cards.not_kept'))
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
