import { randomUUID } from 'node:crypto'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { HOLDER_NAME } from '../visitors/holder-name.ts'
import { type Chain, type GoodEvent, type Letter, letterKey } from './advance.ts'
import { holderOf, lineOf, provenPass } from './lines.ts'

export type LockedChain = Chain & {
  /** The gate was enrolled since its chain last moved. */
  readonly isNewlyEnrolled: boolean
}

/** Chains of these gates, locked until the transaction ends: one batch of a gate at a time. */
export async function lockChains(tx: Tx, gateIds: readonly string[]): Promise<Map<string, LockedChain>> {
  const rows = await tx
    .selectFrom('gate_chains')
    .innerJoin('gates', 'gates.id', 'gate_chains.gate_id')
    .select(['gate_id', 'sequence', 'hash', sql<boolean>`coalesce(enrolled_at > updated_at, false)`.as('newly')])
    .where('gate_id', 'in', [...gateIds])
    // Two transactions with the same gates must not wait for each other.
    .orderBy('gate_id')
    .forUpdate('gate_chains')
    .execute()
  return new Map(
    rows.map(row => [row.gate_id, { sequence: Number(row.sequence), hash: row.hash, isNewlyEnrolled: row.newly }]),
  )
}

export async function moveChain(tx: Tx, gateId: string, { sequence, hash }: Chain): Promise<void> {
  await tx
    .updateTable('gate_chains')
    .set({ sequence, hash, updated_at: sql`now()` })
    .where('gate_id', '=', gateId)
    .execute()
}

/** Hashes of the events stored under these sequences. */
export async function storedHashes(
  tx: Tx,
  gateId: string,
  sequences: readonly number[],
): Promise<Map<number, readonly string[]>> {
  if (sequences.length === 0) return new Map()
  const rows = await tx
    .selectFrom('access_events')
    .select(['sequence', 'hash'])
    .where('gate_id', '=', gateId)
    .where('sequence', 'in', sequences.map(String))
    .execute()
  const bySequence = Map.groupBy(rows, row => Number(row.sequence))
  return new Map([...bySequence].map(([sequence, found]) => [sequence, found.map(({ hash }) => hash)]))
}

export async function keptLetters(tx: Tx, gateId: string, sequences: readonly number[]): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('event_dead_letters')
    .select(['sequence', 'raw'])
    .where('gate_id', '=', gateId)
    .where(where =>
      where.or([
        where('sequence', 'is', null),
        ...(sequences.length > 0 ? [where('sequence', 'in', sequences.map(String))] : []),
      ]),
    )
    .execute()
  return new Set(rows.map(row => letterKey(row.sequence === null ? null : Number(row.sequence), row.raw)))
}

export async function keepLetters(
  tx: Tx,
  { schoolId, gateId }: { readonly schoolId: string; readonly gateId: string },
  letters: readonly Letter[],
): Promise<void> {
  if (letters.length === 0) return
  await tx
    .insertInto('event_dead_letters')
    .values(letters.map(letter => ({ id: randomUUID(), school_id: schoolId, gate_id: gateId, ...letter })))
    .execute()
}

/** Batches that could not be opened, kept for one gate at most. A gate with a wrong key sends them without end. */
const REFUSED_BATCHES_MAX = 100

export async function keepRefusedBatch(
  tx: Tx,
  { schoolId, gateId }: { readonly schoolId: string; readonly gateId: string },
  { reason, raw }: { readonly reason: string; readonly raw: string },
): Promise<void> {
  await sql`
    insert into event_dead_letters (id, school_id, gate_id, sequence, reason, detail, raw)
    select ${randomUUID()}::uuid, ${schoolId}::uuid, ${gateId}::uuid, null, ${reason}, 'the whole batch', ${raw}
    where (select count(*) from event_dead_letters where gate_id = ${gateId}::uuid and sequence is null) < ${REFUSED_BATCHES_MAX}
      and not exists (select from event_dead_letters where gate_id = ${gateId}::uuid and sequence is null and raw = ${raw})
  `.execute(tx)
}

type Holder = NonNullable<AccessLine['holder']>

const idOf = (holder: Holder | undefined) => holder?.studentId ?? holder?.visitorId ?? null

/** Whose these passes are. */
async function holdersOf(tx: Tx, passIds: readonly string[]): Promise<Map<string, Holder>> {
  if (passIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('passes')
    .leftJoin('students', 'students.id', 'passes.student_id')
    .leftJoin('departments', 'departments.id', 'students.department_id')
    .leftJoin('visitors', 'visitors.id', 'passes.visitor_id')
    .select(['pass_id', 'student_id', 'visitor_id', 'departments.name as department', 'organisation'])
    .select(HOLDER_NAME)
    .where('pass_id', 'in', [...new Set(passIds)])
    .execute()
  return new Map(rows.map(row => [row.pass_id, holderOf(row)]))
}

type Points = Map<string, { gateName: string; lanes: Map<string, { name: string; direction: 'in' | 'out' }> }>

async function pointsOf(tx: Tx, gateIds: readonly string[]): Promise<Points> {
  const rows = await tx
    .selectFrom('gates')
    .leftJoin('access_points', 'access_points.gate_id', 'gates.id')
    .select(['gates.id', 'gates.name as gateName', 'lane', 'access_points.name', 'direction'])
    .where('gates.id', 'in', [...gateIds])
    .execute()
  const points: Points = new Map()
  for (const { id, gateName, lane, name, direction } of rows) {
    const gate = points.get(id) ?? { gateName, lanes: new Map() }
    points.set(id, gate)
    if (lane !== null && name !== null && direction !== null) gate.lanes.set(lane, { name, direction })
  }
  return points
}

/**
 * Stores events in one statement, and answers with the lines of those that were not there before, oldest first. What
 * is there already, by a second batch or another process, is left alone.
 */
export async function storeEvents(tx: Tx, schoolId: string, events: readonly GoodEvent[]): Promise<AccessLine[]> {
  if (events.length === 0) return []
  const records = events.map(({ event }) => event.record)
  const holders = await holdersOf(
    tx,
    records.flatMap(record => provenPass(record) ?? []),
  )
  const column = <Value>(of: (good: GoodEvent) => Value) => events.map(of)
  const { rows } = await sql<{ gate_id: string; sequence: string; received_at: Date }>`
    insert into access_events (school_id, gate_id, sequence, event_time, kind, lane, pass_id, student_id, technology,
      proof, ground, refusal, objection, list_version, previous_hash, hash, record)
    select ${schoolId}::uuid, gate_id, sequence, event_time, kind, lane, pass_id, student_id, technology,
      proof, ground, refusal, objection, list_version, previous_hash, hash, record::json
    from unnest(
      ${column(({ event }) => event.record.gate)}::uuid[],
      ${column(({ event }) => String(event.record.sequence))}::bigint[],
      ${column(({ event }) => new Date(event.record.trustedTimeMs).toISOString())}::timestamptz[],
      ${column(({ event }) => event.record.kind)}::text[],
      ${column(({ event }) => event.record.lane ?? null)}::text[],
      ${column(({ event }) => event.record.passId ?? null)}::text[],
      ${column(({ event }) => idOf(holders.get(provenPass(event.record) ?? '')))}::uuid[],
      ${column(({ event }) => event.record.credential?.technology ?? null)}::text[],
      ${column(({ event }) => event.record.credential?.proof ?? null)}::text[],
      ${column(({ event }) => event.record.decision?.ground ?? null)}::text[],
      ${column(({ event }) => event.record.decision?.refusal ?? null)}::text[],
      ${column(({ event }) => event.record.decision?.objection ?? null)}::text[],
      ${column(({ event }) => String(event.record.listVersion))}::integer[],
      ${column(({ event }) => event.previous)}::text[],
      ${column(({ event }) => event.hash)}::text[],
      ${column(({ canonical }) => canonical)}::text[]
    ) as fresh (gate_id, sequence, event_time, kind, lane, pass_id, student_id, technology, proof, ground, refusal,
      objection, list_version, previous_hash, hash, record)
    on conflict do nothing
    returning gate_id, sequence, received_at`.execute(tx)

  const points = await pointsOf(tx, [...new Set(records.map(record => record.gate))])
  const received = new Map(rows.map(row => [`${row.gate_id} ${row.sequence}`, row.received_at]))
  return records
    .flatMap(record => {
      const receivedAt = received.get(`${record.gate} ${record.sequence}`)
      if (receivedAt === undefined) return []
      const gate = points.get(record.gate)
      return lineOf(record, receivedAt, {
        gateName: gate?.gateName ?? record.gate,
        point: gate?.lanes.get(record.lane ?? '') ?? null,
        holder: holders.get(provenPass(record) ?? '') ?? null,
      })
    })
    .toSorted((a, b) => (a.at === b.at ? a.sequence - b.sequence : a.at < b.at ? -1 : 1))
}

/** When each of these gates last said something. */
export async function noteLastEvents(tx: Tx, schoolId: string, events: readonly GoodEvent[]): Promise<void> {
  const last = new Map<string, number>()
  for (const { event } of events) {
    const { gate, trustedTimeMs } = event.record
    last.set(gate, Math.max(last.get(gate) ?? 0, trustedTimeMs))
  }
  if (last.size === 0) return
  await tx
    .insertInto('gate_states')
    .values([...last].map(([gate_id, ms]) => ({ gate_id, school_id: schoolId, last_event_at: new Date(ms) })))
    .onConflict(on =>
      on.column('gate_id').doUpdateSet({
        last_event_at: sql`greatest(gate_states.last_event_at, excluded.last_event_at)`,
      }),
    )
    .execute()
}
