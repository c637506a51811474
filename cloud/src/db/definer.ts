import type { Grant, Operation, Role } from '@gatehouse/shared/wire/rights.ts'
import { sql } from 'kysely'
import type { OneTimePurpose } from '../auth/tables.ts'
import type { Db, Tx } from './tables.ts'

/**
 * Everything that may look across schools, and nothing else may: functions of the database that answer one question
 * each. They belong to a role that cannot log in.
 */
export const DEFINERS = [
  'audit_erase',
  'audit_forget',
  'audit_seal',
  'audit_thin',
  'count_jobs',
  'events_forget',
  'events_unlink',
  'find_access_key',
  'find_enrolment_code',
  'find_gate',
  'find_invitation',
  'find_logins',
  'find_one_time_token',
  'find_passkey',
  'find_refresh',
  'find_schools',
  'find_session',
  'find_sign_ons',
  'knows_place',
  'outbox_claim',
  'outbox_done',
  'school_of_sms',
  'search_students',
  'search_users',
  'survey_schools',
] as const

export type SchoolRow = {
  readonly id: string
  readonly name: string
  readonly tenant: string
  readonly time_zone: string
}

export type LoginRow = {
  readonly user_id: string
  readonly school_id: string | null
  readonly password_hash: string
  readonly active: boolean
  readonly role: Role
  readonly email: string
  readonly display_name: string
}

export type SessionRow = {
  readonly session_id: string
  readonly user_id: string
  readonly school_id: string | null
  readonly role: Role
  readonly grants: Grant[]
  readonly active: boolean
  readonly email: string
  readonly display_name: string
  readonly ended_at: Date | null
  readonly expires_at: Date
  readonly school_name: string | null
  readonly tenant: string | null
  readonly time_zone: string | null
  /** The school asks this role for a second factor, this session began with a password, and the person has none. */
  readonly factor_missing: boolean
}

export type AccessKeyRow = {
  readonly key_id: string
  readonly user_id: string
  readonly school_id: string | null
  readonly role: Role
  readonly grants: Grant[]
  readonly active: boolean
  readonly email: string
  readonly display_name: string
  readonly scopes: Operation[]
  readonly expires_at: Date
  readonly last_used_at: Date | null
  readonly school_name: string | null
  readonly tenant: string | null
  readonly time_zone: string | null
}

export type FoundGate = {
  readonly gate_id: string
  readonly school_id: string
  readonly tenant: string
  readonly scope: string
  readonly short_name: string
  readonly name: string
  readonly time_zone: string
  readonly public_jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string } | null
  /** SHA-256 in hexadecimal of the broker secret; null before enrolment. */
  readonly broker_secret_hash: string | null
}

/** People with this e-mail, in whichever school. */
export async function findLogins(db: Db, email: string): Promise<LoginRow[]> {
  return (await sql<LoginRow>`select * from find_logins(${email})`.execute(db)).rows
}

export async function findSchools(db: Db): Promise<SchoolRow[]> {
  return (await sql<SchoolRow>`select * from find_schools()`.execute(db)).rows
}

export async function findSession(db: Db, sessionId: string): Promise<SessionRow | undefined> {
  return (await sql<SessionRow>`select * from find_session(${sessionId}::uuid)`.execute(db)).rows[0]
}

export async function findRefresh(
  db: Db,
  hash: string,
): Promise<{ session_id: string; school_id: string | null } | undefined> {
  const found = await sql<{
    session_id: string
    school_id: string | null
  }>`select * from find_refresh(${hash})`.execute(db)
  return found.rows[0]
}

export async function findAccessKey(db: Db, hash: string): Promise<AccessKeyRow | undefined> {
  return (await sql<AccessKeyRow>`select * from find_access_key(${hash})`.execute(db)).rows[0]
}

/** By what somebody with this e-mail was here before: the browser, or the address. `deviceHash` null: it has no cookie of ours. */
export async function knowsPlace(
  db: Db,
  email: string,
  { address, deviceHash }: { readonly address: string; readonly deviceHash: string | null },
): Promise<'device' | 'address' | null> {
  const said = await sql<{ known: 'device' | 'address' | null }>`
    select knows_place(${email}, ${address}, ${deviceHash}) as known`.execute(db)
  return said.rows[0]!.known
}

export async function findOneTimeToken(
  db: Db,
  hash: string,
): Promise<{ school_id: string | null; user_id: string | null; purpose: OneTimePurpose } | undefined> {
  const found = await sql<{ school_id: string | null; user_id: string | null; purpose: OneTimePurpose }>`
    select * from find_one_time_token(${hash})`.execute(db)
  return found.rows[0]
}

export async function findPasskey(
  db: Db,
  credentialId: string,
): Promise<{ school_id: string | null; user_id: string } | undefined> {
  const found = await sql<{ school_id: string | null; user_id: string }>`
    select * from find_passkey(${credentialId})`.execute(db)
  return found.rows[0]
}

/** Schools that have a sign-on of their own. */
export async function findSignOns(db: Db): Promise<{ tenant: string; name: string }[]> {
  return (await sql<{ tenant: string; name: string }>`select * from find_sign_ons()`.execute(db)).rows
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A gate by its id, in whichever school. */
export async function findGate(db: Db, gateId: string): Promise<FoundGate | undefined> {
  if (!UUID.test(gateId)) return undefined
  return (await sql<FoundGate>`select * from find_gate(${gateId}::uuid)`.execute(db)).rows[0]
}

export async function findEnrolmentCode(
  db: Db,
  selector: string,
): Promise<{ code_id: string; school_id: string; gate_id: string } | undefined> {
  const found = await sql<{ code_id: string; school_id: string; gate_id: string }>`
    select * from find_enrolment_code(${selector})`.execute(db)
  return found.rows[0]
}

export type SurveyedSchool = SchoolRow & {
  readonly country: string | null
  readonly deactivated_at: Date | null
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

/** Schools with what is said of them to a super_admin, by name. */
export async function surveySchools(
  db: Db | Tx,
  { search, limit, offset }: { readonly search: string; readonly limit: number; readonly offset: number },
): Promise<{ rows: SurveyedSchool[]; total: number }> {
  const fits = sql`(strpos(lower(name), lower(${search})) > 0 or strpos(tenant, lower(${search})) > 0)`
  const { rows } = await sql<SurveyedSchool>`select * from survey_schools() where ${fits}
    order by lower(name), id limit ${limit} offset ${offset}`.execute(db)
  const counted = await sql<{
    total: number
  }>`select count(*)::int as total from survey_schools() where ${fits}`.execute(db)
  return { rows, total: counted.rows[0]!.total }
}

/** Whose code this is, in whichever school. */
export async function findInvitation(
  db: Db,
  codeHash: string,
): Promise<{ invitation_id: string; school_id: string } | undefined> {
  const found = await sql<{ invitation_id: string; school_id: string }>`
    select * from find_invitation(${codeHash})`.execute(db)
  return found.rows[0]
}
