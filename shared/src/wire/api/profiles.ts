import { z } from 'zod'
import { DayHours, HoursWindow } from '../../list/policy.ts'
import { route } from '../contract.ts'
import { RowVersion } from './envelope.ts'

export const TimeProfile = z.object({
  /** 1..255, given by the service; 0 is always. */
  number: z.int(),
  name: z.string(),
  windows: z.array(HoursWindow),
  onHolidays: z.array(DayHours),
  /** Passes that have these hours and are not revoked. */
  passes: z.int(),
  /** Access levels that have them, archived ones too. */
  levels: z.int(),
  version: RowVersion,
})
export type TimeProfile = z.infer<typeof TimeProfile>

const params = z.object({ number: z.coerce.number().int().min(1).max(255) })
const fields = {
  name: z.string().trim().min(1, 'give it a name').max(100),
  /** No window of a day: closed on that day. */
  windows: z.array(HoursWindow).max(100),
  /** What is left on a holiday that has no hours of its own; none: closed. */
  onHolidays: z.array(DayHours).max(24),
}

export const listProfiles = route({
  method: 'get',
  path: '/profiles',
  can: 'settings:read',
  summary: 'Hours of the week that passes name.',
  data: z.array(TimeProfile),
})

export const createProfile = route({
  method: 'post',
  path: '/profiles',
  can: 'settings:update',
  summary: 'Enter hours of the week. They take the lowest number that is free; there are 255.',
  status: 201,
  body: z.strictObject({ ...fields, onHolidays: fields.onHolidays.default([]) }),
  data: TimeProfile,
})

export const updateProfile = route({
  method: 'patch',
  path: '/profiles/:number',
  can: 'settings:update',
  summary: 'Change hours. Every pass that names them opens by the new ones.',
  params,
  body: z.strictObject(fields).partial(),
  data: TimeProfile,
})

export const deleteProfile = route({
  method: 'delete',
  path: '/profiles/:number',
  can: 'settings:update',
  summary: 'Take hours away that no pass and no access level names.',
  params,
  data: z.object({ number: z.int() }),
})
