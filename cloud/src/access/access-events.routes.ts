import { listAccessEvents } from '@gatehouse/shared/wire/api/access-events.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { asked } from '../http/page.ts'
import { lineOf, listEvents } from './access-events.repo.ts'
import { cursorText, readCursor, WRONG_CURSOR } from './cursor.ts'

export type AccessEventsRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

/** Guards look into what just happened, not into months of somebody's comings and goings. */
const SECURITY_BACK_MS = 30 * 86_400_000

export function accessEventsRoutes(routes: Binder, { db, nowMs }: AccessEventsRoutesNeeds): void {
  routes.inSchool(listAccessEvents, async ({ query, who }) => {
    const { cursor, limit, from, to, ...filters } = query
    const after = cursor === undefined ? null : readCursor(cursor)
    if (cursor !== undefined && after === null) return { problem: WRONG_CURSOR }

    const rows = await inSchool(db, who.school.id, async tx => {
      const events = await listEvents(tx, {
        ...filters,
        after,
        limit: limit + 1,
        from: earliestFor(who.role, from, nowMs()),
        to: to === undefined ? undefined : new Date(to),
      })
      const people = events.slice(0, limit).flatMap(({ student_id }) => student_id ?? [])
      await look(tx, actorOf(who, nowMs()), {
        action: 'event.list',
        // Asked for one person, it is a look at that person's comings and goings, whatever was found.
        ...(filters.studentId === undefined ? { studentIds: [...new Set(people)] } : { studentId: filters.studentId }),
        after: asked({ ...filters, from, to }),
      })
      return events
    })
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const nextCursor =
      rows.length > limit && last !== undefined
        ? cursorText({ atMs: last.event_time.getTime(), gateId: last.gate_id, sequence: last.sequence })
        : null
    return { data: page.map(lineOf), nextCursor }
  })
}

/** From when on this role may see, and wants to; undefined: from the beginning. */
export function earliestFor(role: Role, from: string | undefined, nowMs: number): Date | undefined {
  const earliest = role === 'security' ? nowMs - SECURITY_BACK_MS : 0
  const since = Math.max(earliest, from === undefined ? 0 : Date.parse(from))
  return since === 0 ? undefined : new Date(since)
}
