import {
  beginApplication as beginRoute,
  getMyApplication,
  listMyApplications,
  reopenMyApplication,
  saveMyApplication,
  submitMyApplication,
  withdrawMyApplication,
} from '@gatehouse/shared/wire/api/applications.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { ApplicationsNeeds } from './applications.routes.ts'
import type { Application } from './move.repo.ts'
import { type Applicant, applicantOf, beginApplication, saveAnswers, submit, turnOwn } from './my-applications.repo.ts'
import { mistaken, PROBLEMS } from './problems.ts'
import { briefly, mineInFull } from './shown.ts'

/** So many are shown; more than anybody begins. */
const SHOWN_MAX = 100

type Done =
  | { readonly ok: true; readonly value: Application }
  | { readonly ok: false; readonly failure: keyof typeof PROBLEMS }
  | { readonly mistakes: Parameters<typeof mistaken>[0] }

/** What somebody does with applications of their own. */
export function myApplicationsRoutes(routes: Binder, { db, vault, jobs, nowMs }: ApplicationsNeeds): void {
  const asApplicant = <Answer>(
    who: SchoolPerson,
    work: (tx: Tx, applicant: Applicant) => Promise<Answer>,
  ): Promise<Answer | { problem: Problem }> =>
    inSchool(db, who.school.id, async tx => {
      const applicant = await applicantOf(tx, who.userId)
      return applicant === undefined ? { problem: PROBLEMS.no_student } : work(tx, applicant)
    })
  const answered = async (tx: Tx, done: Done) => {
    if ('mistakes' in done) return { problem: mistaken(done.mistakes) }
    return done.ok ? { data: await mineInFull(tx, vault, done.value) } : { problem: PROBLEMS[done.failure] as Problem }
  }

  routes.inSchool(listMyApplications, ({ who }) =>
    asApplicant(who, async (tx, { id }) => {
      const rows = tx.selectFrom('applications').selectAll().where('student_id', '=', id)
      return { data: (await rows.orderBy('begun_at', 'desc').limit(SHOWN_MAX).execute()).map(briefly) }
    }),
  )

  routes.inSchool(beginRoute, ({ who }) =>
    asApplicant(who, async (tx, applicant) =>
      answered(tx, await beginApplication(tx, actorOf(who, nowMs()), applicant)),
    ),
  )

  routes.inSchool(getMyApplication, ({ params: { applicationId }, who }) =>
    asApplicant(who, async (tx, { id }) => {
      const row = await tx
        .selectFrom('applications')
        .selectAll()
        .where('id', '=', applicationId)
        .where('student_id', '=', id)
        .executeTakeFirst()
      return row === undefined ? { problem: PROBLEMS.no_such_application } : { data: await mineInFull(tx, vault, row) }
    }),
  )

  routes.inSchool(saveMyApplication, ({ params: { applicationId: id }, body: { answers: change }, who, ifMatch }) =>
    asApplicant(who, async (tx, applicant) =>
      answered(tx, await saveAnswers(tx, vault, actorOf(who, nowMs()), applicant, { id, change, ifVersion: ifMatch })),
    ),
  )

  routes.inSchool(submitMyApplication, ({ params: { applicationId: id }, who, ifMatch }) =>
    asApplicant(who, async (tx, applicant) =>
      answered(tx, await submit(tx, { vault, jobs }, actorOf(who, nowMs()), applicant, { id, ifVersion: ifMatch })),
    ),
  )

  for (const [route, event] of [
    [withdrawMyApplication, 'withdraw'],
    [reopenMyApplication, 'reopen'],
  ] as const) {
    routes.inSchool(route, ({ params: { applicationId: id }, who, ifMatch }) =>
      asApplicant(who, async (tx, applicant) =>
        answered(tx, await turnOwn(tx, actorOf(who, nowMs()), applicant, { id, event, ifVersion: ifMatch })),
      ),
    )
  }
}
