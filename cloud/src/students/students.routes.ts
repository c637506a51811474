import {
  archiveStudent as archiveRoute,
  createStudent as createRoute,
  getStudent,
  listStudents as listRoute,
  PERSONAL_FIELDS,
  updateStudent as updateRoute,
} from '@gatehouse/shared/wire/api/students.ts'
import { look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder, readsPersonal } from '../http/bind.ts'
import { asked, pagination } from '../http/page.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { searchedIndexes } from './searched-indexes.ts'
import { inFull, shown } from './student-shown.ts'
import { archiveStudent, createStudent, type StudentChange, updateStudent } from './students.repo.ts'
import { findStudent, listStudents } from './students-found.repo.ts'

export type StudentsRoutesNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

export const STUDENT_PROBLEMS = {
  no_such_student: { status: 404, code: 'not_found', message: 'There is no student with that id.' },
  number_taken: {
    status: 409,
    code: 'number_taken',
    message: 'Another student has this number.',
    details: [{ path: 'studentNumber', message: 'is another student’s' }],
  },
  email_taken: {
    status: 409,
    code: 'email_taken',
    message: 'Another student has this e-mail address.',
    details: [{ path: 'email', message: 'is another student’s' }],
  },
  number_unlike: {
    status: 422,
    code: 'validation_failed',
    message: 'The student number is not one of this school’s kind. The school’s settings say what they look like.',
    details: [{ path: 'studentNumber', message: 'is not as the school writes its numbers' }],
  },
  phone_unreadable: {
    status: 422,
    code: 'validation_failed',
    message: 'That is no phone number. Write it as in +31 6 12345678, or as people in the school’s country do.',
    details: [{ path: 'phone', message: 'must be a phone number; from another country with + and its code' }],
  },
  birth_in_future: {
    status: 422,
    code: 'validation_failed',
    message: 'The date of birth is in the future.',
    details: [{ path: 'birthDate', message: 'must not be in the future' }],
  },
  no_such_department: {
    status: 422,
    code: 'validation_failed',
    message: 'There is no department with that id. Choose one of the school’s.',
    details: [{ path: 'departmentId', message: 'must be a department of the school' }],
  },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export const NOT_YOURS: Problem = {
  status: 403,
  code: 'not_allowed',
  message: 'You do not see personal data of students, so you cannot change it. Ask an administrator of your school.',
}

export function studentsRoutes(routes: Binder, { db, vault, nowMs }: StudentsRoutesNeeds): void {
  routes.inSchool(listRoute, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const indexes = await searchedIndexes(tx, vault, who, query.search)
      const { rows, total, isCapped } = await listStudents(tx, who.school.id, { ...query, indexes, nowMs: nowMs() })
      await look(tx, actorOf(who, nowMs()), {
        action: 'student.list',
        studentIds: rows.map(row => row.id),
        after: { ...asked(query), shown: rows.length },
      })
      return {
        data: await shown(tx, vault, who, rows),
        pagination: { ...pagination(query, total), ...(isCapped && { more: true }) },
      }
    }),
  )

  routes.inSchool(getStudent, ({ params: { studentId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findStudent(tx, studentId)
      if (row === undefined) return { problem: STUDENT_PROBLEMS.no_such_student }
      const subject = { kind: 'student', id: studentId }
      await look(tx, actorOf(who, nowMs()), { action: 'student.read', subject, studentId })
      return { data: await inFull(tx, vault, who, row) }
    }),
  )

  routes.inSchool(createRoute, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const made = await createStudent(tx, vault, actorOf(who, nowMs()), body)
      return made.ok ? { data: await inFull(tx, vault, who, made.value) } : { problem: STUDENT_PROBLEMS[made.failure] }
    }),
  )

  routes.inSchool(updateRoute, ({ params: { studentId }, body, who, ifMatch }) => {
    if (!readsPersonal(who) && PERSONAL_FIELDS.some(field => body[field] !== undefined)) {
      return Promise.resolve({ problem: NOT_YOURS })
    }
    return inSchool(db, who.school.id, async tx => {
      const change = body as StudentChange
      const done = await updateStudent(tx, vault, actorOf(who, nowMs()), studentId, change, ifMatch)
      return done.ok ? { data: await inFull(tx, vault, who, done.value) } : { problem: STUDENT_PROBLEMS[done.failure] }
    })
  })

  routes.inSchool(archiveRoute, async ({ params: { studentId }, who, ifMatch }) => {
    const gone = await inSchool(db, who.school.id, tx => archiveStudent(tx, actorOf(who, nowMs()), studentId, ifMatch))
    return gone.ok ? { data: { passesRevoked: gone.value } } : { problem: STUDENT_PROBLEMS[gone.failure] }
  })
}
