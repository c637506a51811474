import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'
import { typed } from './text.ts'

export const Department = z.object({
  id: Id,
  name: z.string(),
  /** Of living students. */
  studentCount: z.int(),
  version: z.int(),
  createdAt: At,
  updatedAt: At,
})
export type Department = z.infer<typeof Department>

const params = z.object({ departmentId: Id })
const body = z.strictObject({ name: typed({ least: 1, most: 100 }) })

export const listDepartments = route({
  method: 'get',
  path: '/departments',
  can: 'settings:read',
  summary: 'Departments of the school by name, all of them: 500 at most.',
  data: z.array(Department),
})

export const createDepartment = route({
  method: 'post',
  path: '/departments',
  can: 'settings:update',
  summary: 'Enter a department.',
  status: 201,
  body,
  data: Department,
})

export const renameDepartment = route({
  method: 'patch',
  path: '/departments/:departmentId',
  can: 'settings:update',
  summary: 'Rename a department.',
  params,
  body,
  data: Department,
})

export const deleteDepartment = route({
  method: 'delete',
  path: '/departments/:departmentId',
  can: 'settings:update',
  summary: 'Delete a department. One that students are in only by saying where they go.',
  params,
  query: z.object({
    /** The department its students are in from now on; `none`: in none. */
    moveTo: z.union([Id, z.literal('none')]).optional(),
  }),
  data: z.object({ studentsMoved: z.int() }),
})
