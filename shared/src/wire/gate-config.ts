import { z } from 'zod'
import { BundleJws } from '../list/bundle-jws.ts'
import { boardsInPlace } from './hardware/boards-in-place.ts'
import { HARDWARE_SHAPE } from './hardware/hardware-config.ts'
import { LaneConfig } from './hardware/lane-config.ts'
import { hardwareMistakes } from './hardware/mistakes.ts'
import { ShortName } from './hardware/port.ts'
import { GATE_ID, TENANT } from './topics.ts'

/**
 * What a gate is told at its own place: the file of `./gatehouse gateway run --config FILE`. One schema, every
 * mistake reported at once. Paths are relative to the file.
 */

/** Where a gate shows how it is, when nobody says otherwise. */
export const STATUS_PORT = 8470

export const GateConfig = z.preprocess(
  boardsInPlace,
  z
    .strictObject({
      /** Made by `gateway enrol` (or `list make` for a gate without a cloud): who this gate is, its keys and whom it trusts. */
      identity: z.string().min(1).default('identity.json'),
      /** Folder of the journal and the list. */
      data: z.string().min(1).default('data'),
      /** A page on this machine only that shows how the gate is; null: none. */
      status: z
        .strictObject({ port: z.int().min(0).max(65535) })
        .nullable()
        .default({ port: STATUS_PORT }),
      boards: HARDWARE_SHAPE.boards.default([]),
      /** None: this gate follows the configuration of the cloud. Any: this file is what holds, and the cloud is told so. */
      lanes: z.array(LaneConfig).max(16).default([]),
    })
    .superRefine((config, context) => {
      if (config.boards.length > 0 && config.lanes.length === 0)
        context.addIssue({ code: 'custom', path: ['lanes'], message: 'boards without lanes open nothing' })
      for (const mistake of hardwareMistakes(config)) context.addIssue({ code: 'custom', ...mistake })
    }),
)
export type GateConfig = z.infer<typeof GateConfig>

const Jwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().max(64) })

/** What a key of the school may sign; `typ` of the document is checked besides. */
export const KEY_USES = ['pass', 'list', 'policy', 'ack', 'command'] as const

/** A public key of the school. kid = `<tenant>/<use>/<number>`. */
export const TrustedKey = z.object({ kid: z.string().max(80), use: z.enum(KEY_USES), jwk: Jwk })
export type TrustedKey = z.infer<typeof TrustedKey>

/** What the cloud tells a gate once, in answer to its enrolment. */
export const Enrolment = z.object({
  gateId: z.string().regex(GATE_ID),
  tenant: z.string().regex(TENANT),
  scope: z.string().regex(/^[a-z0-9-]{1,36}$/),
  shortName: ShortName,
  name: z.string().max(100),
  timeZone: z.string().max(64),
  /** 32 bytes, base64url: the HMAC key of card fingerprints. It mints nothing. */
  cardSecret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** 32 bytes, base64url: what the rotating barcodes of wallets are checked with at this site. It mints nothing; without it they are refused as `needs_secret`. */
  totpSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
  /** The keys as they are without a bundle: for a gate that stands alone. */
  trust: z.array(TrustedKey).min(1).max(256),
  /** The trust bundle in force at the enrolment. Its roots are pinned; every later one is measured by them. */
  roots: BundleJws.optional(),
  cloud: z
    .object({
      http: z.url(),
      mqtt: z.object({
        host: z.string().max(253),
        port: z.int().min(1).max(65535),
        password: z.string().max(128),
        /** The authority the broker's certificate must come from, PEM; pinned. */
        ca: z.string().max(20_000),
      }),
    })
    /** Null for a gate that stands alone. */
    .nullable(),
})
export type Enrolment = z.infer<typeof Enrolment>

/** `identity.json`, mode 0600: the enrolment and the gate's own key, which never leaves it. */
export const GateIdentity = Enrolment.extend({ signingKey: Jwk.extend({ d: z.string().max(64) }) })
export type GateIdentity = z.infer<typeof GateIdentity>

/** `typ` of the proof in an enrolment: a compact JWS over `{code}` by the gate's new key. */
export const ENROL_TYP = 'gh-enrol+1'
export const EnrolRequest = z.strictObject({
  /** Twelve characters, hyphens and case as people type them. */
  code: z.string().min(12).max(20),
  publicKey: Jwk,
  proof: z.string().max(2000),
})
export type EnrolRequest = z.infer<typeof EnrolRequest>
