import { getMyLanguage, myProfile, setMyLanguage } from '@gatehouse/shared/wire/api/my.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Binder } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'

const NO_STUDENT: Problem = {
  status: 404,
  code: 'not_found',
  message: 'No student of the school belongs to this account. Ask the school’s administration.',
}

/** What a person sees and sets of themselves. */
export function profileRoutes(routes: Binder, { db, nowMs }: { readonly db: Db; readonly nowMs: () => number }): void {
  routes.inSchool(myProfile, ({ who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await tx
        .selectFrom('students')
        .leftJoin('departments', join =>
          join
            .onRef('departments.school_id', '=', 'students.school_id')
            .onRef('departments.id', '=', 'students.department_id'),
        )
        .innerJoin('schools', 'schools.id', 'students.school_id')
        .where('students.user_id', '=', who.userId)
        .where('students.archived_at', 'is', null)
        .select(['student_number', 'first_name', 'last_name', 'email', 'status'])
        .select(['departments.name as department', 'schools.name as school'])
        .executeTakeFirst()
      if (row === undefined) return { problem: NO_STUDENT }
      return {
        data: {
          studentNumber: row.student_number,
          firstName: row.first_name,
          lastName: row.last_name,
          email: row.email,
          department: row.department,
          status: row.status,
          schoolName: row.school,
        },
      }
    }),
  )

  // A super_admin is no user of the school they look at.
  const homeOf = (who: { readonly role: string; readonly school: { readonly id: string } | null }) =>
    who.role === 'super_admin' ? null : (who.school?.id ?? null)

  routes.own(getMyLanguage, async ({ who }) => ({
    data: { language: await inSchool(db, homeOf(who), tx => languageOf(tx, who.userId)) },
  }))

  routes.own(setMyLanguage, ({ body: { language }, who }) =>
    inSchool(db, homeOf(who), async tx => {
      const before = await languageOf(tx, who.userId)
      await tx.updateTable('users').set({ language }).where('id', '=', who.userId).execute()
      if (before !== language) {
        const auditor = { schoolId: homeOf(who), nowMs: nowMs(), by: who.by }
        const subject = { kind: 'user', id: who.userId }
        await audit(tx, auditor, { action: 'user.update', subject, before: { language: before }, after: { language } })
      }
      return { data: { language } }
    }),
  )
}

async function languageOf(tx: Tx, userId: string) {
  const { language } = await tx
    .selectFrom('users')
    .select('language')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  return language
}
