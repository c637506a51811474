import { z } from 'zod'
import { route } from '../contract.ts'
import { Id, RowVersion } from './envelope.ts'

export const AccessPoint = z.object({
  id: Id,
  gate: z.string(),
  name: z.string(),
  direction: z.enum(['in', 'out']),
})
export type AccessPoint = z.infer<typeof AccessPoint>

export const Group = z.object({
  /** 0..30: the bit of a pass. Given by the service, and never changed. */
  number: z.int(),
  name: z.string(),
  /** What it opens, as people say it: `North gate, In`. */
  accessPoints: z.array(z.string()),
  accessPointIds: z.array(Id),
  /** Passes that name it and are not revoked. */
  passes: z.int(),
  /** Access levels that name it, archived ones too. */
  levels: z.int(),
  version: RowVersion,
})
export type Group = z.infer<typeof Group>

const params = z.object({ number: z.coerce.number().int().min(0).max(30) })
const name = z.string().trim().min(1, 'give it a name').max(100)
/** A gate has 16 at most, and a school hundreds of gates. */
const accessPointIds = z.array(Id).max(5_000)

export const listGroups = route({
  method: 'get',
  path: '/groups',
  can: 'pass:read',
  summary: 'Access points that are granted together.',
  data: z.array(Group),
})

export const createGroup = route({
  method: 'post',
  path: '/groups',
  can: 'settings:update',
  summary: 'Make a group of access points. It takes the lowest number that is free; there are 31.',
  status: 201,
  body: z.strictObject({ name, accessPointIds: accessPointIds.default([]) }),
  data: Group,
})

export const updateGroup = route({
  method: 'patch',
  path: '/groups/:number',
  can: 'settings:update',
  summary: 'Change the name of a group, or which access points it opens.',
  params,
  body: z.strictObject({ name: name.optional(), accessPointIds: accessPointIds.optional() }),
  data: Group,
})

export const deleteGroup = route({
  method: 'delete',
  path: '/groups/:number',
  can: 'settings:update',
  summary: 'Take a group away that no pass, access level or group set names.',
  params,
  data: z.object({ number: z.int() }),
})

export const listAccessPoints = route({
  method: 'get',
  path: '/access-points',
  can: 'settings:read',
  summary: 'Every access point of the school, by gate.',
  data: z.array(AccessPoint),
})
