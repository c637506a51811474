import type { Attempt, Presented } from '@gatehouse/shared/decision/attempt.ts'
import { decide } from '@gatehouse/shared/decision/decide.ts'
import type { Decision } from '@gatehouse/shared/decision/refusals.ts'
import type { EventRecord } from '@gatehouse/shared/events/record.ts'
import type { PassRow } from '@gatehouse/shared/list/snapshot.ts'
import { cardKeyOf } from './core/card-key.ts'
import { certificateIn } from './core/certificate.ts'
import { onTheWall } from './core/wall.ts'
import type { ListKeeper } from './list/list-keeper.ts'
import type { Trust } from './list/trust.ts'
import type { Log } from './log.ts'
import type { Door, Reader, Scan } from './ports.ts'
import type { Moment, Recorder } from './recorder.ts'

/** A scanner in the sun reads noise all day; one event a second says so as well as a thousand. */
const MALFORMED_EVERY_MS = 1_000

export type LaneNeeds = {
  readonly lane: string
  readonly direction: 'in' | 'out'
  /** Bit i = the access point is in group i. */
  readonly groups: number
  readonly tenant: string
  readonly timeZone: string
  readonly cardSecret: Uint8Array
  readonly trust: Trust
  readonly list: ListKeeper
  readonly recorder: Recorder
  readonly door: Door
  readonly log: Log
}

export type Lane = {
  /** What a scan comes to. Never throws for what a person presents. */
  attempt(scan: Scan): Promise<void>
  /** Attempts all scans of a reader until `signal` aborts. */
  serve(reader: Reader, signal: AbortSignal): Promise<void>
}

/** What was presented, looked up: what `decide` wants to know of it, and what the event may say. */
type Seen = {
  readonly presented: Presented
  readonly row: PassRow | null
  readonly credential: NonNullable<EventRecord['credential']>
  readonly details: Record<string, string | number>
}

/**
 * One access point: scan, row, decision, durable event, release, in this order. Its readers take turns, so that two
 * presentations at once are two events and two decisions. Nothing opens but by a scan.
 */
export function laneOf(needs: LaneNeeds): Lane {
  const { lane, direction, groups, list, recorder, door, log, timeZone } = needs
  let last: Promise<void> = Promise.resolve()
  const malformed = new Map<string, { atMs: number; more: number }>()

  const look = async ({ credential, readerId }: Scan): Promise<Seen> => {
    const details: Seen['details'] = { reader: readerId }
    const rowOf = async (by: 'card' | 'pass', key: string) => {
      const found = await list.find(by, key)
      if (!found.ok) details.list = found.failure
      return found.ok ? found.value : null
    }
    if (credential.kind === 'card') {
      const fingerprint = cardKeyOf(needs.cardSecret, credential.card)
      const row = await rowOf('card', fingerprint)
      const { technology } = credential.card
      const proof = row === null ? 'claimed' : 'proven'
      return { presented: { kind: 'card' }, row, credential: { technology, fingerprint, proof }, details }
    }
    const certificate = certificateIn(credential.text, needs)
    const row = certificate.found === 'signed' ? await rowOf('pass', certificate.body.passId) : null
    const technology = certificate.found === 'malformed' ? 'qr' : 'ghp1'
    const proof = certificate.found === 'signed' ? 'proven' : 'claimed'
    return { presented: { kind: 'code', certificate, proof: null }, row, credential: { technology, proof }, details }
  }

  const decideOn = ({ presented, row }: Seen, at: Moment): Decision => {
    const { serialMax, policy } = list.facts()
    const attempt: Attempt = {
      presented,
      row,
      list: { serialMax, policy },
      lane: { groups, direction },
      at: { epochS: Math.floor(at.trustedMs / 1000), ...onTheWall(at.trustedMs, timeZone) },
    }
    return decide(attempt)
  }

  /** Whether this one is only counted; if not, how many were since the last that was written. */
  const noise = (readerId: string, atMs: number): { readonly quiet: boolean; readonly more: number } => {
    const before = malformed.get(readerId)
    if (before !== undefined && atMs - before.atMs < MALFORMED_EVERY_MS) {
      before.more++
      return { quiet: true, more: 0 }
    }
    malformed.set(readerId, { atMs, more: 0 })
    return { quiet: false, more: before?.more ?? 0 }
  }

  const release = async (grantedAtMs: number, passId: string | null) => {
    const released = await door.release(grantedAtMs)
    if (released.ok) return
    log.error({ lane, failure: released.failure }, 'door.failed')
    recorder.record({
      kind: 'alarm',
      lane,
      ...(passId === null ? {} : { passId }),
      details: { problem: 'door', failure: released.failure },
    })
  }

  const attempt = async (scan: Scan) => {
    const seen = await look(scan)
    const at = recorder.now()
    const decision = decideOn(seen, at)
    const details = { ...seen.details }
    if (!decision.open && decision.refusal === 'malformed') {
      const { quiet, more } = noise(scan.readerId, scan.atMs)
      if (quiet) return
      if (more > 0) details.more = more
    }

    const recorded = recorder.record(
      {
        kind: decision.open ? 'granted' : 'refused',
        lane,
        ...(decision.passId === null ? {} : { passId: decision.passId }),
        credential: seen.credential,
        decision: wordsOf(decision),
        details,
      },
      at,
    )
    const sequence = recorded.ok ? recorded.value.record.sequence : null
    if (!recorded.ok)
      log.error({ lane, direction, problem: 'the journal is full: make room on the disk' }, 'passage.unrecorded')
    if (!decision.open) return log.info({ lane, sequence, refusal: decision.refusal }, 'passage.refused')

    // No record, no entry. Leaving is another matter: nobody is kept in by a full disk.
    if (!recorded.ok && direction === 'in') return
    log.info({ lane, sequence, ground: decision.ground }, 'passage.granted')
    await release(scan.atMs, decision.passId)
  }

  const inTurn = (scan: Scan): Promise<void> => {
    last = last.then(() => attempt(scan)).catch(error => log.error({ lane, error: String(error) }, 'attempt.failed'))
    return last
  }

  return {
    attempt: inTurn,
    async serve(reader, signal) {
      for await (const scan of reader.scans(signal)) await inTurn(scan)
    },
  }
}

function wordsOf(decision: Decision): NonNullable<EventRecord['decision']> {
  if (!decision.open) return { refusal: decision.refusal }
  const { ground, objection } = decision
  return objection === null ? { ground } : { ground, objection }
}

/** Groups as the bits that passes carry. */
export function groupBits(groups: readonly number[]): number {
  return groups.reduce((bits, group) => (bits | (1 << group)) >>> 0, 0)
}
