import { join } from 'node:path'
import { chain } from '@gatehouse/shared/events/chain.ts'
import { jcs } from '@gatehouse/shared/events/jcs.ts'
import { type ChainedEvent, EventRecord, RECORD_BYTES_MAX } from '@gatehouse/shared/events/record.ts'
import type { ListState } from '@gatehouse/shared/list/acceptance.ts'
import type { TrustFloor } from '@gatehouse/shared/list/trust.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { z } from 'zod'
import { isDiskFull, openDatabase } from './database.ts'
import { sha256 } from './sha256.ts'
import { type NoteUnknownCard, unknownCardsIn } from './unknown-cards.ts'

const MIGRATIONS = join(import.meta.dirname, 'journal-migrations')

/** A gigabyte: two million events, which is a year of a busy gate without a cloud. */
const PAGES_MAX = 262_144

/**
 * How long the time of a code that opened is remembered. A code lives for a minute; but a clock that nobody confirmed may be
 * 72 hours wrong after a restart, and what was used before must not open again by it.
 */
const PROOFS_KEPT_S = 72 * 3600

/** A moving code that opens a door, by its pass and its own time. Never by its signature, which has more than one spelling. */
export type GrantedProof = { readonly passId: string; readonly timeS: number }

/** That a pass has gone in or out. */
export type Presence = { readonly passId: string; readonly isInside: boolean }

/** What is written with an event, or not at all. */
export type Along = { readonly proof?: GrantedProof | null; readonly presence?: Presence | null }

/** Everything about an event but its place in the chain. */
export type EventFacts = Omit<EventRecord, 'gate' | 'sequence'>

/** `ahead`: the cloud has events that we never wrote. `fork`: it has another event in that place. Either means a copied disk or a false cloud. `disk_full`: later. */
export type AckFailure = 'ahead' | 'fork' | 'disk_full'

export type Journal = {
  /** Durable when it returns, together with what goes along. `disk_full` leaves everything as it was. */
  append(facts: EventFacts, along?: Along): Result<ChainedEvent, 'disk_full'>
  /** Whether a pass is inside, as far as this gate's passages tell; null where none was seen. */
  isInside(passId: string): boolean | null
  /** How many are. */
  insideCount(): number
  /** The newest time granted to a moving code of this pass, Unix seconds; null where none is remembered. */
  lastGrantedS(passId: string): number | null
  /** The events after a sequence, oldest first. */
  after(sequence: number, limit: number): ChainedEvent[]
  /** Sequence of the last event; 0 before the first. */
  highest(): number
  /** Up to where the cloud has them. */
  acknowledged(): number
  /** Forgets what the cloud has stored, but only when it is ours; nothing is deleted on a failure. */
  acknowledge(sequence: number, hash: string): Result<null, AckFailure>
  /** Drops all but the newest `keep` events, for a gate that stands alone: nobody will ask for them. */
  trim(keep: number): void
  timeFloorMs(): number
  raiseTimeFloor(ms: number): void
  /** How far the list had come; null before the first. */
  listState(): ListState | null
  /** A full disk keeps the one before; the list's own database says the same. */
  keepListState(state: ListState): void
  readonly noteUnknownCard: NoteUnknownCard
  /** When the newest command that was obeyed was signed, Unix milliseconds; 0 before the first. */
  commandMarkMs(): number
  /** Durable when it returns; it never falls. */
  raiseCommandMark(ms: number): Result<null, 'disk_full'>
  /** How far trust had come; zeros before the first bundle after the enrolment. */
  trustFloor(): TrustFloor
  /** Neither ever falls. A full disk keeps the one before; the bundles' own file says the same. */
  raiseTrustFloor(floor: TrustFloor): void
  /** The highest version of the cloud's configuration that was taken; 0 before the first. */
  configurationMark(): number
  /** Durable when it returns; it never falls. */
  raiseConfigurationMark(version: number): Result<null, 'disk_full'>
  close(): void
}

export type JournalOptions = {
  readonly path: string
  readonly gate: string
  readonly pagesMax?: number
}

const ListStateKept = z.object({
  epoch: z.int(),
  version: z.int(),
  issuedAtS: z.int(),
  stateRoot: z.string(),
  deltaHash: z.string().nullable(),
  frozen: z.boolean(),
})

type EventRow = { readonly previous: string; readonly hash: string; readonly record: string }
type ChainRow = {
  readonly sequence: number
  readonly hash: string
  readonly acked_sequence: number
  readonly acked_hash: string
}

/** What happened at this gate, chained from its first event, until the cloud has it. Goes on where the last process ended. */
export function openJournal({ path, gate, pagesMax = PAGES_MAX }: JournalOptions): Journal {
  const db = openDatabase(path, { migrations: MIGRATIONS, pagesMax })
  const chainRow = db.prepare<[], ChainRow>('select sequence, hash, acked_sequence, acked_hash from chain')
  const insert = db.prepare('insert into event (sequence, previous, hash, record) values (?, ?, ?, ?)')
  const moveEnd = db.prepare('update chain set sequence = ?, hash = ?')
  const select = db.prepare<[number, number], EventRow>(
    'select previous, hash, record from event where sequence > ? order by sequence limit ?',
  )
  const hashAt = db.prepare<[number], string>('select hash from event where sequence = ?').pluck()
  const forget = db.prepare('delete from event where sequence <= ?')
  const moveAck = db.prepare('update chain set acked_sequence = ?, acked_hash = ?')
  const floor = db.prepare<[], number>('select floor_ms from time_floor').pluck()
  const raise = db.prepare('update time_floor set floor_ms = ? where floor_ms < ?')

  const commandMark = db.prepare<[], number>('select issued_ms from command_mark').pluck()
  const raiseMark = db.prepare('update command_mark set issued_ms = ? where issued_ms < ?')
  const listState = db.prepare<[], string | null>('select state from list_state').pluck()
  const keepState = db.prepare('update list_state set state = ?')
  const trustFloor = db.prepare<[], TrustFloor>('select version, epoch from trust_floor')
  const raiseTrust = db.prepare('update trust_floor set version = max(version, ?), epoch = max(epoch, ?)')
  const configurationMark = db.prepare<[], number>('select version from configuration_mark').pluck()
  const raiseConfiguration = db.prepare('update configuration_mark set version = max(version, ?)')
  const lastGranted = db.prepare<[string], number>('select time_s from granted_proof where pass_id = ?').pluck()
  const remember = db.prepare(
    'insert into granted_proof (pass_id, time_s) values (?, ?) on conflict do update set time_s = max(time_s, excluded.time_s)',
  )
  const setPresence = db.prepare(
    'insert into presence (pass_id, inside, sequence) values (?, ?, ?) on conflict do update set inside = excluded.inside, sequence = excluded.sequence',
  )
  const presenceOf = db.prepare<[string], number>('select inside from presence where pass_id = ?').pluck()
  const countInside = db.prepare<[], number>('select count(*) from presence where inside = 1').pluck()
  const forgetProofs = db.prepare('delete from granted_proof where time_s < ?')

  let end = chainRow.get()!
  let floorOfTrust = trustFloor.get()!
  const write = db.transaction((event: ChainedEvent, record: string, { proof, presence }: Along) => {
    insert.run(event.record.sequence, event.previous, event.hash, record)
    moveEnd.run(event.record.sequence, event.hash)
    if (presence) setPresence.run(presence.passId, presence.isInside ? 1 : 0, event.record.sequence)
    if (!proof) return
    remember.run(proof.passId, proof.timeS)
    forgetProofs.run(proof.timeS - PROOFS_KEPT_S)
  })
  const acknowledge = db.transaction((sequence: number, hash: string) => {
    forget.run(sequence)
    moveAck.run(sequence, hash)
  })

  return {
    append(facts, along = {}) {
      const record = EventRecord.parse({ ...facts, gate, sequence: end.sequence + 1 })
      const text = jcs(record)
      if (Buffer.byteLength(text) > RECORD_BYTES_MAX) throw new Error(`a record of more than ${RECORD_BYTES_MAX} bytes`)
      const event = chain(sha256, end.hash, record)
      try {
        write.immediate(event, text, along)
      } catch (error) {
        if (isDiskFull(error)) return fail('disk_full')
        throw error
      }
      end = { ...end, sequence: record.sequence, hash: event.hash }
      return ok(event)
    },
    isInside(passId) {
      const inside = presenceOf.get(passId)
      return inside === undefined ? null : inside === 1
    },
    insideCount: () => countInside.get()!,
    lastGrantedS: passId => lastGranted.get(passId) ?? null,
    after: (sequence, limit) =>
      select.all(sequence, limit).map(({ previous, hash, record }) => ({ previous, hash, record: JSON.parse(record) })),
    highest: () => end.sequence,
    acknowledged: () => end.acked_sequence,
    acknowledge(sequence, hash) {
      if (sequence > end.sequence) return fail('ahead')
      if (sequence < end.acked_sequence) return ok(null)
      const ours = sequence === end.acked_sequence ? end.acked_hash : hashAt.get(sequence)
      if (ours !== hash) return fail('fork')
      if (sequence === end.acked_sequence) return ok(null)
      try {
        acknowledge.immediate(sequence, hash)
      } catch (error) {
        // On a full disk even a DELETE fails; the cloud says it again.
        if (isDiskFull(error)) return fail('disk_full')
        throw error
      }
      end = { ...end, acked_sequence: sequence, acked_hash: hash }
      return ok(null)
    },
    trim(keep) {
      try {
        forget.run(end.sequence - keep)
      } catch (error) {
        // Tidying must not cost the event that it comes after.
        if (!isDiskFull(error)) throw error
      }
    },
    timeFloorMs: () => floor.get()!,
    raiseTimeFloor(ms) {
      raise.run(ms, ms)
    },
    listState() {
      const text = listState.get() ?? null
      return text === null ? null : ListStateKept.parse(JSON.parse(text))
    },
    keepListState({ epoch, version, issuedAtS, stateRoot, deltaHash, frozen }) {
      try {
        keepState.run(JSON.stringify({ epoch, version, issuedAtS, stateRoot, deltaHash, frozen }))
      } catch (error) {
        if (!isDiskFull(error)) throw error
      }
    },
    noteUnknownCard: unknownCardsIn(db),
    commandMarkMs: () => commandMark.get()!,
    raiseCommandMark(ms) {
      try {
        raiseMark.run(ms, ms)
        return ok(null)
      } catch (error) {
        if (isDiskFull(error)) return fail('disk_full')
        throw error
      }
    },
    trustFloor: () => floorOfTrust,
    raiseTrustFloor({ version, epoch }) {
      try {
        raiseTrust.run(version, epoch)
        floorOfTrust = trustFloor.get()!
      } catch (error) {
        if (!isDiskFull(error)) throw error
      }
    },
    configurationMark: () => configurationMark.get()!,
    raiseConfigurationMark(version) {
      try {
        raiseConfiguration.run(version)
        return ok(null)
      } catch (error) {
        if (isDiskFull(error)) return fail('disk_full')
        throw error
      }
    },
    close: () => db.close(),
  }
}
