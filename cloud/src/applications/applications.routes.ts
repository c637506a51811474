import {
  askDocuments as askRoute,
  assignApplication,
  commentApplication,
  decideApplication,
  decideApplications,
  getApplication,
  getApplicationForm,
  listApplications,
  nextApplication,
  putApplicationForm,
  recheckApplication,
} from '@gatehouse/shared/wire/api/applications.ts'
import { look } from '../audit/audit.ts'
import { nothingChanged } from '../audit/noted.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, readsPersonal, type SchoolPerson } from '../http/bind.ts'
import { asked, pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import { decideEach } from './decide-each.ts'
import { newestForm, putForm } from './forms.repo.ts'
import { mistaken, PROBLEMS } from './problems.ts'
import { findQueued, listQueue } from './queue.repo.ts'
import { askDocuments, assign, comment, decide, takeNext } from './review.repo.ts'
import { recheck } from './run-check.ts'
import { inFull, rowOf } from './shown.ts'

export type ApplicationsNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Jobs
  readonly nowMs: () => number
}

/** What reviewers do with applications, and the school's form. */
export function applicationsRoutes(routes: Binder, { db, vault, jobs, nowMs }: ApplicationsNeeds): void {
  const reviewed = async (
    tx: Tx,
    who: SchoolPerson,
    id: string,
    done: { readonly ok: true } | { readonly ok: false; readonly failure: keyof typeof PROBLEMS },
  ) => {
    if (!done.ok) return { problem: PROBLEMS[done.failure] as Problem }
    return { data: await inFull(tx, vault, (await findQueued(tx, id))!, viewOf(who, (await findQueued(tx, id))!)) }
  }
  const viewOf = (who: SchoolPerson, row: { readonly applicant_user: string | null }) => ({
    personal: readsPersonal(who),
    own: row.applicant_user === who.userId,
    nowMs: nowMs(),
  })

  routes.inSchool(getApplicationForm, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: await newestForm(tx) })),
  )

  routes.inSchool(putApplicationForm, ({ body, who, ifMatch }) =>
    inSchool(db, who.school.id, async tx => {
      const put = await putForm(tx, actorOf(who, nowMs()), body, ifMatch)
      if ('mistakes' in put) return { problem: mistaken(put.mistakes) }
      return put.ok ? { data: put.value } : { problem: PROBLEMS[put.failure] }
    }),
  )

  routes.inSchool(listApplications, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const now = nowMs()
      const { rows, total } = await listQueue(tx, { ...query, me: who.userId, nowMs: now })
      await look(tx, actorOf(who, now), {
        action: 'application.list',
        studentIds: rows.map(({ student_id }) => student_id),
        after: { ...asked(query), shown: rows.length },
      })
      return { data: rows.map(row => rowOf(row, now)), pagination: pagination(query, total) }
    }),
  )

  routes.inSchool(nextApplication, ({ who }) =>
    inSchool(db, who.school.id, async tx => {
      const applicationId = await takeNext(tx, actorOf(who, nowMs()))
      if (applicationId === null) nothingChanged()
      return { data: { applicationId } }
    }),
  )

  routes.inSchool(decideApplications, async ({ body, who }) => ({
    data: await decideEach(
      work => inSchool(db, who.school.id, work),
      () => actorOf(who, nowMs()),
      body,
    ),
  }))

  routes.inSchool(getApplication, ({ params: { applicationId: id }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findQueued(tx, id)
      if (row === undefined) return { problem: PROBLEMS.no_such_application }
      const data = await inFull(tx, vault, row, viewOf(who, row))
      await look(tx, actorOf(who, nowMs()), {
        action: 'application.read',
        subject: { kind: 'application', id },
        studentId: row.student_id,
        after: { masked: data.masked },
      })
      return { data }
    }),
  )

  routes.inSchool(commentApplication, ({ params: { applicationId: id }, body, who }) =>
    inSchool(db, who.school.id, async tx =>
      reviewed(tx, who, id, await comment(tx, actorOf(who, nowMs()), { id, ...body })),
    ),
  )

  routes.inSchool(assignApplication, ({ params: { applicationId: id }, body: { userId }, who, ifMatch }) =>
    inSchool(db, who.school.id, async tx =>
      reviewed(tx, who, id, await assign(tx, actorOf(who, nowMs()), { id, userId, ifVersion: ifMatch })),
    ),
  )

  routes.inSchool(recheckApplication, ({ params: { applicationId: id }, body: { checks }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const asked = await recheck(tx, jobs, actorOf(who, nowMs()), { id, checks })
      return asked.ok ? { data: { jobIds: asked.value } } : { problem: PROBLEMS[asked.failure] }
    }),
  )

  routes.inSchool(askRoute, ({ params: { applicationId: id }, body: { reason }, who, ifMatch }) =>
    inSchool(db, who.school.id, async tx =>
      reviewed(tx, who, id, await askDocuments(tx, actorOf(who, nowMs()), { id, reason, ifVersion: ifMatch })),
    ),
  )

  routes.inSchool(decideApplication, ({ params: { applicationId: id }, body, who, ifMatch }) =>
    inSchool(db, who.school.id, async tx =>
      reviewed(tx, who, id, await decide(tx, actorOf(who, nowMs()), { id, ...body, ifVersion: ifMatch })),
    ),
  )
}
