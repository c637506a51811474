import type { ColumnType, Generated } from 'kysely'
import type { Int8, Json, JsonOrNull } from '../db/column-types.ts'

export type AuditTables = {
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
}
