import type { InvitationWay } from '@gatehouse/shared/wire/api/invitations.ts'
import type { Generated } from 'kysely'

export type StudentStatus = 'active' | 'inactive' | 'graduated' | 'suspended'

export type StudentTables = {
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
}
