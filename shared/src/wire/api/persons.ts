import { z } from 'zod'
import { route } from '../contract.ts'
import { ApiFile, Id } from './envelope.ts'

/** What becomes of what a table holds of a person who is erased. */
export const ERASURES = ['deleted', 'emptied', 'unlinked', 'stays'] as const

export const ErasurePreview = z.object({
  /** Passes that open something now, and would not any more. */
  passesRevoked: z.int(),
  /** The account that goes too. */
  account: z.object({ id: Id, email: z.string() }).nullable(),
  holdings: z.array(
    z.object({
      /** As the file of a data export calls it. */
      name: z.string(),
      rows: z.int(),
      becomes: z.enum(ERASURES),
      /** What that means, and why something stays. */
      why: z.string(),
    }),
  ),
})
export type ErasurePreview = z.infer<typeof ErasurePreview>

const erasure = z.strictObject({
  /** Of a student the number, of an account the e-mail address, of a visitor the name: nobody erases the wrong one by a slip. */
  confirm: z.string().trim().min(1).max(254),
  /** Kept in the audit log; it must not name the person. */
  note: z.string().trim().max(500).optional(),
})

const ofStudent = z.object({ studentId: Id })
const ofUser = z.object({ userId: Id })
const ofVisitor = z.object({ visitorId: Id })

const exporting = {
  method: 'post',
  can: 'person:export',
  file: 'application/zip',
  data: ApiFile,
} as const
const looking = { method: 'get', can: 'person:erase', data: ErasurePreview } as const
const erasing = { method: 'post', can: 'person:erase', body: erasure, data: ErasurePreview } as const

export const exportStudentData = route({
  ...exporting,
  path: '/students/:studentId/data-export',
  summary: 'Everything the school keeps of a student, to read (HTML) and for programs (JSON), as a zip file.',
  params: ofStudent,
})

export const previewStudentErasure = route({
  ...looking,
  path: '/students/:studentId/erasure',
  summary: 'What erasing a student would do. Changes nothing.',
  params: ofStudent,
})

export const eraseStudent = route({
  ...erasing,
  path: '/students/:studentId/erasure',
  summary: 'Erases a student, the entries that were merged into it and the account, at once and for good.',
  params: ofStudent,
})

export const exportUserData = route({
  ...exporting,
  path: '/users/:userId/data-export',
  summary: 'Everything the school keeps of somebody with an account, as a zip file.',
  params: ofUser,
})

export const previewUserErasure = route({
  ...looking,
  path: '/users/:userId/erasure',
  summary: 'What erasing somebody with an account would do. Changes nothing.',
  params: ofUser,
})

export const eraseUser = route({
  ...erasing,
  path: '/users/:userId/erasure',
  summary: 'Erases somebody with an account, at once and for good.',
  params: ofUser,
})

export const exportVisitorData = route({
  ...exporting,
  path: '/visitors/:visitorId/data-export',
  summary: 'Everything the school keeps of a visitor, as a zip file.',
  params: ofVisitor,
})

export const previewVisitorErasure = route({
  ...looking,
  path: '/visitors/:visitorId/erasure',
  summary: 'What erasing a visitor would do. Changes nothing.',
  params: ofVisitor,
})

export const eraseVisitor = route({
  ...erasing,
  path: '/visitors/:visitorId/erasure',
  summary: 'Erases a visitor, at once and for good; open passes are revoked.',
  params: ofVisitor,
})
