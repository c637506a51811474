import type { BundleJws } from '@gatehouse/shared/list/bundle-jws.ts'
import type { Technology } from '@gatehouse/shared/list/card.ts'
import type { ListHead } from '@gatehouse/shared/list/documents.ts'
import type { DayHours, HoursWindow } from '@gatehouse/shared/list/policy.ts'
import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import type { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import type { Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import type {
  ImportKind,
  ImportOutcome,
  ImportPlan,
  ImportState,
  RowAction,
  Stop,
  UndoOutcome,
} from '@gatehouse/shared/wire/api/imports.ts'
import type { ClaimCheck, InvitationWay } from '@gatehouse/shared/wire/api/invitations.ts'
import type { JobState } from '@gatehouse/shared/wire/api/jobs.ts'
import type { HoldNumbers } from '@gatehouse/shared/wire/api/lists.ts'
import type { Language, MailState } from '@gatehouse/shared/wire/api/mail.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { Grant, Operation, Role } from '@gatehouse/shared/wire/rights.ts'
import type { ColumnType, Generated, Kysely, Selectable, Transaction } from 'kysely'
import type { ApplicationTables } from '../applications/tables.ts'
import type { FileTables } from '../files/tables.ts'
import type { NotificationTables } from '../notifications/tables.ts'
import type { Written } from '../sis/read/open-file.ts'
import type { VisitorTables } from '../visitors/tables.ts'

/** 64-bit integers come out as text on both engines: a number would round the large ones. */
type Int8 = ColumnType<string, number | string, number | string>
type GeneratedInt8 = ColumnType<string, number | string | undefined, number | string>
/** JSON goes in as text and comes out as what it says. */
type Json<Said = unknown> = ColumnType<Said, string, string>
type JsonOrNull<Said = unknown> = ColumnType<Said | null, string | null, string | null>
type EcJwk = { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
type Jwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

export type KeyUse = 'pass' | 'list' | 'policy' | 'ack' | 'command'
export type PassStatus = 'active' | 'suspended' | 'revoked' | 'lost'
export type SignInMethod = 'password' | 'passkey' | 'sign_on'
export type FactorUsed = 'totp' | 'recovery' | 'passkey'
export type OneTimePurpose =
  | 'second_factor'
  | 'password_reset'
  | 'passkey_new'
  | 'passkey_sign_in'
  | 'sign_on'
  | 'setup'
export type StudentStatus = 'active' | 'inactive' | 'graduated' | 'suspended'

/** The tables as `schema.sql` has them. Times are UTC. */
export type Tables = ApplicationTables &
  FileTables &
  NotificationTables &
  VisitorTables & {
    readonly schools: {
      id: string
      name: string
      tenant: string
      time_zone: string
      language: Generated<Language>
      claim_checks: Generated<ClaimCheck[]>
      pass_serial_last: GeneratedInt8
      country: Generated<string | null>
      student_number_pattern: Generated<string | null>
      grace_days_inactive: Generated<number>
      grace_days_graduated: Generated<number>
      version: Generated<number>
      updated_at: Generated<Date>
      deactivated_at: Generated<Date | null>
      created_at: Generated<Date>
    }
    readonly departments: {
      id: string
      school_id: string
      name: string
      version: Generated<number>
      created_at: Date
      updated_at: Date
    }
    readonly data_keys: {
      school_id: string
      number: number
      wrapped: string | null
      created_at: Date
      retired_at: Date | null
    }
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
    readonly signing_keys: {
      school_id: string
      use: KeyUse
      number: number
      kid: string
      public_jwk: Json<Jwk>
      sealed_private: string
      created_at: Generated<Date>
      not_before: Date
      expires: Date
      revoked_at: Date | null
      bundled: Generated<boolean>
    }
    readonly trust_bundles: {
      school_id: string
      version: number
      epoch: number
      jws: Json<BundleJws>
      created_at: Generated<Date>
    }
    readonly scopes: {
      school_id: string
      scope: string
      sealed_card_secret: string
      sealed_totp_secret: Generated<string | null>
    }
    readonly groups: { school_id: string; number: number; name: string; version: Generated<number> }
    readonly gates: {
      id: string
      school_id: string
      short_name: string
      name: string
      scope: string
      public_jwk: JsonOrNull<Jwk>
      broker_secret_hash: string | null
      enrolled_at: Date | null
      created_at: Generated<Date>
    }
    readonly access_points: {
      id: string
      school_id: string
      gate_id: string
      lane: string
      name: string
      direction: 'in' | 'out'
      position: number
    }
    readonly access_point_groups: { school_id: string; access_point_id: string; group_number: number }
    readonly enrolment_codes: {
      id: string
      school_id: string
      gate_id: string
      selector: string
      secret_hash: string
      tries_left: Generated<number>
      expires_at: Date
      used_at: Date | null
      created_at: Generated<Date>
    }
    readonly gate_states: {
      gate_id: string
      school_id: string
      online: Generated<boolean>
      since: Date | null
      state: JsonOrNull
      last_event_at: Date | null
    }
    readonly list_versions: {
      school_id: string
      scope: string
      version: number
      issued_at: Date
      head: Json<Omit<ListHead, 'issuedAtS' | 'expiresS'>>
      policy_jws: string
      delta_hash: string
      delta_jws: string
    }
    readonly list_files: { school_id: string; scope: string; sha256: string; version: number; content: Uint8Array }
    readonly gate_rules: {
      school_id: string
      version: number
      rules: Json<Omit<GateRulesContent, 'profiles' | 'holidays'>>
      changed_by: string | null
      changed_at: Date
    }
    readonly profiles: {
      school_id: string
      number: number
      name: string
      windows: Json<HoursWindow[]>
      on_holidays: Json<DayHours[]>
      version: Generated<number>
    }
    readonly holidays: {
      school_id: string
      /** `2026-12-24` */
      day: string
      name: string
      hours: JsonOrNull<DayHours[]>
      calendar: Generated<string | null>
      version: Generated<number>
    }
    readonly access_levels: {
      id: string
      school_id: string
      name: string
      class: PassClass
      profile: number | null
      archived_at: Generated<Date | null>
      version: Generated<number>
      created_at: Date
    }
    readonly access_level_groups: { school_id: string; level_id: string; group_number: number }
    readonly access_level_defaults: {
      id: string
      school_id: string
      class: PassClass | null
      department_id: string | null
      level_id: string
      version: Generated<number>
    }
    readonly terms: {
      id: string
      school_id: string
      name: string
      kind: 'term' | 'school_year'
      first_day: string
      last_day: string
      external_id: Generated<string | null>
      version: Generated<number>
    }
    readonly pass_validity: {
      school_id: string
      class: PassClass
      ends: 'date' | 'term' | 'school_year' | 'days'
      last_day: string | null
      days: number | null
      renewal_days: number
      reminder_days: number[]
      version: Generated<number>
    }
    readonly list_holds: {
      id: string
      school_id: string
      scope: string
      made_at: Date
      content_hash: string
      held: Json<Readonly<Record<string, readonly [passId: string, measured: string | null]>>>
      rules: JsonOrNull<GateRulesContent>
      numbers: Json<HoldNumbers>
      approved_by: string | null
      approved_at: Date | null
      note: string | null
      closed_at: Date | null
    }
    readonly device_keys: { school_id: string; pass_id: string; point: string; created_at: Generated<Date> }
    readonly students: {
      id: string
      school_id: string
      user_id: string | null
      student_number: string
      first_name: string
      last_name: string
      email: string | null
      department_id: string | null
      status: StudentStatus
      /** `YYYY-MM-DD`. */
      enrolled_on: string | null
      sealed_personal: string | null
      sealed_notes: string | null
      person_index: string | null
      phone_index: string | null
      private_email_index: string | null
      search_text: string
      merged_into: string | null
      version: Generated<number>
      archived_at: Date | null
      created_at: Date
      updated_at: Date
    }
    readonly passes: {
      pass_id: string
      school_id: string
      /** One of the two is the holder. */
      student_id: string | null
      visitor_id: Generated<string | null>
      serial: Int8
      status: PassStatus
      suspended_with_student: Generated<boolean>
      class: PassClass
      not_before: Date
      expires: Date
      groups: number
      profile: Generated<number>
      access_level_id: Generated<string | null>
      generation: Generated<number>
      min_generation: Generated<number>
      dynamic_only: Generated<boolean>
      escort: Generated<boolean>
      renewed_at: Generated<Date | null>
      revoke_at: Date | null
      revoked_at: Date | null
      revoked_by: string | null
      note: string | null
      changed_by: string | null
      created_at: Date
    }
    readonly credentials: {
      id: string
      school_id: string
      pass_id: string
      technology: Technology
      bit_count: number
      sealed_bits: string
      blind_index: string
      ending: string
      created_at: Date
    }
    readonly enrolment_keys: {
      school_id: string
      number: number
      kid: string
      public_jwk: Json<EcJwk>
      sealed_private: string
      created_at: Generated<Date>
    }
    readonly card_offers: {
      school_id: string
      id: string
      gate_id: string
      lane: string
      reader: string
      armed_by: string
      armed_at: Date
      expires_at: Date
      technology: Technology | null
      bit_count: number | null
      sealed_bits: string | null
      offered_at: Date | null
      taken_at: Date | null
    }
    readonly access_events: {
      school_id: string
      gate_id: string
      sequence: Int8
      event_time: Date
      received_at: Generated<Date>
      kind: string
      lane: string | null
      pass_id: string | null
      student_id: string | null
      technology: string | null
      proof: string | null
      ground: string | null
      refusal: string | null
      objection: string | null
      list_version: number
      previous_hash: string
      hash: string
      record: Json
    }
    readonly pass_checks: {
      school_id: string
      id: string
      checked_at: Date
      user_id: string | null
      gate_id: string | null
      lane: string | null
      pass_id: string | null
      code_time: ColumnType<string | null, number | null, number | null>
      proven: boolean
      open: boolean
      refusal: string | null
    }
    readonly gate_configurations: {
      school_id: string
      gate_id: string
      version: number
      document: Json<HardwareConfig>
      made_by: string | null
      made_at: Date
    }
    readonly gate_chains: {
      gate_id: string
      school_id: string
      sequence: GeneratedInt8
      hash: Generated<string>
      updated_at: Generated<Date>
    }
    readonly event_dead_letters: {
      id: string
      school_id: string
      gate_id: string
      sequence: ColumnType<string | null, number | string | null, number | string | null>
      reason: string
      detail: string | null
      raw: string
      received_at: Generated<Date>
    }
    readonly audit_log: {
      id: string
      school_id: string | null
      at: Date
      by_kind: 'user' | 'key' | 'scim' | 'job' | 'command' | 'nobody'
      by_id: string | null
      by_name: string | null
      by_role: string | null
      session_id: string | null
      address: string | null
      request_id: string | null
      action: string
      subject_kind: string | null
      subject_id: string | null
      student_id: string | null
      before: JsonOrNull
      after: JsonOrNull
      note: string | null
      salt: string | null
      content_hash: string
      student_ids: string[] | null
      number: ColumnType<string | null, never, never>
      previous_hash: ColumnType<string | null, never, never>
      hash: ColumnType<string | null, never, never>
    }
    readonly audit_chains: { school_id: string | null; number: Int8; hash: string }
    readonly audit_checkpoints: {
      school_id: string | null
      number: Int8
      hash: string
      rows_gone: Int8
      made_at: Generated<Date>
    }
    readonly retention: {
      school_id: string
      version: Generated<number>
      days: Json<Readonly<Record<string, number>>>
      changed_at: Date
    }
    readonly answers_given: {
      school_id: string | null
      user_id: string
      key: string
      request_hash: string
      begun_at: Date
      committed: Generated<boolean>
      status: number | null
      body: string | null
    }
    readonly erased_numbers: { school_id: string; number_index: string; student_id: string; erased_at: Date }
    readonly jobs: {
      id: string
      school_id: string | null
      kind: string
      title: string
      key: string | null
      body: Json
      state: JobState
      tries: Generated<number>
      done: GeneratedInt8
      total: ColumnType<string | null, number | null, number | null>
      words: string | null
      result: JsonOrNull
      error: string | null
      made_by: string | null
      made_at: Date
      run_after: Date
      give_up_at: Date | null
      started_at: Date | null
      ended_at: Date | null
      cancel_asked_at: Date | null
    }
    readonly invitations: {
      id: string
      school_id: string
      student_id: string
      batch_id: string
      way: InvitationWay
      code_hash: string
      sealed_code: string | null
      tries_left: Generated<number>
      to_address: string | null
      made_by: string | null
      made_at: Date
      expires_at: Date
      claimed_at: Generated<Date | null>
      ended_at: Generated<Date | null>
    }
    readonly scim_links: {
      school_id: string
      user_id: string
      external_id: string | null
      version: Generated<number>
      updated_at: Date
    }
    readonly import_sources: {
      id: string
      school_id: string
      name: string
      oneroster: '1.1' | '1.2'
      base_url: string
      token_url: string
      client_id: string
      sealed_secret: string
      mapping: Json<Mapping>
      stop: Json<Stop>
      cron: string | null
      apply_alone: boolean
      version: Generated<number>
      created_at: Date
      updated_at: Date
    }
    readonly imports: {
      id: string
      school_id: string
      source_id: string | null
      kind: ImportKind
      name: string
      state: ImportState | 'uploading'
      bytes: GeneratedInt8
      written: JsonOrNull<Written>
      headings: ColumnType<readonly string[], string | undefined, string>
      mapping: Json<Mapping>
      stop: Json<Stop>
      plan: JsonOrNull<ImportPlan>
      held: Generated<boolean>
      outcome: JsonOrNull<ImportOutcome>
      undo: JsonOrNull<UndoOutcome>
      problem: string | null
      failed_in: 'planning' | 'applying' | 'undoing' | null
      job_id: string | null
      done: Generated<number>
      total: number | null
      made_by: string | null
      made_by_name: string | null
      made_at: Date
      planned_at: Date | null
      applied_at: Date | null
      undone_at: Date | null
      version: Generated<number>
    }
    readonly import_chunks: { school_id: string; import_id: string; number: number; sealed: string }
    readonly import_rows: {
      school_id: string
      import_id: string
      number: number
      in_file: boolean
      student_number: string | null
      student_id: string | null
      sealed: string | null
      faults: JsonOrNull<readonly { readonly column: string | null; readonly message: string }[]>
      action: RowAction | null
      fields: Generated<string[]>
      status_from: StudentStatus | null
      status_to: StudentStatus | null
      department: string | null
      email: string | null
      status_word: string | null
      version_seen: number | null
      version_after: number | null
      sealed_before: string | null
      outcome: Generated<'planned' | 'done' | 'passed_over'>
      undone: 'restored' | 'archived' | 'kept' | null
    }
    readonly mails: {
      id: string
      school_id: string | null
      job_id: Generated<string | null>
      template: string
      language: Language
      to_address: string
      to_name: string | null
      subject: string
      body: JsonOrNull<{ readonly text: string; readonly html: string }>
      state: MailState
      answer: Generated<string | null>
      made_at: Date
      ended_at: Generated<Date | null>
    }
    readonly outbox: {
      id: GeneratedInt8
      school_id: string | null
      kind: string
      body: Json
      created_at: Generated<Date>
      claimed_until: Date | null
    }
  }

export type Row<Name extends keyof Tables> = Selectable<Tables[Name]>

/** The database, or a transaction on it. Everything in a `*.repo.ts` takes either. */
export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>
