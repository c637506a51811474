import { z } from 'zod'
import { PassId, ROW_STATUSES } from '../../list/snapshot.ts'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'
import { SearchText, typed } from './text.ts'

/** Where a visit is: to come, or out for lunch; in the house; over. */
export const VISIT_STATES = ['expected', 'inside', 'over'] as const
export type VisitState = (typeof VISIT_STATES)[number]

/** Kept sealed, and shown in full to who may read personal data. */
export const CONTACT_FIELDS = ['phone', 'email'] as const

/** One visit is one pass. */
export const Visit = z.object({
  passId: PassId,
  /** The number on the printed pass. */
  serial: z.int(),
  state: z.enum(VISIT_STATES),
  status: z.enum(ROW_STATUSES),
  from: At,
  until: At,
  /** The visitor comes with somebody who belongs here. */
  escort: z.boolean(),
  /** When a gate first let the visitor in on the last day of this visit. */
  arrivedAt: At.nullable(),
  /** A gate let the visitor out, and has not let them in again. */
  leftAt: At.nullable(),
  /** When it was ended by hand. */
  endedAt: At.nullable(),
})
export type Visit = z.infer<typeof Visit>

export const Visitor = z.object({
  id: Id,
  firstName: z.string(),
  lastName: z.string(),
  organisation: z.string().nullable(),
  /** `+31612345678`; masked it is `…78`. */
  phone: z.string().nullable(),
  /** Masked it is null. */
  email: z.string().nullable(),
  /** What this caller sees in part or not at all, known or not. */
  masked: z.array(z.enum(CONTACT_FIELDS)),
  /** Whom they come to see; `active`: who is told when they arrive. */
  host: z.object({ userId: Id, name: z.string(), active: z.boolean() }),
  purpose: z.string().nullable(),
  /** The newest. */
  visit: Visit.nullable(),
  version: z.int(),
  createdAt: At,
  updatedAt: At,
})
export type Visitor = z.infer<typeof Visitor>

/** With the last 20 visits, newest first. */
export const VisitorInFull = Visitor.extend({ visits: z.array(Visit) })
export type VisitorInFull = z.infer<typeof VisitorInFull>

export const VISITS_SHOWN_MAX = 20

const PERSON = {
  firstName: typed({ least: 1, most: 100 }),
  /** May be empty: not everybody has one. */
  lastName: typed({ least: 0, most: 100 }),
  organisation: typed({ least: 1, most: 100 }).nullable(),
  /** As people write it; without + it is one of the school's country. */
  phone: z.string().trim().min(1).max(40).nullable(),
  email: z.string().trim().max(254).pipe(z.email('must be an e-mail address')).nullable(),
  hostUserId: Id,
  purpose: typed({ least: 1, most: 200 }).nullable(),
}

const VISIT = {
  /** Now when left out. */
  from: At.optional(),
  /** The end of the first day when left out; at most what the school has for passes of visitors. */
  until: At.optional(),
  /** What the pass opens; the default for passes of visitors when left out. */
  levelId: Id.optional(),
  escort: z.boolean().default(false),
}

const endsLater = ({ from, until }: { readonly from?: string | undefined; readonly until?: string | undefined }) =>
  from === undefined || until === undefined || Date.parse(until) > Date.parse(from)
const ENDS_LATER = { path: ['until'], message: 'must be after the beginning' }

const params = z.object({ visitorId: Id })

export const listVisitors = route({
  method: 'get',
  path: '/visitors',
  can: 'visitor:read',
  summary: 'Visitors of the school. `state=inside`: who is in the house now, for the reception and for an evacuation.',
  query: PageQuery.extend({
    search: SearchText.optional(),
    state: z.enum(VISIT_STATES).optional(),
    hostUserId: Id.optional(),
    sort: z.enum(['createdAt', '-createdAt', 'name', '-name']).default('-createdAt'),
  }),
  data: z.array(Visitor),
})

export const getVisitor = route({
  method: 'get',
  path: '/visitors/:visitorId',
  can: 'visitor:read',
  summary: 'One visitor, with the last visits.',
  params,
  data: VisitorInFull,
})

export const createVisitor = route({
  method: 'post',
  path: '/visitors',
  can: 'visitor:create',
  summary: 'Enter a visitor and issue the pass for the visit, both or neither. The host is you unless you name one.',
  status: 201,
  body: z
    .strictObject({
      ...PERSON,
      lastName: PERSON.lastName.default(''),
      organisation: PERSON.organisation.default(null),
      phone: PERSON.phone.default(null),
      email: PERSON.email.default(null),
      hostUserId: Id.optional(),
      purpose: PERSON.purpose.default(null),
      ...VISIT,
    })
    .refine(endsLater, ENDS_LATER),
  data: VisitorInFull,
})

export const updateVisitor = route({
  method: 'patch',
  path: '/visitors/:visitorId',
  can: 'visitor:update',
  summary: 'Change what is known of a visitor, or who hosts them. Phone and e-mail change who may read them.',
  params,
  body: z.strictObject(z.object(PERSON).partial().shape),
  data: VisitorInFull,
})

export const beginVisit = route({
  method: 'post',
  path: '/visitors/:visitorId/visits',
  can: 'visitor:create',
  summary: 'A visitor comes again: a pass for another visit. The visit before has to be over.',
  status: 201,
  params,
  body: z
    .strictObject({ ...VISIT, hostUserId: Id.optional(), purpose: PERSON.purpose.optional() })
    .refine(endsLater, ENDS_LATER),
  data: VisitorInFull,
})

export const endVisit = route({
  method: 'post',
  path: '/visitors/:visitorId/visit-end',
  can: 'visitor:end',
  summary: 'The visit is over: its pass opens nothing any more, from the next list on.',
  status: 201,
  params,
  body: z.strictObject({ note: z.string().trim().min(3, 'say why in a few words').max(500).optional() }),
  data: VisitorInFull,
})

export const VisitorHost = z.object({ userId: Id, name: z.string() })

export const listVisitorHosts = route({
  method: 'get',
  path: '/visitor-hosts',
  can: 'visitor:create',
  summary: 'Whom somebody can come to see: the first 20 whose name or address has these words.',
  query: z.object({ search: SearchText.default('') }),
  data: z.array(VisitorHost),
})
