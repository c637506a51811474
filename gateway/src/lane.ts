import { type Attempt, isProven, type ListedPass, type Presented } from '@gatehouse/shared/decision/attempt.ts'
import { decide } from '@gatehouse/shared/decision/decide.ts'
import { policyAtGate } from '@gatehouse/shared/decision/policy-at-gate.ts'
import type { Decision } from '@gatehouse/shared/decision/refusals.ts'
import type { EventRecord } from '@gatehouse/shared/events/record.ts'
import type { Card } from '@gatehouse/shared/list/card.ts'
import { listAgeS } from '@gatehouse/shared/list/lease.ts'
import { isWorthARow, type OpenedPass, openPass, type PassKeys, presentedAs } from '@gatehouse/shared/pass/check.ts'
import { cardKeyOf } from './core/card-key.ts'
import { codeFacts, movingCode } from './core/code-facts.ts'
import { onTheWall } from './core/wall.ts'
import type { ListKeeper } from './list/list-keeper.ts'
import type { Log } from './log.ts'
import type { Door, Grant, Outcome, Reader, Scan } from './ports.ts'
import type { Moment, Recorder } from './recorder.ts'
import type { GrantedProof, Journal } from './store/journal.ts'

/** A scanner in the sun reads noise all day; one event a second says so as well as a thousand. */
const MALFORMED_EVERY_MS = 1_000

export type LaneNeeds = {
  readonly lane: string
  readonly gateId: string
  readonly direction: 'in' | 'out'
  /** Bit i = the access point is in group i. */
  readonly groups: number
  readonly tenant: string
  readonly timeZone: string
  readonly cardSecret: Uint8Array
  readonly keys: PassKeys
  readonly list: ListKeeper
  /** The point of the phone that a pass is bound to; null where the list has none. */
  readonly deviceKey: (passId: string) => Promise<Uint8Array | null>
  /** Which moving codes opened before. */
  readonly granted: Pick<Journal, 'lastGrantedS'>
  readonly recorder: Recorder
  readonly door: Door
  /** Hears of each card after its event, with the row that a readable list has for it. */
  readonly cardSeen?: (reader: string, card: Card, row: ListedPass | null) => void
  /** Hears of each card that was read badly, after its event, bits and all. */
  readonly cardMisread?: (reader: string, card: Card) => void
  readonly log: Log
}

export type Lane = {
  /** What a scan comes to. Never throws for what a person presents. */
  attempt(scan: Scan): Promise<Outcome>
  /** Attempts all scans of a reader until `signal` aborts. */
  serve(reader: Reader, signal: AbortSignal): Promise<void>
}

/** What the list has of a card or a code. */
type Found =
  | { readonly misread: Card; readonly row: null }
  | { readonly card: Card; readonly fingerprint: string; readonly row: ListedPass | null }
  | { readonly opened: OpenedPass; readonly row: ListedPass | null; readonly deviceKey: Uint8Array | null }

/** What `decide` wants to know of it, what the event may say, and the moving code that a grant uses up. */
type Seen = {
  readonly presented: Presented
  readonly row: ListedPass | null
  readonly credential: NonNullable<EventRecord['credential']>
  readonly proof: GrantedProof | null
}

type Details = Record<string, string | number>

/**
 * One access point: scan, row, decision, durable event, release, in this order. Its readers take turns, so that two
 * presentations at once are two events and two decisions. Nothing opens but by a scan.
 */
export function laneOf(needs: LaneNeeds): Lane {
  const { lane, direction, groups, list, recorder, door, log, timeZone } = needs
  let last: Promise<unknown> = Promise.resolve()
  const malformed = new Map<string, { atMs: number; more: number }>()

  const rowOf = async (by: 'card' | 'pass', key: string, details: Details): Promise<ListedPass | null> => {
    const found = await list.find(by, key)
    if (!found.ok) details.list = found.failure
    return found.ok ? found.value : null
  }

  const find = async ({ credential }: Scan, details: Details): Promise<Found> => {
    if (credential.kind === 'misread') {
      // Its parity or its length is not its format's.
      details.misread = 'yes'
      return { misread: credential.card, row: null }
    }
    if (credential.kind === 'card') {
      const fingerprint = cardKeyOf(needs.cardSecret, credential.card)
      return { card: credential.card, fingerprint, row: await rowOf('card', fingerprint, details) }
    }
    const { tenant, keys } = needs
    const now = recorder.now()
    const opened = openPass(credential.text, { tenant, keys, nowS: secondsOf(now), clock: now.quality })
    const { passId } = opened
    const row = passId !== null && isWorthARow(opened) ? await rowOf('pass', passId, details) : null
    const isNamedOnly = opened.pass?.type === 'reference'
    return { opened, row, deviceKey: row !== null && isNamedOnly ? await needs.deviceKey(row.passId) : null }
  }

  /** From here to the event nothing is waited for: of two lanes with the same code the second finds it granted. */
  const see = (found: Found): Seen => {
    const { row } = found
    if ('misread' in found) {
      const presented = { kind: 'code', certificate: { found: 'malformed' }, proof: null } as const
      return { presented, row, credential: { technology: found.misread.technology, proof: 'claimed' }, proof: null }
    }
    if ('card' in found) {
      const presented = { kind: 'card' } as const
      const proof = isProven({ presented, row }) ? 'proven' : 'claimed'
      const credential = { technology: found.card.technology, fingerprint: found.fingerprint, proof } as const
      return { presented, row, credential, proof: null }
    }
    const { opened, deviceKey } = found
    const lastGrantedS = opened.passId === null ? null : needs.granted.lastGrantedS(opened.passId)
    const presented = presentedAs(opened, { keys: needs.keys, deviceKey, lastGrantedS })
    const proof = isProven({ presented, row }) ? 'proven' : 'claimed'
    const code = codeFacts(opened, presented)
    const credential =
      code === null ? ({ technology: 'qr', proof } as const) : ({ technology: 'ghp1', proof, code } as const)
    return { presented, row, credential, proof: proof === 'proven' ? movingCode(opened) : null }
  }

  const decideOn = ({ presented, row }: Seen, at: Moment): Decision => {
    const { version, serialMax, issuedAtS, policy } = list.facts()
    const attempt: Attempt = {
      presented,
      row,
      list: {
        serialMax,
        ageS: listAgeS(version === 0 ? null : issuedAtS, at),
        policy: policyAtGate(policy, needs.gateId),
      },
      lane: { groups, direction },
      at: { epochS: secondsOf(at), clock: at.quality, ...onTheWall(at.trustedMs, timeZone) },
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

  /** Where nothing tells of passages or openings, the grant is all that will be known of them. */
  const presence = (passId: string | null, isInside: boolean) =>
    door.evidence === 'none' && passId !== null ? { passId, isInside } : null

  const release = async (grantedAtMs: number, grant: Grant): Promise<boolean> => {
    const { passId } = grant
    const released = await door.release(grantedAtMs, grant)
    if (released.ok) return true
    const { failure } = released
    // Somebody stands in the other door: nothing is broken, and whoever was granted did not go through.
    const isInterlocked = failure === 'interlocked'
    if (!isInterlocked) log.error({ lane, failure }, 'door.failed')
    recorder.record(
      {
        kind: isInterlocked ? 'no_passage' : 'alarm',
        lane,
        ...(passId === null ? {} : { passId }),
        details: isInterlocked ? { failure } : { problem: 'door', failure },
      },
      undefined,
      { presence: presence(passId, direction !== 'in') },
    )
    return false
  }

  const attempt = async (scan: Scan): Promise<Outcome> => {
    const details: Details = { reader: scan.readerId }
    const found = await find(scan, details)
    const seen = see(found)
    const at = recorder.now()
    const decision = decideOn(seen, at)
    if (!decision.open && decision.refusal === 'malformed') {
      const { quiet, more } = noise(scan.readerId, scan.atMs)
      if (quiet) return 'refused'
      if (more > 0) details.more = more
    }

    // Whoever leaves on a code that only claims a pass is nobody's passage.
    const passedBy = seen.credential.proof === 'proven' ? decision.passId : null
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
      decision.open ? { proof: seen.proof, presence: presence(passedBy, direction === 'in') } : {},
    )
    const sequence = recorded.ok ? recorded.value.record.sequence : null
    if (!recorded.ok)
      log.error({ lane, direction, problem: 'the journal is full: make room on the disk' }, 'passage.unrecorded')
    if ('misread' in found) needs.cardMisread?.(scan.readerId, found.misread)
    if ('card' in found && details.list === undefined) needs.cardSeen?.(scan.readerId, found.card, found.row)
    if (!decision.open) {
      log.info({ lane, sequence, refusal: decision.refusal }, 'passage.refused')
      return 'refused'
    }

    // No record, no entry. Leaving is another matter: nobody is kept in by a full disk.
    if (!recorded.ok && direction === 'in') return 'refused'
    const isReleased = await release(scan.atMs, { sequence, passId: passedBy })
    log.info({ lane, sequence, ground: decision.ground }, 'passage.granted')
    return isReleased ? 'granted' : 'refused'
  }

  const inTurn = (scan: Scan): Promise<Outcome> => {
    const turn = last
      .then(() => attempt(scan))
      .catch(error => {
        log.error({ lane, error: String(error) }, 'attempt.failed')
        return 'refused' as const
      })
    last = turn
    return turn
  }

  return {
    attempt: inTurn,
    async serve(reader, signal) {
      for await (const scan of reader.scans(signal)) reader.tell(await inTurn(scan))
    },
  }
}

function wordsOf(decision: Decision): NonNullable<EventRecord['decision']> {
  if (!decision.open) return { refusal: decision.refusal }
  const { ground, objection } = decision
  return objection === null ? { ground } : { ground, objection }
}

function secondsOf({ trustedMs }: Moment): number {
  return Math.floor(trustedMs / 1000)
}

/** Groups as the bits that passes carry. */
export function groupBits(groups: readonly number[]): number {
  return groups.reduce((bits, group) => (bits | (1 << group)) >>> 0, 0)
}
