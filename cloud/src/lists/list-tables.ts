import type { ListHead } from '@gatehouse/shared/list/documents.ts'
import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import type { HoldNumbers } from '@gatehouse/shared/wire/api/lists.ts'
import type { Generated } from 'kysely'
import type { Json, JsonOrNull } from '../db/column-types.ts'

export type ListTables = {
  readonly scopes: {
    school_id: string
    scope: string
    sealed_card_secret: string
    sealed_totp_secret: Generated<string | null>
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
}
