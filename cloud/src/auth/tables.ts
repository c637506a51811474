import type { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import type { Grant, Operation, Role } from '@gatehouse/shared/wire/rights.ts'
import type { Generated, GeneratedAlways } from 'kysely'
import type { GeneratedInt8, Int8, Json, JsonOrNull, Jwk } from '../db/column-types.ts'

export type SignInMethod = 'password' | 'passkey' | 'sign_on'
export type FactorUsed = 'totp' | 'recovery' | 'passkey'
export type OneTimePurpose =
  | 'second_factor'
  | 'password_reset'
  | 'passkey_new'
  | 'passkey_sign_in'
  | 'sign_on'
  | 'setup'

export type AuthTables = {
  readonly users: {
    id: string
    school_id: string | null
    email: string
    display_name: string
    role: Role
    password_hash: string
    active: Generated<boolean>
    grants: Generated<Grant[]>
    version: Generated<number>
    updated_at: Generated<Date>
    deleted_at: Generated<Date | null>
    deactivated_with_school: Generated<boolean>
    /** Null: the school's. */
    language: Generated<Language | null>
    created_at: Generated<Date>
    signed_in_at: Generated<Date | null>
    /** Made by the database of name and address. */
    search_text: GeneratedAlways<string>
  }
  readonly sessions: {
    id: string
    school_id: string | null
    user_id: string
    remember: boolean
    created_at: Date
    used_at: Date
    expires_at: Date
    ended_at: Date | null
    ended_why: string | null
    method: Generated<SignInMethod>
    second_factor: Generated<FactorUsed | null>
    address: Generated<string | null>
    user_agent: Generated<string | null>
    device_hash: Generated<string | null>
  }
  readonly one_time_tokens: {
    hash: string
    school_id: string | null
    user_id: string | null
    purpose: OneTimePurpose
    facts: Json
    tries_left: Generated<number>
    created_at: Date
    expires_at: Date
  }
  readonly totp_factors: {
    user_id: string
    school_id: string | null
    sealed_secret: string
    last_step: GeneratedInt8
    created_at: Date
    confirmed_at: Date | null
  }
  readonly recovery_codes: { user_id: string; school_id: string | null; hash: string; used_at: Date | null }
  readonly passkeys: {
    credential_id: string
    id: string
    school_id: string | null
    user_id: string
    name: string
    public_key: Uint8Array
    counter: Int8
    transports: string[]
    backed_up: boolean
    created_at: Date
    last_used_at: Date | null
  }
  readonly sign_in_rules: {
    school_id: string
    version: Generated<number>
    second_factor_for: Generated<Role[]>
    sign_on: JsonOrNull<SignOn>
    sealed_client_secret: string | null
  }
  readonly sign_on_subjects: { school_id: string; issuer: string; subject: string; user_id: string; created_at: Date }
  readonly refresh_tokens: {
    hash: string
    school_id: string | null
    session_id: string
    created_at: Date
    used_at: Date | null
  }
  readonly access_keys: {
    id: string
    school_id: string | null
    user_id: string
    name: string
    scopes: Generated<Operation[]>
    hash: string
    created_at: Date
    expires_at: Date
    last_used_at: Date | null
  }
  readonly session_keys: { kid: string; public_jwk: Json<Jwk>; sealed_private: string; created_at: Generated<Date> }
  readonly scim_links: {
    school_id: string
    user_id: string
    external_id: string | null
    version: Generated<number>
    updated_at: Date
  }
}
