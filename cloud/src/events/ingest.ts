import { createHash } from 'node:crypto'
import type { Ack } from '@gatehouse/shared/events/batch.ts'

import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { GATE_ID, topics } from '@gatehouse/shared/wire/topics.ts'
import type { Broker, Log, Message } from '../broker/broker.ts'
import { inOrder } from '../broker/in-order.ts'
import { type FoundGate, findGate } from '../db/definer.ts'
import { leave } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { alarmOf, tellOfAlarms } from '../gates/alarms.repo.ts'
import { noteArrivals } from '../visitors/arrivals.repo.ts'
import { advance, type Chain, type GoodEvent } from './advance.ts'
import { openBatch } from './batch.ts'
import {
  keepLetters,
  keepRefusedBatch,
  keptLetters,
  lockChains,
  moveChain,
  noteLastEvents,
  storedHashes,
  storeEvents,
} from './events.repo.ts'
import { type Gaps, gapWatch } from './gap-watch.ts'
import { grouped } from './grouped.ts'
import { RAW_CHARS_MAX, type ReadEvent, readEvent } from './read-event.ts'

/** Lines in one outbox row. */
const LINES_PER_ROW_MAX = 100

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

export type IngestNeeds = {
  readonly db: Db
  readonly broker: Broker
  /** A compact JWS of typ `gh-ack+1` by the school's `ack` key. */
  readonly signAck: (schoolId: string, ack: Ack) => Promise<string>
  readonly log: Log
  /** Shares the gates with other ingest processes of this name; only where an external broker can. */
  readonly shareAs?: string | null
  /** Told after the commit, of each event that was new, how long after it happened, in ms. */
  readonly onStored?: (lagsMs: readonly number[]) => void
  /** Monotonic. */
  readonly nowMs?: () => number
}

export type Ingest = {
  /** Takes no more, and answers when everything taken is stored and acknowledged. */
  stop(): Promise<void>
}

type Taken = { readonly gate: FoundGate; readonly items: readonly ReadEvent[] }
type Done = { readonly gate: FoundGate; readonly chain: Chain }

/** Stores what the gates say, each (gate, sequence) once, and acknowledges it after the commit and not before. */
export async function startIngest(needs: IngestNeeds): Promise<Ingest> {
  const { db, broker, signAck, log, onStored = () => {}, nowMs = () => performance.now() } = needs
  const gaps = gapWatch(nowMs)
  const acks = new Set<Promise<void>>()
  const byTopic = inOrder()

  const queue = grouped<Taken>({
    weightOf: ({ items }) => items.length,
    laneOf: ({ gate }) => gate.school_id,
    keyOf: ({ gate }) => gate.gate_id,
    work: async group => {
      try {
        await store(group)
      } catch (error) {
        if (group.length === 1) throw error
        // One batch must not stop the others: each gate again by itself.
        for (const alone of group) await store([alone]).catch(problem => notStored(problem as Error, [alone]))
      }
    },
    onProblem: (error, group) => notStored(error, group),
  })

  async function store(group: readonly Taken[]): Promise<void> {
    const schoolId = group[0]!.gate.school_id
    const { done, lagsMs } = await inSchool(db, schoolId, tx => storeGroup(tx, schoolId, group, gaps, log))
    onStored(lagsMs)
    // The transaction is committed. An ack that does not arrive costs the gate a repetition and nothing else; and it is
    // not waited for here, because the broker may hold it back until this queue has room.
    for (const { gate, chain } of done) {
      const sent: Promise<void> = acknowledge(gate, chain).finally(() => acks.delete(sent))
      acks.add(sent)
    }
  }

  async function acknowledge(gate: FoundGate, { sequence, hash }: Chain): Promise<void> {
    try {
      const jws = await signAck(gate.school_id, { gate: gate.gate_id, sequence, hash })
      await broker.publish(topics.acks(gate.tenant, gate.gate_id), jws)
    } catch (error) {
      log.error({ gateId: gate.gate_id, error: (error as Error).message }, 'events.ack_not_sent')
    }
  }

  /** Nothing is lost: without an ack the gate sends again. */
  function notStored(error: Error, group: readonly Taken[]): void {
    log.error({ gateIds: group.map(({ gate }) => gate.gate_id), error: error.message }, 'events.not_stored')
  }

  async function hear({ topic, payload }: Message): Promise<void> {
    const [, tenant, gateId] = topic.split('/')
    if (tenant === undefined || gateId === undefined || !GATE_ID.test(gateId)) return
    const gate = await findGate(db, gateId)
    if (gate === undefined || gate.tenant !== tenant) {
      log.warn({ gateId, tenant }, 'events.unknown_gate')
      return
    }
    const opened = await openBatch(payload, { gateId, tenant, publicJwk: gate.public_jwk })
    if (!opened.ok) {
      log.warn({ gateId, why: opened.failure }, 'events.batch_refused')
      const raw = Buffer.from(payload).toString('latin1').slice(0, RAW_CHARS_MAX).replaceAll('\u0000', '')
      await inSchool(db, gate.school_id, tx =>
        keepRefusedBatch(tx, { schoolId: gate.school_id, gateId }, { reason: opened.failure, raw }),
      )
      return
    }
    await queue.offer({ gate, items: opened.value.map(item => readEvent(sha256, gateId, item)) })
  }

  const filter = topics.events('+', '+')
  const shared = needs.shareAs == null ? filter : `$share/${needs.shareAs}/${filter}`
  await broker.subscribe(shared, message =>
    // Signatures are checked side by side: of one gate a short batch would overtake the long one before it.
    byTopic(message.topic, () => hear(message)).catch((error: Error) =>
      log.error({ topic: message.topic, error: error.message }, 'events.not_stored'),
    ),
  )
  return {
    async stop() {
      await queue.stop()
      await Promise.all(acks)
    },
  }
}

async function storeGroup(
  tx: Tx,
  schoolId: string,
  group: readonly Taken[],
  gaps: Gaps,
  log: Log,
): Promise<{ readonly done: readonly Done[]; readonly lagsMs: readonly number[] }> {
  const byGate = Map.groupBy(group, ({ gate }) => gate.gate_id)
  const chains = await lockChains(tx, [...byGate.keys()])
  const fresh: GoodEvent[] = []
  const done: Done[] = []

  for (const [gateId, taken] of byGate) {
    const { gate } = taken[0]!
    const chain = chains.get(gateId)
    // The gate was deleted between the batch and now.
    if (chain === undefined) continue
    const items = taken.flatMap(batch => batch.items)
    const answer = advance(chain, items, await knownOf(tx, gateId, chain, items), {
      skipGap: gaps.isGivenUp(gateId, chain.sequence),
      mayBeginAgain: chain.isNewlyEnrolled,
    })
    gaps.note(gateId, answer.chain.sequence, answer.gapAt)
    if (answer.gapAt !== null) log.warn({ gateId, sequence: answer.gapAt }, 'events.gap')
    for (const { sequence, reason } of answer.letters) log.warn({ gateId, sequence, reason }, 'events.dead_letter')

    await keepLetters(tx, { schoolId, gateId }, answer.letters)
    if (answer.chain.hash !== chain.hash) await moveChain(tx, gateId, answer.chain)
    fresh.push(...answer.store)
    done.push({ gate, chain: answer.chain })
  }

  const lines = await storeEvents(tx, schoolId, fresh)
  await noteLastEvents(tx, schoolId, fresh)
  await noteArrivals(tx, schoolId, lines)
  await tellOfAlarms(tx, schoolId, alarmsAmong(fresh, lines))
  for (const some of chunks(lines, LINES_PER_ROW_MAX)) await leave(tx, schoolId, 'access.lines', { lines: some })
  return { done, lagsMs: lines.map(({ at, receivedAt }) => Date.parse(receivedAt) - Date.parse(at)) }
}

/** The usual batch has none, and costs nothing more. */
function alarmsAmong(fresh: readonly GoodEvent[], lines: readonly AccessLine[]) {
  return fresh.flatMap(({ event: { record } }) => {
    if (alarmOf(record) === null) return []
    const line = lines.find(({ gateId, sequence }) => gateId === record.gate && sequence === record.sequence)
    return line === undefined ? [] : [{ record, line }]
  })
}

/** Asked only where there is something old or broken: the usual batch goes on from the chain's end. */
async function knownOf(tx: Tx, gateId: string, chain: Chain, items: readonly ReadEvent[]) {
  const sequenceOf = (item: ReadEvent) => (item.good ? item.event.record.sequence : item.sequence)
  const sequences = [...new Set(items.map(sequenceOf))].filter(sequence => sequence !== null)
  const old = sequences.filter(sequence => sequence <= chain.sequence)
  const events = await storedHashes(tx, gateId, old)
  const isPlain = items.every(item => {
    if (!item.good) return false
    const { sequence } = item.event.record
    return sequence > chain.sequence || events.get(sequence)?.includes(item.event.hash) === true
  })
  return { events, letters: isPlain ? new Set<string>() : await keptLetters(tx, gateId, sequences) }
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
