import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import { fromHex } from '../bytes.ts'
import type { ListedPass } from '../decision/attempt.ts'
import { decide } from '../decision/decide.ts'
import type { Refusal } from '../decision/refusals.ts'
import { Policy } from '../list/policy.ts'
import { LIST_STATUSES, rowFlags } from '../list/rows.ts'
import { PASS_CLASSES } from '../pass/body.ts'
import { openPass, type PassKeys, presentedAs } from '../pass/check.ts'
import { Temporal } from '../time.ts'
import { nodePassKeys } from './node-pass-keys.ts'

const u32 = z.int().min(0).max(0xffffffff)
const PassId = z.string().regex(/^[0-9a-f]{16}$/)
const Hex = z.string().regex(/^(?:[0-9a-f]{2})+$/)

/** Cases are about passes: where one states no policy, every time profile is open at every hour. */
const ALL_HOURS: Policy = {
  profiles: Object.fromEntries(
    Array.from({ length: 255 }, (_, at) => [
      at + 1,
      {
        name: 'at any time',
        windows: [1, 2, 3, 4, 5, 6, 7].map(day => ({ day, fromMinute: 0, untilMinute: 1440 })),
        onHolidays: [],
      },
    ]),
  ),
  holidays: {},
  newerThanList: 'open',
}

/** A row of a case; a field that is left out is 0. */
const Row = z.object({
  passId: PassId,
  notBefore: u32.default(0),
  expires: u32.default(0),
  groups: u32.default(0),
  status: z.enum(LIST_STATUSES).default('active'),
  class: z.enum(PASS_CLASSES).default('student'),
  profile: z.int().min(0).max(255).default(0),
  /** As the row of a list has them, b0 dynamic only ... */
  flags: z.int().min(0).max(127).default(0),
  minGeneration: z.int().min(0).max(0xffff).default(0),
})

/** A gate at a moment, with a list and a memory of its own. */
const Case = z.object({
  name: z.string(),
  digits: z.string(),
  /** Unix seconds by the gate's clock. */
  now: u32,
  /** The group of this gate, 0 .. 30. */
  gateGroup: z.int().min(0).max(30),
  list: z
    .object({
      serialMax: u32.default(0),
      rows: z.array(Row).default([]),
      deviceKeys: z.array(z.object({ passId: PassId, key: Hex })).default([]),
      policy: Policy.default(ALL_HOURS),
    })
    .nullish()
    .transform(list => list ?? { serialMax: 0, rows: [], deviceKeys: [], policy: ALL_HOURS }),
  /** The newest time granted for this pass. */
  lastGranted: u32.nullish(),
  /** What the wallets of this site rotate by. */
  totpMaster: Hex.nullish(),
  /** `ok` or a refusal; a word that we do not have is a difference. */
  expect: z.string().max(40),
})
export type VectorCase = z.infer<typeof Case>

/** An issuer's key; other keys of the file are for whoever makes codes. */
const IssuerKey = z.object({
  kid: z.string(),
  jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
  /** Unix seconds; trusted while notBefore <= now < expires. */
  notBefore: u32.default(0),
  expires: u32.default(0xffffffff),
})

/** A file shaped like `shared/vectors/passes.json`: a school's keys, and cases that each stand alone. */
export const Vectors = z.object({
  tenant: z.string(),
  keys: z.record(z.string(), z.unknown()),
  cases: z.array(Case).min(1),
})
export type Vectors = z.infer<typeof Vectors>

/** What a gate says of a case. */
export function verdictOf(vectors: Pick<Vectors, 'tenant' | 'keys'>, one: VectorCase): 'ok' | Refusal {
  const { digits, now: nowS, list } = one
  const keys = keysOf(vectors, one)
  const opened = openPass(digits, { tenant: vectors.tenant, nowS, clock: 'confirmed', keys })
  const row = list.rows.find(({ passId }) => passId === opened.passId)
  const deviceKey = list.deviceKeys.find(({ passId }) => passId === opened.passId)
  const at = Temporal.Instant.fromEpochMilliseconds(nowS * 1000).toZonedDateTimeISO('UTC')
  const decision = decide({
    presented: presentedAs(opened, {
      keys,
      deviceKey: deviceKey === undefined ? null : fromHex(deviceKey.key),
      lastGrantedS: one.lastGranted ?? null,
    }),
    row: row === undefined ? null : listed(row),
    // A case is about its pass: the list is of this moment, and so is the clock.
    list: { serialMax: list.serialMax, ageS: 0, policy: list.policy },
    lane: { groups: (1 << one.gateGroup) >>> 0, direction: 'in' },
    at: {
      epochS: nowS,
      clock: 'confirmed',
      dayOfWeek: at.dayOfWeek,
      minuteOfDay: at.hour * 60 + at.minute,
      date: at.toPlainDate().toString(),
    },
  })
  return decision.open ? 'ok' : decision.refusal
}

function keysOf({ tenant, keys }: Pick<Vectors, 'tenant' | 'keys'>, { totpMaster }: VectorCase): PassKeys {
  const issuers = Object.values(keys).flatMap(key => {
    const read = IssuerKey.safeParse(key)
    return read.success ? [read.data] : []
  })
  return nodePassKeys({
    issuerKey(kid, nowS) {
      const key = issuers.find(
        key => key.kid === `${tenant}/pass/${kid}` && key.notBefore <= nowS && nowS < key.expires,
      )
      return key === undefined ? null : createPublicKey({ key: key.jwk, format: 'jwk' })
    },
    totpSecret: totpMaster == null ? null : fromHex(totpMaster),
  })
}

function listed({ notBefore, expires, flags, ...row }: z.infer<typeof Row>): ListedPass {
  return { ...row, notBeforeS: notBefore, expiresS: expires, flags: rowFlags(flags) }
}
