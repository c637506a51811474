import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import type { ClaimCheck } from '@gatehouse/shared/wire/api/invitations.ts'
import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import type { Generated } from 'kysely'
import type { GeneratedInt8 } from '../db/column-types.ts'

export type SchoolTables = {
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
}
