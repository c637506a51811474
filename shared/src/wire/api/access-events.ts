import { z } from 'zod'
import { REFUSALS } from '../../decision/refusals.ts'
import { EVENT_KINDS } from '../../events/record.ts'
import { PassId } from '../../list/snapshot.ts'
import { route } from '../contract.ts'
import { AccessLine } from '../messages.ts'
import { At, Id } from './envelope.ts'

/** Events by cursor only: newest first, no total. */
export const listAccessEvents = route({
  method: 'get',
  path: '/access-events',
  can: 'event:read',
  summary: 'What happened at the gates, newest first.',
  query: z.object({
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number('must be a number').int('must be a whole number').min(1).max(100).default(25),
    gateId: Id.optional(),
    kind: z.enum(EVENT_KINDS).optional(),
    refusal: z.enum(REFUSALS).optional(),
    studentId: Id.optional(),
    passId: PassId.optional(),
    /** A holder's name or student number. */
    search: z.string().trim().max(100).optional(),
    from: At.optional(),
    to: At.optional(),
  }),
  data: z.array(AccessLine),
})
