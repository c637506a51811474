import { z } from 'zod'
import { PassId } from '../../list/snapshot.ts'
import { route } from '../contract.ts'
import { ApiFile } from './envelope.ts'

/** A sheet of A4 holds ten. */
export const SHEET_PASSES_MAX = 100

const params = z.object({ passId: PassId })

export const printPassPicture = route({
  method: 'get',
  path: '/passes/:passId/print.png',
  can: 'pass:create',
  summary: 'A pass as a card of 85.6 x 53.98 mm: PNG, 600 dots an inch.',
  params,
  data: ApiFile,
  file: 'image/png',
})

export const printPass = route({
  method: 'get',
  path: '/passes/:passId/print.pdf',
  can: 'pass:create',
  summary: 'A pass as a card of 85.6 x 53.98 mm: PDF, outlines only.',
  params,
  data: ApiFile,
  file: 'application/pdf',
})

export const printSheet = route({
  method: 'post',
  path: '/passes/sheet',
  can: 'pass:create',
  summary: 'Passes on sheets of A4 to cut, ten a sheet, in the order given. None is printed unless all can be.',
  body: z.strictObject({
    passIds: z
      .array(PassId)
      .min(1, 'choose at least one pass')
      .max(SHEET_PASSES_MAX, `at most ${SHEET_PASSES_MAX} passes at once`)
      .refine(ids => new Set(ids).size === ids.length, 'a pass is there twice'),
  }),
  data: ApiFile,
  file: 'application/pdf',
})
