import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'

export const Session = z.object({
  id: Id,
  /** The one that asks. */
  current: z.boolean(),
  /** `Firefox on Windows`, as the program said of itself; null: it said nothing that we know. */
  device: z.string().nullable(),
  address: z.string().nullable(),
  method: z.enum(['password', 'passkey', 'sign_on']),
  createdAt: At,
  usedAt: At,
  expiresAt: At,
})
export type Session = z.infer<typeof Session>

export const listSessions = route({
  method: 'get',
  path: '/auth/sessions',
  can: 'signed-in',
  summary: 'Where I am signed in, newest first.',
  data: z.array(Session),
})

export const endSession = route({
  method: 'delete',
  path: '/auth/sessions/:sessionId',
  can: 'signed-in',
  summary: 'End one of my sessions.',
  params: z.object({ sessionId: Id }),
  data: z.null(),
})

export const endSessionsOfUser = route({
  method: 'delete',
  path: '/users/:userId/sessions',
  can: 'user:update',
  summary: 'Sign somebody out everywhere. Access keys go on, and they can sign in again.',
  params: z.object({ userId: Id }),
  data: z.object({ ended: z.int() }),
})
