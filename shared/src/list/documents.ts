import { z } from 'zod'
import { KEY_USES } from '../wire/gate-config.ts'
import { TENANT } from '../wire/topics.ts'
import { Holidays, Profiles } from './policy.ts'
import { TABLES } from './rows.ts'
import { Sha256 } from './snapshot.ts'

/**
 * The signed objects of GHL1 as their payloads. Each is a JWS by jose with `alg` pinned to Ed25519 and `typ` checked; unknown `crit` is
 * refused. Times are Unix seconds.
 */
export const TRUST_TYP = 'gh-trust+1'
export const LIST_HEAD_TYP = 'gh-head+1'
export const DELTA_TYP = 'gh-delta+1'
export const POLICY_TYP = 'gh-policy+1'

/** A head is signed anew this often, and expires so long after. Expiry is asked once, when a head comes from the network. */
export const HEAD_EVERY_S = 60
export const HEAD_LIFE_S = 15 * 60

/** Signatures of roots that a trust bundle needs, of how many. */
export const ROOT_THRESHOLD = 2
export const ROOT_COUNT = 3

/** Bytes of a table's file before compression: 2 M rows of the widest table. The head's own promise is the limit for each. */
export const FILE_BYTES_MAX = 82_000_012

/** Rows that one delta may change; more is published as a snapshot. */
export const DELTA_OPS_MAX = 50_000

const u32 = z.int().min(0).max(0xffffffff)
const issuer = z.string().regex(TENANT)
const scope = z.string().regex(/^[a-z0-9-]{1,36}$/)
const base64url = (bytesMax: number) =>
  z
    .string()
    .max(Math.ceil((bytesMax * 4) / 3))
    .regex(/^[A-Za-z0-9_-]*$/)
const Jwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url(32) })

export const BundleKey = z.object({
  /** `<tenant>/<use>/<number>` */
  kid: z.string().max(80),
  use: z.enum(KEY_USES),
  jwk: Jwk,
  notBeforeS: u32,
  expiresS: u32,
  /** From then on it signs nothing, whatever the date of a document. */
  revokedAtS: u32.nullable(),
  revokedFor: z.string().max(200).optional(),
})
export type BundleKey = z.infer<typeof BundleKey>

/** Who may sign what, and from when to when. The epoch rises only here: that is how a stolen list key is survived. */
export const TrustBundle = z.object({
  issuer,
  version: z.int().min(1),
  epoch: z.int().min(1),
  issuedAtS: u32,
  roots: z.array(z.object({ kid: z.string().max(80), jwk: Jwk })).length(ROOT_COUNT),
  keys: z.array(BundleKey).max(256),
})
export type TrustBundle = z.infer<typeof TrustBundle>

const TableFileRef = z.object({
  /** Of the compressed bytes: the name under which the file is fetched. */
  sha256: Sha256,
  compressedBytes: z.int().min(1).max(FILE_BYTES_MAX),
  /** Of the file before compression; decompression stops there. */
  bytes: z.int().min(12).max(FILE_BYTES_MAX),
  bucketBits: z.int().min(0).max(20),
  rows: u32,
})
export type TableFileRef = z.infer<typeof TableFileRef>

export const ListHead = z.object({
  issuer,
  scope,
  epoch: z.int().min(1),
  version: z.int().min(1),
  issuedAtS: u32,
  expiresS: u32,
  stateRoot: Sha256,
  serialMax: u32,
  /** SHA-256 of the newest delta's compact JWS; null before the first. */
  deltaHash: Sha256.nullable(),
  /** The version that the files hold: a gate further behind than the deltas it can get begins there. */
  snapshot: z.object({ version: z.int().min(1), stateRoot: Sha256, files: z.record(z.enum(TABLES), TableFileRef) }),
  policyHash: Sha256,
})
export type ListHead = z.infer<typeof ListHead>

/** Rows to put in and keys to take out, each one behind the other, ascending. */
const TableOps = z.object({ upsert: base64url(DELTA_OPS_MAX * 41), delete: base64url(DELTA_OPS_MAX * 12) })

/** Exactly one a version. After it the gate's own root must equal `rootAfter`. */
export const Delta = z.object({
  issuer,
  scope,
  epoch: z.int().min(1),
  from: z.int().min(0),
  to: z.int().min(1),
  issuedAtS: u32,
  previousDelta: Sha256.nullable(),
  rootBefore: Sha256,
  rootAfter: Sha256,
  /** Bits of each table after it: a table that grew is cut anew. */
  bucketBits: z.record(z.enum(TABLES), z.int().min(0).max(20)),
  ops: z.partialRecord(z.enum(TABLES), TableOps),
})
export type Delta = z.infer<typeof Delta>

/** How old a list may be, in seconds, before less opens; and what still does then. */
export const Lease = z
  .object({
    freshS: z.int().min(60),
    staleS: z.int().min(60),
    oldS: z.int().min(60),
    /** Signature-only passes on a stale list: only where a guard is present. */
    guardPresent: z.boolean(),
    whenOld: z.enum(['listed', 'staff', 'closed']),
    lastResort: z.enum(['staff', 'closed']),
  })
  .refine(lease => lease.freshS <= lease.staleS && lease.staleS <= lease.oldS, 'the limits must rise')
export type Lease = z.infer<typeof Lease>

/** <= 15 min fresh, <= 24 h stale, <= 72 h old, then the last resort. */
export const DEFAULT_LEASE: Lease = {
  freshS: 15 * 60,
  staleS: 24 * 3600,
  oldS: 72 * 3600,
  guardPresent: false,
  whenOld: 'listed',
  lastResort: 'staff',
}

/** What opens while the gate cannot trust its clock. None of it asks for hours or takes a rotating code. */
export const WHEN_CLOCK_IN_DOUBT = ['listed_cards', 'listed', 'closed'] as const

/** What one gate may do otherwise than its school. */
export const GateRules = z.object({ lease: Lease, whenClockInDoubt: z.enum(WHEN_CLOCK_IN_DOUBT) })
export type GateRules = z.infer<typeof GateRules>

export const ListPolicy = z.object({
  issuer,
  scope,
  version: z.int().min(1),
  issuedAtS: u32,
  profiles: Profiles,
  holidays: Holidays.default({}),
  /** Groups by the number of their set, each a mask of 31 bits: what bit 31 of a pass's groups names. */
  groupSets: z.record(z.string().regex(/^[0-9]{1,10}$/), u32),
  newerThanList: z.enum(['open', 'refuse']),
  staticPasses: z.enum(['open', 'refuse']),
  lease: Lease,
  whenClockInDoubt: GateRules.shape.whenClockInDoubt.default('listed_cards'),
  /** Per gate id; what a gate does not state is the school's. */
  gates: z.record(z.string(), GateRules.partial()),
})
export type ListPolicy = z.infer<typeof ListPolicy>
