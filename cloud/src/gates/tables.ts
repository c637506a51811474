import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedInt8, Int8, Json, JsonOrNull, Jwk } from '../db/column-types.ts'

export type GateTables = {
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
}
