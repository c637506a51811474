import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'
import { LANGUAGES } from './mail.ts'
import { Country } from './students.ts'
import { SearchText, typed } from './text.ts'

export const School = z.object({
  id: Id,
  name: z.string(),
  /** Its place in topics and keys, chosen once. */
  tenant: z.string(),
  timeZone: z.string(),
  country: z.string().nullable(),
  /** Since when nobody of it can sign in; null: they can. */
  deactivatedAt: At.nullable(),
  version: z.int(),
  createdAt: At,
  updatedAt: At,
})
export type School = z.infer<typeof School>

export const SchoolSettings = School.extend({
  /** What a student number looks like; null: letters, digits and hyphens, 3 to 50. */
  studentNumberPattern: z.string().nullable(),
  /** Of mail to people who chose none of their own. */
  language: z.enum(LANGUAGES),
  /** So many days after leaving the passes still open; 0: they are revoked at once. */
  graceDays: z.object({ inactive: z.int(), graduated: z.int() }),
})
export type SchoolSettings = z.infer<typeof SchoolSettings>

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return /^[A-Za-z]/.test(zone)
  } catch {
    return false
  }
}

const name = typed({ least: 1, most: 200 })
const timeZone = z.string().max(64).refine(isZone, 'must be a time zone such as Europe/Amsterdam')
const days = z.int().min(0).max(365)
const params = z.object({ schoolId: Id })

export const listSchools = route({
  method: 'get',
  path: '/schools',
  can: 'school:read',
  summary: 'Schools of this installation, by name.',
  query: PageQuery.extend({ search: SearchText.optional() }),
  data: z.array(School),
})

export const getSchool = route({
  method: 'get',
  path: '/schools/:schoolId',
  can: 'school:read',
  summary: 'One school.',
  params,
  data: School,
})

export const createSchool = route({
  method: 'post',
  path: '/schools',
  can: 'school:create',
  summary: 'Enter a school, with its keys.',
  status: 201,
  body: z.strictObject({
    name,
    tenant: z.string().regex(/^[a-z0-9-]{3,36}$/, 'lower-case letters, digits and hyphens, 3 to 36'),
    timeZone,
    country: Country.nullable().default(null),
  }),
  data: School,
})

export const updateSchool = route({
  method: 'patch',
  path: '/schools/:schoolId',
  can: 'school:update',
  summary: 'Rename a school, or change its time zone or country.',
  params,
  body: z.strictObject({ name, timeZone, country: Country.nullable() }).partial(),
  data: School,
})

export const deactivateSchool = route({
  method: 'post',
  path: '/schools/:schoolId/deactivation',
  can: 'school:update',
  summary:
    'Nobody of the school can sign in any more, and who is signed in is out. Nothing is deleted; its gates go on by their lists.',
  params,
  data: School,
})

export const reactivateSchool = route({
  method: 'delete',
  path: '/schools/:schoolId/deactivation',
  can: 'school:update',
  summary: 'Who could sign in before the school was deactivated can again.',
  params,
  data: School,
})

export const getSchoolSettings = route({
  method: 'get',
  path: '/settings/school',
  can: 'settings:update',
  summary: 'What the school says of itself.',
  data: SchoolSettings,
})

export const updateSchoolSettings = route({
  method: 'patch',
  path: '/settings/school',
  can: 'settings:update',
  summary: 'Change what the school says of itself.',
  body: z
    .strictObject({
      name,
      timeZone,
      country: Country.nullable(),
      studentNumberPattern: z.string().trim().min(1).max(200).nullable(),
      language: z.enum(LANGUAGES),
      graceDays: z.strictObject({ inactive: days, graduated: days }).partial(),
    })
    .partial(),
  data: SchoolSettings,
})

export const DataKey = z.object({
  number: z.int(),
  createdAt: At,
  /** Nothing is sealed with it any more, and it is gone; null: it opens what it sealed. */
  retiredAt: At.nullable(),
})

export const listDataKeys = route({
  method: 'get',
  path: '/settings/data-keys',
  can: 'settings:update',
  summary: 'The keys that seal personal data and cards, newest first.',
  data: z.array(DataKey),
})

export const rotateDataKeys = route({
  method: 'post',
  path: '/settings/data-keys/rotation',
  can: 'settings:update',
  summary: 'Begin to seal personal data and cards with a new key. A job does it; the old key is destroyed at its end.',
  status: 202,
  data: z.object({ jobId: Id, number: z.int() }),
})
