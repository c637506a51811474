import {
  AT_ONCE_MAX,
  changeStatus as changeRoute,
  listDuplicates as duplicatesRoute,
  mergeStudents as mergeRoute,
  previewMerge as previewMergeRoute,
  previewStatus as previewRoute,
  studentHistory,
  userHistory,
} from '@gatehouse/shared/wire/api/students-many.ts'
import { may } from '@gatehouse/shared/wire/rights.ts'
import { look } from '../audit/audit.ts'
import { readHistory } from '../audit/history.repo.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import { NOT_ALLOWED, type Problem } from '../http/problem.ts'
import { listDuplicates } from './duplicates.repo.ts'
import { mergeStudents, previewMerge } from './merge-students.ts'
import { searchedIndexes } from './searched-indexes.ts'
import { inFull } from './student-shown.ts'
import { STUDENT_PROBLEMS, type StudentsRoutesNeeds } from './students.routes.ts'
import { changeStatus, previewStatus, type StatusChange } from './students-many.repo.ts'

const NOBODY: Problem = { status: 404, code: 'not_found', message: 'There is nobody with that id.' }

const PROBLEMS = {
  ...STUDENT_PROBLEMS,
  too_many: {
    status: 422,
    code: 'validation_failed',
    message: `Those are more than ${AT_ONCE_MAX} students. Narrow the filter, or import them.`,
    details: [{ path: 'filter', message: `must mean ${AT_ONCE_MAX} students at most` }],
  },
  changed_meanwhile: {
    status: 409,
    code: 'changed_meanwhile',
    message: 'It is others or more by now than you were shown, and nothing was done. Look again.',
  },
  same_student: {
    status: 422,
    code: 'validation_failed',
    message: 'That is the same student twice.',
    details: [{ path: 'otherId', message: 'must be another student' }],
  },
  two_accounts: {
    status: 409,
    code: 'two_accounts',
    message: 'Both can sign in. Delete the account that is not used any more, then merge.',
  },
  two_applications: {
    status: 409,
    code: 'two_applications',
    message: 'Both have an application that is not decided. Decide one, or have one withdrawn, then merge.',
  },
  no_cursor: {
    status: 422,
    code: 'validation_failed',
    message: 'That cursor is none of ours. Begin without one.',
    details: [{ path: 'cursor', message: 'must be a cursor of an earlier answer' }],
  },
} satisfies Record<string, Problem>

export function studentsManyRoutes(routes: Binder, { db, vault, nowMs }: StudentsRoutesNeeds): void {
  routes.inSchool(previewRoute, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const seen = await previewStatus(tx, actorOf(who, nowMs()), await changeOf(tx, who, body))
      if (!seen.ok) return { problem: PROBLEMS[seen.failure] }
      const { passesEndAt, passes, ...rest } = seen.value
      await look(tx, actorOf(who, nowMs()), {
        action: 'student.list',
        studentIds: [...new Set(passes.map(({ studentId }) => studentId))],
        after: { status: body.status, shown: passes.length },
      })
      return { data: { ...rest, passes: [...passes], passesEndAt: passesEndAt?.toISOString() ?? null } as never }
    }),
  )

  routes.inSchool(changeRoute, ({ body, who }) => {
    if (body.status === 'archived' && !may(who.role, 'student:archive', who.grants)) {
      return Promise.resolve({ problem: NOT_ALLOWED })
    }
    return inSchool(db, who.school.id, async tx => {
      const done = await changeStatus(tx, actorOf(who, nowMs()), await changeOf(tx, who, body), body.seen)
      return done.ok ? { data: done.value as never } : { problem: PROBLEMS[done.failure] }
    })
  })

  /** A search by phone finds here whom it finds in the list, and for nobody else. */
  async function changeOf(
    tx: Tx,
    who: SchoolPerson,
    {
      studentIds,
      filter,
      status,
      passesEndOn,
    }: Parameters<Parameters<typeof routes.inSchool<typeof changeRoute>>[1]>[0]['body'],
  ): Promise<StatusChange> {
    if (studentIds !== undefined) return { which: { studentIds }, status, passesEndOn }
    const indexes = await searchedIndexes(tx, vault, who, filter?.search)
    return { which: { filter: { ...filter, indexes, nowMs: nowMs() } }, status, passesEndOn }
  }

  routes.inSchool(duplicatesRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({
      data: (await listDuplicates(tx)).map(({ because, students }) => ({
        because,
        students: students.map(row => ({
          id: row.id,
          studentNumber: row.student_number,
          firstName: row.first_name,
          lastName: row.last_name,
          passCount: row.pass_count,
          createdAt: row.created_at.toISOString(),
        })),
      })),
    })),
  )

  routes.inSchool(previewMergeRoute, ({ params: { studentId }, body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const seen = await previewMerge(tx, vault, actorOf(who, nowMs()), { studentId, ...body })
      if (!seen.ok) return { problem: PROBLEMS[seen.failure] }
      const subject = { kind: 'student', id: studentId }
      await look(tx, actorOf(who, nowMs()), {
        action: 'student.compare',
        subject,
        studentIds: [studentId, body.otherId],
      })
      return { data: { undoable: false, ...seen.value } as never }
    }),
  )

  routes.inSchool(mergeRoute, ({ params: { studentId }, body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const done = await mergeStudents(tx, vault, actorOf(who, nowMs()), { studentId, ...body })
      return done.ok ? { data: await inFull(tx, vault, who, done.value) } : { problem: PROBLEMS[done.failure] }
    }),
  )

  for (const [route, kind] of [
    [studentHistory, 'student'],
    [userHistory, 'user'],
  ] as const) {
    routes.inSchool(route as typeof studentHistory, ({ params, query, who }) =>
      inSchool(db, who.school.id, async tx => {
        const id = Object.values(params as Record<string, string>)[0]!
        // Also of who is no longer there: that is what a history is for.
        const row = await tx.selectFrom(`${kind}s`).select('id').where('id', '=', id).executeTakeFirst()
        if (row === undefined) return { problem: NOBODY }
        const read = await readHistory(tx, { subject: { kind, id }, ...query })
        if (read === 'no_cursor') return { problem: PROBLEMS.no_cursor }
        const studentId = kind === 'student' ? id : null
        await look(tx, actorOf(who, nowMs()), { action: `${kind}.history`, subject: { kind, id }, studentId })
        return { data: read.entries, nextCursor: read.nextCursor }
      }),
    )
  }
}
