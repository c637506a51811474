import { createPublicKey } from 'node:crypto'
import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import { type Attempt, isProven } from '@gatehouse/shared/decision/attempt.ts'
import { conditionsOf } from '@gatehouse/shared/decision/conditions.ts'
import { decide } from '@gatehouse/shared/decision/decide.ts'
import { explain } from '@gatehouse/shared/decision/explain.ts'
import { EMPTY_POLICY } from '@gatehouse/shared/list/policy.ts'
import { openPass, presentedAs } from '@gatehouse/shared/pass/check.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import { verifyPass } from '@gatehouse/shared/wire/api/passes.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { accessPoints } from '../gates/gates.repo.ts'
import type { Binder, SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { publicKeys } from '../keys/school-keys.ts'
import { nameOf } from '../students/name.ts'
import { findPass, groupMask, type PassRow } from './passes.repo.ts'

const NO_SUCH_GATE: Problem = { status: 404, code: 'not_found', message: 'There is no gate with that id.' }

/** Bit i = group i: an access point that every pass of the school may open. */
const ANY_GROUP = 0x7fffffff

/** The service knows every pass: one without a row is nobody's, whatever its serial. */
const POLICY = { ...EMPTY_POLICY, newerThanList: 'refuse' } as const

export type VerifyRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

export function verifyRoutes(routes: Binder, { db, nowMs }: VerifyRoutesNeeds): void {
  routes.inSchool(verifyPass, ({ body: { digits, gateId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const groups = gateId === undefined ? ANY_GROUP : await groupsAt(tx, gateId)
      if (groups === null) return { problem: NO_SUCH_GATE }
      const { attempt, pass } = await attemptOf(tx, who, digits, { groups, nowMs: nowMs() })
      const decision = decide(attempt)
      const refusal = decision.open ? null : decision.refusal
      const proven = isProven(attempt) ? pass : undefined
      return {
        data: {
          open: decision.open,
          passId: decision.passId,
          holderName: proven === undefined ? null : nameOf(proven),
          class: proven?.class ?? null,
          refusal,
          ...(refusal === null ? { visitor: null, guard: null } : explain(refusal)),
          conditions: conditionsOf(attempt),
        },
      }
    }),
  )
}

/** The groups of all ways in at a gate; null where there is no such gate. */
async function groupsAt(tx: Tx, gateId: string): Promise<number | null> {
  const points = (await accessPoints(tx)).get(gateId)
  if (points === undefined) return null
  return groupMask(points.filter(({ direction }) => direction === 'in').flatMap(({ groups }) => [...groups]))
}

async function attemptOf(
  tx: Tx,
  { school }: SchoolPerson,
  text: string,
  { groups, nowMs }: { readonly groups: number; readonly nowMs: number },
): Promise<{ readonly attempt: Attempt; readonly pass: PassRow | undefined }> {
  const issuers = new Map((await publicKeys(tx, school.id)).map(({ kid, jwk }) => [kid, jwk]))
  const keys = nodePassKeys({
    issuerKey(kid) {
      const jwk = issuers.get(`${school.tenant}/pass/${kid}`)
      return jwk === undefined ? null : createPublicKey({ key: jwk, format: 'jwk' })
    },
    totpSecret: null,
  })
  const epochS = Math.floor(nowMs / 1000)
  const opened = openPass(text, { tenant: school.tenant, nowS: epochS, keys })
  const pass = opened.passId === null ? undefined : await findPass(tx, opened.passId)
  const point = pass === undefined ? null : await deviceKeyOf(tx, pass.pass_id)
  const { time_zone } = await tx
    .selectFrom('schools')
    .select('time_zone')
    .where('id', '=', school.id)
    .executeTakeFirstOrThrow()
  const wall = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(time_zone)
  return {
    pass,
    attempt: {
      // Nothing is granted here, so nothing is remembered: a code that a gate took may be asked about.
      presented: presentedAs(opened, { keys, deviceKey: point, lastGrantedS: null }),
      row: pass === undefined ? null : listed(pass),
      list: { serialMax: 0, policy: POLICY },
      lane: { groups, direction: 'in' },
      at: { epochS, dayOfWeek: wall.dayOfWeek, minuteOfDay: wall.hour * 60 + wall.minute },
    },
  }
}

async function deviceKeyOf(tx: Tx, passId: string): Promise<Uint8Array | null> {
  const row = await tx.selectFrom('device_keys').select('point').where('pass_id', '=', passId).executeTakeFirst()
  return row === undefined ? null : Buffer.from(row.point, 'hex')
}

function listed(pass: PassRow): NonNullable<Attempt['row']> {
  return {
    passId: pass.pass_id,
    notBeforeS: Math.floor(pass.not_before.getTime() / 1000),
    expiresS: Math.floor(pass.expires.getTime() / 1000),
    groups: pass.groups,
    status: pass.status,
    class: pass.class,
    profile: pass.profile,
    flags: { dynamicOnly: pass.dynamic_only },
    minGeneration: pass.min_generation,
  }
}
