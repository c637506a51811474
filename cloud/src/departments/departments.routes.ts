import {
  createDepartment as createRoute,
  type Department,
  deleteDepartment as deleteRoute,
  listDepartments as listRoute,
  renameDepartment as renameRoute,
} from '@gatehouse/shared/wire/api/departments.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import {
  createDepartment,
  DEPARTMENTS_MAX,
  type DepartmentRow,
  deleteDepartment,
  type InUse,
  listDepartments,
  renameDepartment,
} from './departments.repo.ts'

export const DEPARTMENT_PROBLEMS = {
  no_such_department: { status: 404, code: 'not_found', message: 'There is no department with that id.' },
  no_such_target: {
    status: 422,
    code: 'validation_failed',
    message: 'There is no other department with that id to move the students to.',
    details: [{ path: 'moveTo', message: 'must be another department of the school, or none' }],
  },
  name_taken: {
    status: 409,
    code: 'name_taken',
    message: 'There is a department with this name already.',
    details: [{ path: 'name', message: 'is another department’s' }],
  },
  too_many: {
    status: 409,
    code: 'too_many',
    message: `A school has ${DEPARTMENTS_MAX} departments at most. Delete one that is not used.`,
  },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export function departmentsRoutes(routes: Binder, { db, nowMs }: { readonly db: Db; readonly nowMs: () => number }) {
  routes.inSchool(listRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: (await listDepartments(tx)).map(departmentOf) })),
  )

  routes.inSchool(createRoute, async ({ body: { name }, who }) => {
    const made = await inSchool(db, who.school.id, tx => createDepartment(tx, actorOf(who, nowMs()), name))
    return made.ok ? { data: departmentOf(made.value) } : { problem: DEPARTMENT_PROBLEMS[made.failure] }
  })

  routes.inSchool(renameRoute, async ({ params: { departmentId }, body: { name }, who, ifMatch }) => {
    const done = await inSchool(db, who.school.id, tx =>
      renameDepartment(tx, actorOf(who, nowMs()), departmentId, name, ifMatch),
    )
    return done.ok ? { data: departmentOf(done.value) } : { problem: DEPARTMENT_PROBLEMS[done.failure] }
  })

  routes.inSchool(deleteRoute, async ({ params: { departmentId }, query: { moveTo }, who, ifMatch }) => {
    const gone = await inSchool(db, who.school.id, tx =>
      deleteDepartment(tx, actorOf(who, nowMs()), departmentId, { moveTo, ifVersion: ifMatch }),
    )
    if ('why' in gone) return { problem: inUse(gone) }
    return gone.ok ? { data: { studentsMoved: gone.value } } : { problem: DEPARTMENT_PROBLEMS[gone.failure] }
  })
}

export function inUse({ students }: InUse): Problem {
  const are = students === 1 ? '1 student is' : `${students} students are`
  return {
    status: 409,
    code: 'in_use',
    message: `${are} in this department. Say where they go: moveTo another department, or none.`,
  }
}

export function departmentOf(row: DepartmentRow): Department {
  return {
    id: row.id,
    name: row.name,
    studentCount: row.student_count,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
