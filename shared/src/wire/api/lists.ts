import { z } from 'zod'
import { Sha256 } from '../../list/snapshot.ts'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'

const count = z.int().min(0)

/** What a held change would do, in numbers. */
export const HoldNumbers = z.object({
  /** Passes that open something before it. */
  living: count,
  revoked: count,
  suspended: count,
  narrowed: count,
  /** Cards, phones and PINs taken from passes that stay. */
  credentials: count,
  /** Passes that lose by changed hours, group sets or rules. */
  byPolicy: count,
  /** Of the passes that lose, those that went in during the last 24 hours. */
  usedToday: count,
  /** How many may be lost at once. */
  limit: count,
  gates: z.array(z.object({ gateId: Id, name: z.string(), before: count, after: count })),
})
export type HoldNumbers = z.infer<typeof HoldNumbers>

export const PendingList = z.object({
  id: Id,
  scope: z.string(),
  madeAt: At,
  /** Of exactly what was measured; an approval names it. */
  contentHash: Sha256,
  numbers: HoldNumbers,
  /** Who made the changes; none of them can let them go. */
  makers: z.array(z.string()),
  /** Why the person who asks cannot approve it; null: they can. */
  cannot: z.enum(['is_maker', 'not_allowed', 'approved_already']).nullable(),
})
export type PendingList = z.infer<typeof PendingList>

export const pendingLists = route({
  method: 'get',
  path: '/lists/pending',
  can: 'list:read',
  summary: 'Changes that take more than the school lets through at once, and wait for a second administrator.',
  data: z.array(PendingList),
})

export const approveList = route({
  method: 'post',
  path: '/lists/pending/:holdId/approval',
  can: 'list:approve',
  summary: 'Let a waiting change go, exactly as it was measured.',
  params: z.object({ holdId: Id }),
  body: z.strictObject({
    contentHash: Sha256,
    note: z.string().trim().min(3, 'say why in a few words').max(500),
  }),
  data: PendingList,
})
