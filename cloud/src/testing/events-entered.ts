import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { createGate } from '../gates/gates.repo.ts'

/** A gate with one way in. Answers its id. */
export function enterGate(database: Database, schoolId: string, shortName: string): Promise<string> {
  return inSchool(database.db, schoolId, async tx => {
    const actor = { schoolId, userId: null, nowMs: Date.now() }
    const accessPoints = [{ lane: 'in', name: 'In', direction: 'in', groups: [3] } as const]
    const made = await createGate(tx, actor, { name: `Gate ${shortName}`, shortName, accessPoints })
    if (!made.ok) throw new Error(made.failure)
    return made.value
  })
}

let sequence = 0

/** One event, as ingest leaves it: times in ms. */
export function enterEvent(
  database: Database,
  schoolId: string,
  told: {
    readonly gateId: string
    readonly kind: 'granted' | 'refused'
    readonly atMs: number
    readonly lagMs?: number
    readonly studentId?: string
  },
): Promise<void> {
  return inSchool(database.db, schoolId, async tx => {
    await tx
      .insertInto('access_events')
      .values({
        school_id: schoolId,
        gate_id: told.gateId,
        sequence: String(++sequence),
        event_time: new Date(told.atMs),
        received_at: new Date(told.atMs + (told.lagMs ?? 0)),
        kind: told.kind,
        lane: 'in',
        pass_id: null,
        student_id: told.studentId ?? null,
        technology: null,
        proof: null,
        ground: null,
        refusal: told.kind === 'refused' ? 'expired' : null,
        objection: null,
        list_version: 1,
        previous_hash: '',
        hash: String(sequence),
        record: '{}',
      })
      .execute()
  })
}
