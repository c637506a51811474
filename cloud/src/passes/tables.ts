import type { Technology } from '@gatehouse/shared/list/card.ts'
import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import type { ColumnType, Generated } from 'kysely'
import type { Int8 } from '../db/column-types.ts'

export type PassStatus = 'active' | 'suspended' | 'revoked' | 'lost'

export type PassTables = {
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
  readonly device_keys: { school_id: string; pass_id: string; point: string; created_at: Generated<Date> }
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
}
