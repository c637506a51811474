import { auditProof, listAudit as listRoute, myAudit } from '@gatehouse/shared/wire/api/audit.ts'
import { WRONG_CURSOR } from '../access/cursor.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { cursorText, readCursor } from '../passes/check-cursor.ts'
import { auditRowOf, listAudit, listLooks, lookOf, studentOfUser } from './audit.repo.ts'
import { look } from './audit.ts'
import { proveAudit } from './proof.ts'

export type AuditRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

/** The log that people read. Reading it is in it too. */
export function auditRoutes(routes: Binder, { db, nowMs }: AuditRoutesNeeds): void {
  routes.inSchool(listRoute, async ({ query: { cursor, ...query }, who }) => {
    const after = cursor === undefined ? null : readCursor(cursor)
    if (cursor !== undefined && after === null) return { problem: WRONG_CURSOR }
    return inSchool(db, who.school.id, async tx => {
      const rows = await listAudit(tx, { ...query, after, limit: query.limit + 1 })
      const { limit: _limit, studentId, ...filter } = query
      await look(tx, actorOf(who, nowMs()), {
        action: 'audit.read',
        studentId: studentId ?? null,
        after: JSON.parse(JSON.stringify(filter)),
      })
      return paged(rows, query.limit, auditRowOf)
    })
  })

  routes.inSchool(auditProof, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const [number, hash] = query.expect?.split(':') ?? []
      const proof = await proveAudit(tx, hash === undefined ? null : { number: Number(number), hash })
      await look(tx, actorOf(who, nowMs()), { action: 'audit.verify', after: { holds: proof.holds } })
      return { data: proof }
    }),
  )

  routes.inSchool(myAudit, async ({ query: { cursor, limit }, who }) => {
    const after = cursor === undefined ? null : readCursor(cursor)
    if (cursor !== undefined && after === null) return { problem: WRONG_CURSOR }
    return inSchool(db, who.school.id, async tx => {
      const studentId = await studentOfUser(tx, who.userId)
      if (studentId === null) return { data: [], nextCursor: null }
      const rows = await listLooks(tx, { studentId, userId: who.userId, after, limit: limit + 1 })
      return paged(rows, limit, lookOf)
    })
  })
}

function paged<Shown, AuditLogRow extends { readonly at: Date; readonly id: string }>(
  rows: readonly AuditLogRow[],
  limit: number,
  shown: (row: AuditLogRow) => Shown,
) {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const nextCursor =
    rows.length > limit && last !== undefined ? cursorText({ atMs: last.at.getTime(), id: last.id }) : null
  return { data: page.map(shown), nextCursor }
}
