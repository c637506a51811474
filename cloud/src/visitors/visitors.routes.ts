import type { Result } from '@gatehouse/shared/result.ts'
import {
  beginVisit as beginRoute,
  CONTACT_FIELDS,
  createVisitor,
  endVisit as endRoute,
  getVisitor,
  listVisitors as listRoute,
  listVisitorHosts,
  updateVisitor as updateRoute,
} from '@gatehouse/shared/wire/api/visitors.ts'
import { look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, readsPersonal, type SchoolPerson } from '../http/bind.ts'
import { asked, pagination } from '../http/page.ts'
import type { Vault } from '../keys/vault.ts'
import { findHosts } from './hosts.repo.ts'
import { NOT_YOURS, PROBLEMS } from './problems.ts'
import { visitorInFull, visitorsShown } from './visitor-shown.ts'
import { aboutVisitor, updateVisitor } from './visitors.repo.ts'
import { findVisitor, listVisitors } from './visitors-list.repo.ts'
import { beginVisit, endVisit, receiveVisitor, timesOf, VISIT_OVER } from './visits.repo.ts'

export type VisitorsRoutesNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

/** People who come for a while: entered, let in, and gone again. */
export function visitorsRoutes(routes: Binder, { db, vault, nowMs }: VisitorsRoutesNeeds): void {
  const showing = (who: SchoolPerson) => ({ vault, who, nowMs: nowMs() })
  const here = (who: SchoolPerson) => ({ nowMs: nowMs(), schoolId: who.school.id })

  const change = (
    who: SchoolPerson,
    visitorId: string,
    work: (tx: Tx) => Promise<Result<unknown, keyof typeof PROBLEMS>>,
  ) =>
    inSchool(db, who.school.id, async tx => {
      const done = await work(tx)
      return done.ok ? { data: await inFull(tx, who, visitorId) } : { problem: PROBLEMS[done.failure] }
    })

  const inFull = async (tx: Tx, who: SchoolPerson, visitorId: string) =>
    visitorInFull(tx, showing(who), (await findVisitor(tx, visitorId))!)

  routes.inSchool(listRoute, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const { rows, total } = await listVisitors(tx, query, here(who))
      await look(tx, actorOf(who, nowMs()), {
        action: 'visitor.list',
        studentIds: rows.map(({ id }) => id),
        after: { ...asked(query), shown: rows.length },
      })
      return { data: await visitorsShown(tx, showing(who), rows), pagination: pagination(query, total) }
    }),
  )

  routes.inSchool(getVisitor, ({ params: { visitorId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findVisitor(tx, visitorId)
      if (row === undefined) return { problem: PROBLEMS.no_such_visitor }
      await look(tx, actorOf(who, nowMs()), { action: 'visitor.read', ...aboutVisitor(visitorId) })
      return { data: await visitorInFull(tx, showing(who), row) }
    }),
  )

  routes.inSchool(createVisitor, ({ body: { from, until, levelId, escort, ...fields }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const person = { ...fields, hostUserId: fields.hostUserId ?? who.userId }
      const visit = { ...timesOf({ from, until }), levelId, escort }
      const made = await receiveVisitor(tx, vault, actorOf(who, nowMs()), { person, visit })
      return made.ok ? { data: await inFull(tx, who, made.value) } : { problem: PROBLEMS[made.failure] }
    }),
  )

  routes.inSchool(updateRoute, ({ params: { visitorId }, body, ifMatch, who }) => {
    if (!readsPersonal(who) && CONTACT_FIELDS.some(field => body[field] !== undefined)) {
      return Promise.resolve({ problem: NOT_YOURS })
    }
    return change(who, visitorId, tx => updateVisitor(tx, vault, actorOf(who, nowMs()), visitorId, body, ifMatch))
  })

  routes.inSchool(beginRoute, ({ params: { visitorId }, body: { from, until, ...visit }, who }) =>
    change(who, visitorId, tx =>
      beginVisit(tx, actorOf(who, nowMs()), { ...visit, visitorId, ...timesOf({ from, until }) }),
    ),
  )

  routes.inSchool(endRoute, ({ params: { visitorId }, body: { note = VISIT_OVER }, who }) =>
    change(who, visitorId, tx => endVisit(tx, actorOf(who, nowMs()), { visitorId, note })),
  )

  routes.inSchool(listVisitorHosts, ({ query: { search }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const hosts = await findHosts(tx, search)
      return { data: hosts.map(({ id, display_name }) => ({ userId: id, name: display_name })) }
    }),
  )
}
