import { createPublicKey } from 'node:crypto'
import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import type { Attempt } from '@gatehouse/shared/decision/attempt.ts'
import { EMPTY_POLICY } from '@gatehouse/shared/list/policy.ts'
import { openPass, type PassKeys, presentedAs, timeOf } from '@gatehouse/shared/pass/check.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import type { Actor } from '../audit/actor.ts'
import type { School } from '../auth/identity.ts'
import type { Tx } from '../db/tables.ts'
import { keysOf } from '../keys/trust.repo.ts'
import type { Vault } from '../keys/vault.ts'
import { newestPolicy } from '../lists/list-versions.repo.ts'
import type { Scope } from '../lists/snapshot.repo.ts'
import { totpSecretOf } from '../schools/schools.repo.ts'
import { timeZoneOf } from '../schools/time-zone.ts'
import { lastOpenedS } from './pass-checks.repo.ts'
import { findPass, opensUntil, type PassRow } from './passes.repo.ts'

/** Everything about an attempt but where it is made. */
export type AttemptFacts = {
  readonly facts: Omit<Attempt, 'lane'>
  readonly pass: PassRow | undefined
  /** The time in a moving code; null for a code that does not move. */
  readonly codeTimeS: number | null
}

export type AskedBy = Pick<Actor, 'userId' | 'nowMs'> & { readonly school: School; readonly scope: string }

/** What the service knows of a text that somebody showed, as a gate of this scope would with the newest list and its clock confirmed. */
export async function attemptFacts(
  tx: Tx,
  vault: Vault,
  text: string,
  { school, scope, userId, nowMs }: AskedBy,
): Promise<AttemptFacts> {
  const keys = await passKeys(tx, vault, { schoolId: school.id, tenant: school.tenant, scope })
  const epochS = Math.floor(nowMs / 1000)
  const opened = openPass(text, { tenant: school.tenant, nowS: epochS, clock: 'confirmed', keys })
  const pass = opened.passId === null ? undefined : await findPass(tx, opened.passId)
  const codeTimeS = opened.pass === null ? null : timeOf(opened.pass)
  const isMoving = pass !== undefined && codeTimeS !== null
  return {
    pass,
    codeTimeS,
    facts: {
      presented: presentedAs(opened, {
        keys,
        deviceKey: pass === undefined ? null : await deviceKeyOf(tx, pass.pass_id),
        lastGrantedS: isMoving ? await lastOpenedS(tx, { userId, nowMs }, pass) : null,
      }),
      row: pass === undefined ? null : listed(pass),
      // The service knows every pass: one without a row is nobody's, whatever its serial and the policy.
      list: { serialMax: 0, ageS: 0, policy: { ...(await policyOf(tx, school.id, scope)), newerThanList: 'refuse' } },
      at: await wallOf(tx, school.id, epochS),
    },
  }
}

async function passKeys(tx: Tx, vault: Vault, of: Scope): Promise<PassKeys> {
  const issuers = new Map((await keysOf(tx, of.schoolId)).map(key => [key.kid, key]))
  return nodePassKeys({
    issuerKey(kid, nowS) {
      const key = issuers.get(`${of.tenant}/pass/${kid}`)
      if (key === undefined || key.revoked_at !== null) return null
      const nowMs = nowS * 1000
      if (nowMs < key.not_before.getTime() || nowMs >= key.expires.getTime()) return null
      return createPublicKey({ key: key.public_jwk, format: 'jwk' })
    },
    totpSecret: await totpSecretOf(tx, vault, of),
  })
}

async function policyOf(tx: Tx, schoolId: string, scope: string) {
  return (await newestPolicy(tx, { schoolId, scope })) ?? EMPTY_POLICY
}

async function wallOf(tx: Tx, schoolId: string, epochS: number): Promise<Attempt['at']> {
  const wall = Temporal.Instant.fromEpochMilliseconds(epochS * 1000).toZonedDateTimeISO(await timeZoneOf(tx, schoolId))
  return {
    epochS,
    clock: 'confirmed',
    dayOfWeek: wall.dayOfWeek,
    minuteOfDay: wall.hour * 60 + wall.minute,
    date: wall.toPlainDate().toString(),
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
    expiresS: Math.floor(opensUntil(pass).getTime() / 1000),
    groups: pass.groups,
    status: pass.status,
    class: pass.class,
    profile: pass.profile,
    flags: { dynamicOnly: pass.dynamic_only, escort: pass.escort },
    minGeneration: pass.min_generation,
  }
}
