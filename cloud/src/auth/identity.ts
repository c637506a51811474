import { type Grant, may, type Operation, type Role } from '@gatehouse/shared/wire/rights.ts'
import { findAccessKey, findSchools, findSession, type SchoolRow, type SessionRow } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { noteKeyUsed } from './access-keys.repo.ts'
import type { AccessTokens } from './access-token.ts'
import { hashOf } from './secret-hash.ts'

export type School = { readonly id: string; readonly name: string; readonly tenant: string; readonly timeZone: string }

/** Who is speaking, as the tables say it at this moment. */
export type Person = {
  readonly userId: string
  readonly sessionId: string
  readonly role: Role
  /** Given beside the role. */
  readonly grants: readonly Grant[]
  readonly email: string
  readonly displayName: string
  /** Their own; for a super_admin the chosen one, or the only one there is. Null: none is chosen. */
  readonly school: School | null
  readonly tokenExpiresAtMs: number
  /** The operations a key was made for; null: no key, but the person. */
  readonly scopes: readonly Operation[] | null
  /** The school asks for a second factor, and there is none: only what sets it up is let through. */
  readonly factorMissing: boolean
}

/** One who may watch: what a broker needs to know. */
export type Watcher = {
  readonly userId: string
  readonly schoolId: string
  readonly tenant: string
  readonly role: Role
  /** The session or access key it hangs on: when that ends, the connection does. */
  readonly endsWith: string
  readonly expiresAtMs: number
}

export type Identity = {
  /**
   * By an access token, or by a personal access key. Null: not one of ours, run out, or its session or person has
   * ended. `schoolWanted`: a tenant, for a super_admin.
   */
  person(token: string, schoolWanted?: string): Promise<Person | null>
  authenticateToken(token: string, schoolWanted?: string): Promise<Watcher | null>
  /** A personal access key, scope feed:read. */
  authenticateKey(key: string): Promise<Watcher | null>
}

const ACCESS_KEY = /^ghk_[A-Za-z0-9_-]{43}$/
/** Its use is noted so often, and not at each of a thousand requests. */
const NOTE_EVERY_MS = 60_000

export function openIdentity({
  db,
  tokens,
  nowMs,
}: {
  readonly db: Db
  readonly tokens: AccessTokens
  readonly nowMs: () => number
}): Identity {
  const byKey = async (key: string, schoolWanted?: string): Promise<Person | null> => {
    const row = await findAccessKey(db, hashOf(key))
    if (row === undefined || !row.active || row.expires_at.getTime() <= nowMs()) return null
    const used = row.last_used_at?.getTime() ?? 0
    if (nowMs() - used >= NOTE_EVERY_MS) await inSchool(db, row.school_id, tx => noteKeyUsed(tx, row.key_id, nowMs()))
    return {
      userId: row.user_id,
      sessionId: row.key_id,
      role: row.role,
      grants: row.grants,
      email: row.email,
      displayName: row.display_name,
      school: await schoolOfRow(row, schoolWanted),
      tokenExpiresAtMs: row.expires_at.getTime(),
      scopes: row.scopes,
      factorMissing: false,
    }
  }

  const schoolOfRow = async (
    row: Pick<SessionRow, 'school_id' | 'school_name' | 'tenant' | 'time_zone'>,
    wanted?: string,
  ): Promise<School | null> =>
    row.school_id === null
      ? chosenSchool(db, wanted)
      : { id: row.school_id, name: row.school_name!, tenant: row.tenant!, timeZone: row.time_zone! }

  const person = async (token: string, schoolWanted?: string): Promise<Person | null> => {
    if (ACCESS_KEY.test(token)) return byKey(token, schoolWanted)
    const claims = await tokens.verify(token)
    if (claims === null) return null
    const row = await findSession(db, claims.sid)
    if (row === undefined || row.user_id !== claims.sub || !row.active) return null
    if (row.ended_at !== null || row.expires_at.getTime() <= nowMs()) return null
    // A changed role or school is another person: the token is from before.
    if (row.role !== claims.role || row.school_id !== claims.school) return null
    return {
      userId: row.user_id,
      sessionId: row.session_id,
      role: row.role,
      grants: row.grants,
      email: row.email,
      displayName: row.display_name,
      school: await schoolOfRow(row, schoolWanted),
      tokenExpiresAtMs: claims.exp * 1000,
      scopes: null,
      factorMissing: row.factor_missing,
    }
  }

  const watcher = (who: Person | null): Watcher | null => {
    if (who === null || who.school === null || who.factorMissing) return null
    const { userId, role, school, sessionId, tokenExpiresAtMs } = who
    return {
      userId,
      schoolId: school.id,
      tenant: school.tenant,
      role,
      endsWith: sessionId,
      expiresAtMs: tokenExpiresAtMs,
    }
  }

  return {
    person,
    authenticateToken: async (token, schoolWanted) =>
      ACCESS_KEY.test(token) ? null : watcher(await person(token, schoolWanted)),
    async authenticateKey(key) {
      if (!ACCESS_KEY.test(key)) return null
      const who = await byKey(key)
      return who?.scopes?.includes('feed:read') ? watcher(who) : null
    },
  }
}

/** What somebody may at this moment: by role, grant, and where a key speaks for them by its scopes. */
export function mayNow(
  { role, grants, scopes }: Pick<Person, 'role' | 'grants' | 'scopes'>,
  operation: Operation,
): boolean {
  return may(role, operation, grants) && (scopes === null || scopes.includes(operation))
}

/** A super_admin has no school: the one named, or where there is one only, that. */
export async function chosenSchool(db: Db, wanted?: string): Promise<School | null> {
  const schools = await findSchools(db)
  const chosen =
    wanted === undefined
      ? schools.length === 1
        ? schools[0]
        : undefined
      : schools.find(({ tenant }) => tenant === wanted)
  return chosen === undefined ? null : schoolOf(chosen)
}

function schoolOf({ id, name, tenant, time_zone }: SchoolRow): School {
  return { id, name, tenant, timeZone: time_zone }
}
