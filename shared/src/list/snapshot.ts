import { z } from 'zod'
import { PASS_CLASSES } from '../pass/body.ts'
import { Policy } from './policy.ts'

/**
 * The first signed list: one JWS over JSON, whole, made anew when something changed. The tables, roots and deltas
 * of GHL1 take its place; what a gate may ask of a list (`PassRow`, `serialMax`, policy) stays.
 */
export const HEAD_TYP = 'gh-head+1'
export const SNAPSHOT_TYP = 'gh-snapshot+1'

/** Passes a gate can be asked to hold. */
export const LIST_ROWS_MAX = 1_000_000

/** Bytes of a signed snapshot a gate accepts: 1 M rows of 120 characters and their signature. */
export const SNAPSHOT_BYTES_MAX = 256 * 1024 * 1024

export const ROW_STATUSES = ['active', 'suspended', 'revoked', 'lost'] as const

const u32 = z.int().min(0).max(0xffffffff)
export const PassId = z.string().regex(/^[0-9a-f]{16}$/)
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** A pass as a gate knows it: random ids and what opens when. No names. */
export const PassRow = z.object({
  passId: PassId,
  /** Unix seconds; 0 = at once. */
  notBeforeS: u32,
  /** Unix seconds; valid while now < expires. */
  expiresS: u32,
  /** Bit i = gate group i. */
  groups: u32,
  status: z.enum(ROW_STATUSES),
  class: z.enum(PASS_CLASSES),
  /** Time profile, 0 = always. */
  profile: z.int().min(0).max(255),
  /** Certificates of a lower generation are dead. */
  minGeneration: z.int().min(0).max(0xffff),
})
export type PassRow = z.infer<typeof PassRow>

export const CardRow = z.object({ cardKey: z.string().regex(/^[0-9a-f]{24}$/), passId: PassId })
export type CardRow = z.infer<typeof CardRow>

/** Rows travel as arrays: the names would be two thirds of the bytes. Order as in {@link PassRow}; status and class as indexes. */
export const PackedPass = z.tuple([
  PassId,
  u32,
  u32,
  u32,
  z
    .int()
    .min(0)
    .max(ROW_STATUSES.length - 1),
  z
    .int()
    .min(0)
    .max(PASS_CLASSES.length - 1),
  z.int().min(0).max(255),
  z.int().min(0).max(0xffff),
])
export type PackedPass = z.infer<typeof PackedPass>

export const Snapshot = z.object({
  /** The tenant. */
  issuer: z.string(),
  scope: z.string(),
  version: z.int().min(1),
  /** Unix seconds. */
  issuedAtS: u32,
  /** The highest serial of a pass issued when the list was made: a certificate beyond it is newer than the list. */
  serialMax: u32,
  policy: Policy,
  passes: z.array(PackedPass).max(LIST_ROWS_MAX),
  /** cardKey and passId. */
  cards: z.array(z.tuple([CardRow.shape.cardKey, PassId])).max(LIST_ROWS_MAX),
})
export type Snapshot = z.infer<typeof Snapshot>

/** What is retained on `gatehouse/<tenant>/lists/<scope>`: replaying it is harmless, because versions only rise. */
export const Head = z.object({
  issuer: z.string(),
  scope: z.string(),
  version: z.int().min(1),
  issuedAtS: u32,
  /** Of the snapshot's compact JWS, as it is fetched from `/device/v1/lists/<scope>/<sha256>`. */
  snapshotSha256: Sha256,
  snapshotBytes: z.int().min(1).max(SNAPSHOT_BYTES_MAX),
  policyHash: Sha256,
})
export type Head = z.infer<typeof Head>

export function packPass(row: PassRow): PackedPass {
  const { passId, notBeforeS, expiresS, groups, status, profile, minGeneration } = row
  return [
    passId,
    notBeforeS,
    expiresS,
    groups,
    ROW_STATUSES.indexOf(status),
    PASS_CLASSES.indexOf(row.class),
    profile,
    minGeneration,
  ]
}

export function unpackPass(packed: PackedPass): PassRow {
  const [passId, notBeforeS, expiresS, groups, status, passClass, profile, minGeneration] = packed
  return {
    passId,
    notBeforeS,
    expiresS,
    groups,
    status: ROW_STATUSES[status]!,
    class: PASS_CLASSES[passClass]!,
    profile,
    minGeneration,
  }
}
