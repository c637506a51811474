import {
  createDepartment as createRoute,
  deleteDepartment as deleteRoute,
  renameDepartment as renameRoute,
} from '@gatehouse/shared/wire/api/departments.ts'
import {
  createDepartment,
  DEPARTMENTS_MAX,
  deleteDepartment,
  listDepartments,
  renameDepartment,
} from '../../departments/departments.repo.ts'
import { departmentOf, inUse, DEPARTMENT_PROBLEMS as PROBLEMS } from '../../departments/departments.routes.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import type { Writing } from './refs.ts'

/** Departments of the school, and their names. */
export function writeDepartments({ builder, refs }: Writing): void {
  refs.Department.implement({
    fields: t => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      version: t.int({
        description: 'Rises with every change; give it back with yours.',
        ...asks(['settings:read']),
        resolve: async ({ id, version }, _args, { load }) => version ?? (await load.department.load(id))?.version ?? 0,
      }),
      studentCount: t.int({
        description: 'Living students in it.',
        ...asks(['settings:read']),
        resolve: async ({ id, studentCount }, _args, { load }) =>
          studentCount ?? (await load.department.load(id))?.studentCount ?? 0,
      }),
    }),
  })
  builder.queryFields(t => ({
    departments: t.field({
      type: [refs.Department],
      description: 'All of the school, by name.',
      ...asks(['settings:read'], { unnoted: 'names of departments, and nobody’s', atMost: DEPARTMENTS_MAX }),
      resolve: (_root, _args, call) => call.read(async tx => (await listDepartments(tx)).map(departmentOf)),
    }),
  }))
  const idOfDepartment = (id: string) => idOf(id) ?? refused(PROBLEMS.no_such_department)
  builder.mutationFields(t => ({
    createDepartment: t.field({
      type: refs.Department,
      args: { name: t.arg.string({ required: true }) },
      ...asks(['settings:update']),
      resolve: (_root, { name: text }, call) => {
        const { name } = checked(createRoute.body!, { name: text })
        return call.change(async tx => {
          const made = await createDepartment(tx, call.actor(), name)
          return made.ok ? departmentOf(made.value) : refused(PROBLEMS[made.failure])
        })
      },
    }),
    renameDepartment: t.field({
      type: refs.Department,
      args: { id: t.arg.id({ required: true }), name: t.arg.string({ required: true }), version: t.arg.int() },
      ...asks(['settings:update']),
      resolve: (_root, { id, name: text, version }, call) => {
        const { name } = checked(renameRoute.body!, { name: text })
        return call.change(async tx => {
          const done = await renameDepartment(tx, call.actor(), idOfDepartment(id), name, version ?? null)
          return done.ok ? departmentOf(done.value) : refused(PROBLEMS[done.failure])
        })
      },
    }),
    deleteDepartment: t.field({
      type: 'Int',
      description: 'Answers how many living students were moved.',
      args: {
        id: t.arg.id({ required: true }),
        moveTo: t.arg.id({ description: 'Where its students go; none: to none. Left out: only if there are none.' }),
        version: t.arg.int(),
      },
      ...asks(['settings:update']),
      resolve: (_root, { id, moveTo, version }, call) => {
        const target = checked(deleteRoute.query!, given({ moveTo }))
        return call.change(async tx => {
          const asked = { moveTo: target.moveTo, ifVersion: version ?? null }
          const gone = await deleteDepartment(tx, call.actor(), idOfDepartment(id), asked)
          if ('why' in gone) return refused(inUse(gone))
          return gone.ok ? gone.value : refused(PROBLEMS[gone.failure])
        })
      },
    }),
  }))
}
