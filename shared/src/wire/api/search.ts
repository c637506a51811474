import { z } from 'zod'
import { route } from '../contract.ts'
import { SearchText } from './text.ts'

export const FOUND_KINDS = ['student', 'application', 'pass', 'gate', 'user', 'audit'] as const

export const Found = z.object({
  kind: z.enum(FOUND_KINDS),
  /** Of the student, application, pass, gate or user; of an audit row its own. */
  id: z.string(),
  title: z.string(),
  /** What tells it from others of one title: a number, a serial, a role. */
  detail: z.string(),
})
export type Found = z.infer<typeof Found>

/** So many of each kind. */
export const FOUND_OF_EACH = 5

export const search = route({
  method: 'get',
  path: '/search',
  can: 'search:read',
  summary:
    'Students, applications, passes, gates, people and the audit log at once: of each kind that this role may read, the first five.',
  query: z.object({ q: SearchText.refine(text => text !== '', 'say what to look for') }),
  data: z.array(Found),
})
