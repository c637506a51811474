import type { DayHours, HoursWindow } from '@gatehouse/shared/list/policy.ts'
import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import type { Generated } from 'kysely'
import type { Json, JsonOrNull } from '../db/column-types.ts'

export type AccessLevelTables = {
  readonly groups: { school_id: string; number: number; name: string; version: Generated<number> }
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
}
