import { z } from 'zod'
import { BundleJws } from '../list/bundle-jws.ts'
import { GATE_ID, TENANT } from './topics.ts'

/**
 * What a gate is told about its hardware: the file of `./gatehouse gateway run --config FILE`. One schema, every
 * mistake reported at once. Paths are relative to the file.
 */

const name = z.string().min(1).max(64)
/** Short names are typed on a command line. */
export const ShortName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens, at most 31')

/** A line of bytes: a serial device, or a serial server on the network (ser2net, Moxa NPort). */
export const PortConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('serial'),
    path: z.string().min(1).max(4096),
    baudRate: z.int().min(300).max(3_000_000).default(9600),
  }),
  z.strictObject({ kind: z.literal('tcp'), host: z.string().min(1).max(253), port: z.int().min(1).max(65535) }),
])
export type PortConfig = z.infer<typeof PortConfig>

export const ReaderConfig = z.discriminatedUnion('family', [
  z.strictObject({
    /** A scanner that types each code and ends it with CR, LF or CR LF. */
    family: z.literal('line'),
    id: ShortName,
    port: PortConfig,
    /** The scanner is set to send an AIM id (`]Q1`) in front; a payload may begin with `]` by itself. */
    aimId: z.boolean().default(false),
  }),
  z.strictObject({
    /** RDM6300, RDM630, ID-12 and ID-20: 125 kHz EM4100 cards. */
    family: z.literal('rdm6300'),
    id: ShortName,
    port: PortConfig,
  }),
])
export type ReaderConfig = z.infer<typeof ReaderConfig>

/** Longest pulse a door may be given: half a minute of open door is a decision, not a setting. */
export const PULSE_MS_MAX = 30_000

export const DoorConfig = z.discriminatedUnion('family', [
  z.strictObject({
    /** LCUS-1, -2, -4, -8: no timer of its own, so the pulse is software-timed. */
    family: z.literal('lcus'),
    port: PortConfig,
    channel: z.int().min(1).max(8),
    pulseMs: z.int().min(100).max(PULSE_MS_MAX).default(700),
  }),
  z.strictObject({
    /** Waveshare and like boards on Modbus RTU: `flash on`, the board ends the pulse by itself. */
    family: z.literal('modbus-flash'),
    port: PortConfig,
    address: z.int().min(1).max(247).default(1),
    channel: z.int().min(1).max(32),
    pulseMs: z.int().min(100).max(PULSE_MS_MAX).multipleOf(100, 'the board counts in tenths of a second').default(700),
  }),
])
export type DoorConfig = z.infer<typeof DoorConfig>

export const LaneConfig = z.strictObject({
  lane: ShortName,
  name,
  direction: z.enum(['in', 'out']),
  /** Gate groups this access point is in, 0..30. */
  groups: z.array(z.int().min(0).max(30)).min(1).max(31),
  readers: z.array(ReaderConfig).min(1).max(8),
  door: DoorConfig,
})
export type LaneConfig = z.infer<typeof LaneConfig>

export const GateConfig = z
  .strictObject({
    /** Made by `gateway enrol` (or `list make` for a gate without a cloud): who this gate is, its keys and whom it trusts. */
    identity: z.string().min(1).default('identity.json'),
    /** Folder of the journal and the list. */
    data: z.string().min(1).default('data'),
    lanes: z.array(LaneConfig).min(1).max(16),
  })
  .superRefine((config, context) => {
    const seen = new Set<string>()
    for (const [at, lane] of config.lanes.entries()) {
      if (seen.has(lane.lane)) {
        context.addIssue({ code: 'custom', path: ['lanes', at, 'lane'], message: `two lanes are called ${lane.lane}` })
      }
      seen.add(lane.lane)
      const readers = new Set<string>()
      for (const [readerAt, reader] of lane.readers.entries()) {
        if (readers.has(reader.id)) {
          context.addIssue({
            code: 'custom',
            path: ['lanes', at, 'readers', readerAt, 'id'],
            message: `two readers are called ${reader.id}`,
          })
        }
        readers.add(reader.id)
      }
    }
  })
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
