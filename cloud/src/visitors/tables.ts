import type { Generated } from 'kysely'

export type VisitorTables = {
  readonly visitors: {
    id: string
    school_id: string
    first_name: string
    last_name: string
    organisation: string | null
    sealed_contact: string | null
    host_user_id: string
    purpose: string | null
    search_text: string
    created_by: string | null
    version: Generated<number>
    archived_at: Generated<Date | null>
    created_at: Date
    updated_at: Date
  }
  readonly visitor_arrivals: {
    school_id: string
    pass_id: string
    /** `YYYY-MM-DD`, of the school's calendar. */
    day: string
    visitor_id: string
    gate_id: string
    arrived_at: Date
    left_at: Generated<Date | null>
  }
}
