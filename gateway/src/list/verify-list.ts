import { setImmediate as turn } from 'node:timers/promises'
import {
  CardRow,
  HEAD_TYP,
  Head,
  PackedPass,
  PassId,
  SNAPSHOT_BYTES_MAX,
  SNAPSHOT_TYP,
  Snapshot,
} from '@gatehouse/shared/list/snapshot.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { z } from 'zod'
import { sha256Hex } from '../store/sha256.ts'
import type { Trust } from './trust.ts'
import { type JwsFailure, verifyJws } from './verify-jws.ts'

/** Rows that are looked at between two turns of the loop: a scan must not wait for a list. */
const ROWS_A_TURN = 2_000

/** Every way a list is refused. The one in force stays. */
export type ListFailure =
  | JwsFailure
  | 'other_tenant'
  | 'other_scope'
  /** An older version than the one in force. */
  | 'rollback'
  /** The version in force with another content: whoever signs has signed two. */
  | 'equivocation'
  | 'wrong_hash'
  | 'wrong_length'

/** What is looked at once and then built on: a snapshot whose signature, place and rows were all found good. */
export type VerifiedList = Snapshot & {
  /** Of the compact JWS, which is kept beside the rows. */
  readonly sha256: string
  readonly jws: string
  readonly policyHash: string
}

/** The list in force, as far as a new one is measured by it. */
export type InForce = { readonly version: number; readonly sha256: string }

export type ListExpected = {
  readonly tenant: string
  readonly scope: string
  readonly trust: Trust
  readonly inForce: InForce | null
}

/** Rows are looked at one by one, with turns in between; the rest at once. */
const Envelope = Snapshot.extend({ passes: z.array(z.unknown()), cards: z.array(z.unknown()) })
const CardPair = z.tuple([CardRow.shape.cardKey, PassId])

/** A head that may be followed: from our school, for our scope, and not behind what is in force. */
export async function verifyHead(jws: string, expected: ListExpected): Promise<Result<Head, ListFailure>> {
  const payload = await verifyJws(jws, { typ: HEAD_TYP, use: 'list', trust: expected.trust })
  if (!payload.ok) return payload
  const head = Head.safeParse(payload.value)
  if (!head.success) return fail('malformed')
  const { issuer, scope, version, snapshotSha256 } = head.data
  const misplaced = placeOf({ issuer, scope, version, sha256: snapshotSha256 }, expected)
  return misplaced === null ? ok(head.data) : fail(misplaced)
}

/** What a head promised of its snapshot. A list that is carried by hand has no head. */
export type Promised = Pick<Head, 'snapshotSha256' | 'snapshotBytes' | 'version' | 'policyHash'> | null

/** A snapshot that may be put in force. */
export async function verifyList(
  jws: string,
  promised: Promised,
  expected: ListExpected,
): Promise<Result<VerifiedList, ListFailure>> {
  const bytes = Buffer.byteLength(jws)
  if (bytes > SNAPSHOT_BYTES_MAX || (promised !== null && bytes !== promised.snapshotBytes)) return fail('wrong_length')
  const sha256 = sha256Hex(jws)
  if (promised !== null && sha256 !== promised.snapshotSha256) return fail('wrong_hash')

  const payload = await verifyJws(jws, { typ: SNAPSHOT_TYP, use: 'list', trust: expected.trust })
  if (!payload.ok) return payload
  const envelope = Envelope.safeParse(payload.value)
  if (!envelope.success) return fail('malformed')
  const { issuer, scope, version, policy } = envelope.data
  const misplaced = placeOf({ issuer, scope, version, sha256 }, expected)
  if (misplaced !== null) return fail(misplaced)
  if (promised !== null && promised.version !== version) return fail('malformed')

  const passes = await rowsOf(PackedPass, envelope.data.passes)
  const cards = await rowsOf(CardPair, envelope.data.cards)
  if (passes === null || cards === null) return fail('malformed')
  const policyHash = promised?.policyHash ?? sha256Hex(JSON.stringify(policy))
  return ok({ ...envelope.data, passes, cards, sha256, jws, policyHash })
}

function placeOf(
  list: { readonly issuer: string; readonly scope: string; readonly version: number; readonly sha256: string },
  { tenant, scope, inForce }: ListExpected,
): ListFailure | null {
  if (list.issuer !== tenant) return 'other_tenant'
  if (list.scope !== scope) return 'other_scope'
  if (inForce === null || list.version > inForce.version) return null
  if (list.version < inForce.version) return 'rollback'
  return list.sha256 === inForce.sha256 ? null : 'equivocation'
}

/** The rows, each of its type, keys unlike each other; null when one is not. */
async function rowsOf<Row extends readonly [string, ...unknown[]]>(
  type: z.ZodType<Row>,
  rows: readonly unknown[],
): Promise<Row[] | null> {
  const good: Row[] = []
  const keys = new Set<string>()
  for (const [at, row] of rows.entries()) {
    const read = type.safeParse(row)
    if (!read.success || keys.has(read.data[0])) return null
    keys.add(read.data[0])
    good.push(read.data)
    if (at % ROWS_A_TURN === ROWS_A_TURN - 1) await turn()
  }
  return good
}
