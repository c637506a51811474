import { z } from 'zod'
import { PassId } from '../../list/snapshot.ts'
import { PASS_CLASSES } from '../../pass/body.ts'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'
import { SearchText } from './text.ts'

/** These passes, or all that a filter finds and that are not revoked. */
export const RENEWAL_ASKED = {
  passIds: z
    .array(PassId)
    .min(1, 'choose at least one pass')
    .max(1_000, 'at most 1,000 by hand; use a filter')
    .optional(),
  filter: z
    .strictObject({
      /** A holder’s name or number, or the serial as printed. */
      search: SearchText.optional(),
      class: z.enum(PASS_CLASSES).optional(),
      /** Of students. */
      departmentId: z.union([Id, z.literal('none')]).optional(),
      levelId: z.union([Id, z.literal('none')]).optional(),
      /** Ends before then. */
      endsBefore: At.optional(),
    })
    .optional(),
  /** The next end that the school has for each kind when left out. */
  expires: At.optional(),
}

const Wanted = z
  .strictObject(RENEWAL_ASKED)
  .refine(({ passIds, filter }) => (passIds === undefined) !== (filter === undefined), {
    message: 'name either passIds or a filter',
    path: ['passIds'],
  })

/** Why a pass is not renewed: the first that holds. */
export const NOT_RENEWED = [
  'revoked',
  /** Suspended or lost: it is given back first. */
  'suspended',
  /** The holder left, or a visitor is forgotten or has no active host. */
  'holderNotActive',
  /** Its end is further away than the school renews passes of its kind. Not asked where an end is named. */
  'notYet',
  /** Passes of its kind end with a term, and none is entered. */
  'noTerm',
  /** It ends as late already. */
  'endsNoLater',
  /** Passes of visitors do not last that long. */
  'tooLong',
] as const
export type NotRenewed = (typeof NOT_RENEWED)[number]

export const NOT_RENEWED_SHOWN_MAX = 100

const RenewalCounts = z.object({
  chosen: z.int(),
  renewed: z.int(),
  notRenewed: z.object(
    Object.fromEntries(NOT_RENEWED.map(reason => [reason, z.int()])) as Record<NotRenewed, z.ZodInt>,
  ),
})
export type RenewalCounts = z.infer<typeof RenewalCounts>

/** What renewing these passes would do. */
export const RenewalPreview = RenewalCounts.extend({
  /** Those that would not be, the first 100 by serial. */
  passes: z.array(z.object({ passId: PassId, serial: z.int(), holderName: z.string(), reason: z.enum(NOT_RENEWED) })),
})
export type RenewalPreview = z.infer<typeof RenewalPreview>

export const previewPassRenewal = route({
  method: 'post',
  path: '/pass-renewals/preview',
  can: 'pass:update',
  summary: 'What renewing these passes would do, and of those that would not be renewed why.',
  body: Wanted,
  data: RenewalPreview,
})

export const renewPasses = route({
  method: 'post',
  path: '/pass-renewals',
  can: 'pass:update',
  summary: 'Renew passes by the thousand: a job does it. None is renewed twice, also where the job is begun again.',
  status: 202,
  body: Wanted,
  data: z.object({ jobId: Id, preview: RenewalPreview }),
})
