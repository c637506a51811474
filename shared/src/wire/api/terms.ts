import { z } from 'zod'
import { PASS_CLASSES } from '../../pass/body.ts'
import { route } from '../contract.ts'
import { Id, RowVersion } from './envelope.ts'

export const TERM_KINDS = ['term', 'school_year'] as const
const Day = z.iso.date('must be a day such as 2026-12-24')

export const Term = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(TERM_KINDS),
  /** Both days belong to it. */
  firstDay: z.string(),
  lastDay: z.string(),
  /** It came with an import; the next one changes it again. */
  imported: z.boolean(),
  version: RowVersion,
})
export type Term = z.infer<typeof Term>

const params = z.object({ termId: Id })
const fields = {
  name: z.string().trim().min(1, 'give it a name').max(100),
  kind: z.enum(TERM_KINDS),
  firstDay: Day,
  lastDay: Day,
}

export const listTerms = route({
  method: 'get',
  path: '/terms',
  can: 'settings:read',
  summary: 'Terms and school years, the newest first.',
  data: z.array(Term),
})

export const createTerm = route({
  method: 'post',
  path: '/terms',
  can: 'settings:update',
  summary:
    'Enter a term or a school year. Those of a kind do not overlap, and a term lies in one school year. 500 at most.',
  status: 201,
  body: z.strictObject(fields),
  data: Term,
})

export const updateTerm = route({
  method: 'patch',
  path: '/terms/:termId',
  can: 'settings:update',
  summary: 'Change a term. Passes that were issued keep their end.',
  params,
  body: z.strictObject(fields).partial(),
  data: Term,
})

export const deleteTerm = route({
  method: 'delete',
  path: '/terms/:termId',
  can: 'settings:update',
  summary: 'Take a term away. Passes that were issued keep their end.',
  params,
  data: z.object({ id: Id }),
})

export const VALIDITY_ENDS = ['date', 'term', 'school_year', 'days'] as const

const validity = {
  ends: z.enum(VALIDITY_ENDS),
  /** Where it ends on a date: the last day, to 24:00 in the school's zone. */
  lastDay: Day.nullable().default(null),
  /** Where it ends after days: how many, the first day counted. */
  days: z.int().min(1).max(3_660).nullable().default(null),
  /** So many days before its end a pass may be renewed. */
  renewalDays: z.int().min(0).max(366).default(30),
  /** So many days before its end its holder is reminded. */
  reminderDays: z.array(z.int().min(0).max(366)).max(10).default([30, 7, 1]),
}

export const PassValidity = z.object({
  class: z.enum(PASS_CLASSES),
  ...validity,
  /** 0 before the first change. */
  version: z.int(),
})
export type PassValidity = z.infer<typeof PassValidity>

export const listPassValidity = route({
  method: 'get',
  path: '/pass-validity',
  can: 'settings:read',
  summary: 'How long a new pass of each kind is valid where nobody says otherwise.',
  data: z.array(PassValidity),
})

export const putPassValidity = route({
  method: 'put',
  path: '/pass-validity/:class',
  can: 'settings:update',
  summary: 'Say how long new passes of a kind are valid. Passes that were issued keep their end.',
  params: z.object({ class: z.enum(PASS_CLASSES) }),
  body: z
    .strictObject(validity)
    .refine(({ ends, lastDay }) => (ends === 'date') === (lastDay !== null), {
      path: ['lastDay'],
      message: 'is given where it ends on a date, and only there',
    })
    .refine(({ ends, days }) => (ends === 'days') === (days !== null), {
      path: ['days'],
      message: 'is given where it ends after days, and only there',
    }),
  data: PassValidity,
})
