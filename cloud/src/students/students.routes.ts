import {
  archiveStudent as archiveRoute,
  createStudent as createRoute,
  getStudent,
  listStudents as listRoute,
  type Student,
  updateStudent as updateRoute,
} from '@gatehouse/shared/wire/api/students.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import {
  archiveStudent,
  createStudent,
  findStudent,
  listStudents,
  type StudentRow,
  updateStudent,
} from './students.repo.ts'

export type StudentsRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

const PROBLEMS = {
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
} satisfies Record<string, Problem>

export function studentsRoutes(routes: Binder, { db, nowMs }: StudentsRoutesNeeds): void {
  routes.inSchool(listRoute, async ({ query, who }) => {
    const { rows, total } = await inSchool(db, who.school.id, tx => listStudents(tx, query))
    return { data: rows.map(row => studentOf(row, who.role)), pagination: pagination(query, total) }
  })

  routes.inSchool(getStudent, async ({ params: { studentId }, who }) => {
    const row = await inSchool(db, who.school.id, tx => findStudent(tx, studentId))
    return row === undefined ? { problem: PROBLEMS.no_such_student } : { data: studentOf(row, who.role) }
  })

  routes.inSchool(createRoute, async ({ body, who }) => {
    const made = await inSchool(db, who.school.id, tx => createStudent(tx, actorOf(who, nowMs()), body))
    return made.ok ? { data: studentOf(made.value, who.role) } : { problem: PROBLEMS[made.failure] }
  })

  routes.inSchool(updateRoute, async ({ params: { studentId }, body, who }) => {
    const changed = await inSchool(db, who.school.id, tx =>
      updateStudent(tx, actorOf(who, nowMs()), studentId, body as Parameters<typeof updateStudent>[3]),
    )
    return changed.ok ? { data: studentOf(changed.value, who.role) } : { problem: PROBLEMS[changed.failure] }
  })

  routes.inSchool(archiveRoute, async ({ params: { studentId }, who }) => {
    const gone = await inSchool(db, who.school.id, tx => archiveStudent(tx, actorOf(who, nowMs()), studentId))
    return gone.ok ? { data: { passesRevoked: gone.value } } : { problem: PROBLEMS[gone.failure] }
  })
}

/** Security reads name and status; how to reach a student is not theirs to know. */
function studentOf(row: StudentRow, role: Role): Student {
  return {
    id: row.id,
    studentNumber: row.student_number,
    firstName: row.first_name,
    lastName: row.last_name,
    email: role === 'security' ? null : row.email,
    department: row.department,
    status: row.status,
    passCount: row.pass_count,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
