import { z } from 'zod'
import { REFUSALS } from '../../decision/refusals.ts'
import { TECHNOLOGIES } from '../../list/card.ts'
import { PassId, ROW_STATUSES } from '../../list/snapshot.ts'
import { PASS_CLASSES } from '../../pass/body.ts'
import { route } from '../contract.ts'
import { WIEGAND_NAMES } from '../hardware/card-format.ts'
import { ShortName } from '../hardware/port.ts'
import { At, Id, PageQuery } from './envelope.ts'
import { cursorQuery, HistoryEntry } from './students-many.ts'
import { VALIDITY_ENDS } from './terms.ts'

export const Credential = z.object({
  id: Id,
  technology: z.enum(TECHNOLOGIES),
  bitCount: z.int(),
  /** The last characters of the number, for recognition; the number itself is not shown again. */
  ending: z.string(),
  createdAt: At,
})
export type Credential = z.infer<typeof Credential>

export const Pass = z.object({
  passId: PassId,
  /** The number on a printed pass. */
  serial: z.int(),
  /** A student, or a visitor with their host. */
  holder: z.object({
    studentId: Id.nullable(),
    visitorId: Id.nullable(),
    name: z.string(),
    studentNumber: z.string().nullable(),
    host: z.object({ userId: Id, name: z.string() }).nullable(),
  }),
  /** The holder comes with somebody who belongs here. */
  escort: z.boolean(),
  status: z.enum(ROW_STATUSES),
  /** Seen, not stored: its time is over. */
  expired: z.boolean(),
  class: z.enum(PASS_CLASSES),
  notBefore: At,
  expires: At,
  /** The holder left and keeps it until then; null: it goes by its own time. */
  revokesAt: At.nullable(),
  groups: z.array(z.object({ number: z.int(), name: z.string() })),
  profile: z.int(),
  /** The access level that groups, hours and kind follow; null: chosen for this pass alone. */
  level: z.object({ id: Id, name: z.string() }).nullable(),
  revokedAt: At.nullable(),
  note: z.string().nullable(),
  credentials: z.array(Credential),
  createdAt: At,
})
export type Pass = z.infer<typeof Pass>

const params = z.object({ passId: PassId })
const note = z.string().trim().min(3, 'say why in a few words').max(500)

export const listPasses = route({
  method: 'get',
  path: '/passes',
  can: 'pass:read',
  summary: 'Passes of the school, newest first.',
  query: PageQuery.extend({
    studentId: Id.optional(),
    status: z.enum([...ROW_STATUSES, 'expired']).optional(),
    search: z.string().trim().max(100).optional(),
  }),
  data: z.array(Pass),
})

export const getPass = route({
  method: 'get',
  path: '/passes/:passId',
  can: 'pass:read',
  summary: 'One pass.',
  params,
  data: Pass,
})

export const issuePass = route({
  method: 'post',
  path: '/passes',
  can: 'pass:create',
  summary: 'Issue a pass to a student. What is left out is as `GET /pass-proposal` says.',
  status: 201,
  body: z
    .strictObject({
      studentId: Id,
      /** With a level, the level's. */
      class: z.enum(PASS_CLASSES).optional(),
      /** Now when left out. */
      notBefore: At.optional(),
      /** The end that the school has for passes of the kind when left out. */
      expires: At.optional(),
      /** Groups, hours and kind together. Without it and without groups: the default of kind and department. */
      levelId: Id.optional(),
      /** Group numbers of the school, see `GET /groups`, for this pass alone. */
      groups: z.array(z.int().min(0).max(30)).min(1, 'choose at least one group').max(31).optional(),
      profile: z.int().min(0).max(255).optional(),
    })
    .refine(
      ({ notBefore, expires }) =>
        notBefore === undefined || expires === undefined || Date.parse(expires) > Date.parse(notBefore),
      { path: ['expires'], message: 'must be after the beginning' },
    )
    .refine(({ levelId, groups }) => levelId === undefined || groups === undefined, {
      path: ['groups'],
      message: 'are the level’s: name a level or groups, not both',
    })
    .refine(({ groups, profile }) => groups !== undefined || profile === undefined, {
      path: ['profile'],
      message: 'is the level’s: name hours together with groups',
    }),
  data: Pass,
})

/** Why a level is the default: the most specific that the school has. */
export const DEFAULT_GROUNDS = ['kind_and_department', 'department', 'kind', 'school'] as const

export const proposePass = route({
  method: 'get',
  path: '/pass-proposal',
  can: 'pass:create',
  summary: 'Which access level and end a pass issued now would take, and why.',
  query: z.object({ studentId: Id, class: z.enum(PASS_CLASSES).default('student') }),
  data: z.object({
    level: z.object({ id: Id, name: z.string(), because: z.enum(DEFAULT_GROUNDS) }).nullable(),
    /** Null: a date has to be given, because no term of today or later is known. */
    expires: At.nullable(),
    ends: z.enum(VALIDITY_ENDS),
    /** Of the term or school year it ends with. */
    term: z.string().nullable(),
  }),
})

export const revokePass = route({
  method: 'post',
  path: '/passes/:passId/revocation',
  can: 'pass:revoke',
  summary: 'Revoke a pass for good. The first revocation stands.',
  status: 201,
  params,
  body: z.strictObject({ note }),
  data: Pass,
})

export const suspendPass = route({
  method: 'post',
  path: '/passes/:passId/suspension',
  can: 'pass:suspend',
  summary: 'Suspend a pass until it is resumed.',
  status: 201,
  params,
  body: z.strictObject({ note }),
  data: Pass,
})

export const resumePass = route({
  method: 'delete',
  path: '/passes/:passId/suspension',
  can: 'pass:update',
  summary: 'Give a suspended pass back.',
  params,
  data: Pass,
})

const LaneOfGate = z.object({ gateId: Id, gateName: z.string(), lane: z.string(), laneName: z.string() })

/**
 * Answers what a gate would say to these digits now. No door opens, but each call is entered in `pass_checks`, and a moving code that
 * opened at a gate, or for somebody else who asked, is `replayed`. Whoever asks again about the same screen is told the same.
 */
export const verifyPass = route({
  method: 'post',
  path: '/passes/verify',
  can: 'pass:read',
  summary: 'Ask whether a pass code would open, and why not. 60 a minute for each account.',
  body: z
    .strictObject({
      digits: z.string().trim().min(1).max(512),
      /** At which gate; at any of the school when left out. */
      gateId: Id.optional(),
      /** At which of the gate's lanes; at any way in when left out. */
      lane: ShortName.optional(),
    })
    .refine(({ gateId, lane }) => lane === undefined || gateId !== undefined, {
      path: ['lane'],
      message: 'is a lane of a gate: say which',
    }),
  data: z.object({
    open: z.boolean(),
    passId: PassId.nullable(),
    /** Null unless every signature held: a claimed pass names nobody. */
    holderName: z.string().nullable(),
    /** As the name. */
    class: z.enum(PASS_CLASSES).nullable(),
    /** Of a visitor: whom they come to see. As the name. */
    hostName: z.string().nullable(),
    refusal: z.enum(REFUSALS).nullable(),
    visitor: z.string().nullable(),
    guard: z.string().nullable(),
    conditions: z.object({ photoCheck: z.boolean(), once: z.boolean(), escort: z.boolean() }),
    /** Ways in that it opens now, 50 at most: where no gate was named, and where another one is the right one. */
    opensAt: z.array(LaneOfGate),
  }),
})

export const PassCheck = z.object({
  id: Id,
  at: At,
  /** Null: somebody of the platform. */
  who: z.object({ userId: Id, name: z.string() }).nullable(),
  gate: z.object({ gateId: Id, name: z.string() }).nullable(),
  lane: z.string().nullable(),
  /** Only claimed where the code was not proven. */
  passId: PassId.nullable(),
  proven: z.boolean(),
  open: z.boolean(),
  refusal: z.enum(REFUSALS).nullable(),
})
export type PassCheck = z.infer<typeof PassCheck>

export const listPassChecks = route({
  method: 'get',
  path: '/pass-checks',
  can: 'event:read',
  summary: 'Who asked about which code, newest first. Kept for 90 days.',
  query: z.object({
    cursor: z.string().max(200).optional(),
    limit: PageQuery.shape.limit,
    passId: PassId.optional(),
  }),
  data: z.array(PassCheck),
})

/** The digits of the pass as a QR code shows them: GHP1 STATIC. */
export const passCode = route({
  method: 'get',
  path: '/passes/:passId/code',
  can: 'pass:create',
  summary: 'The code of a pass, to print.',
  params,
  data: z.object({ digits: z.string(), serial: z.int(), holderName: z.string(), expires: At }),
})

/** A card by its number, typed. */
const TypedCard = z.strictObject({
  technology: z.enum(['em4100', 'iso14443a', 'iso15693', ...WIEGAND_NAMES, 'raw']),
  /**
   * The card's bits in hexadecimal, as a reader shows them: `01000734E0`. Zeros count. Of a Wiegand format facility code and card
   * number, without parity, left-justified.
   */
  bits: z
    .string()
    .trim()
    .regex(/^(?:[0-9A-Fa-f]{2}){1,32}$/, 'an even number of hexadecimal digits'),
  /** How many bits count; all of them when left out. */
  bitCount: z.int().min(1).max(256).optional(),
})

export const addCredential = route({
  method: 'post',
  path: '/passes/:passId/credentials',
  can: 'pass:update',
  summary: 'Add a card to a pass, its number typed.',
  status: 201,
  params,
  body: TypedCard,
  data: Pass,
})

export const removeCredential = route({
  method: 'delete',
  path: '/passes/:passId/credentials/:credentialId',
  can: 'pass:update',
  summary: 'Take a card off a pass.',
  params: params.extend({ credentialId: Id }),
  data: Pass,
})

export const renewPass = route({
  method: 'post',
  path: '/passes/:passId/renewal',
  can: 'pass:update',
  summary:
    'Give a pass a later end: the next one that the school has for its kind, or the one named. What is printed is printed anew.',
  status: 201,
  params,
  body: z.strictObject({ expires: At.optional() }),
  data: Pass,
})

export const replaceLost = route({
  method: 'post',
  path: '/passes/:passId/replacement',
  can: 'pass:update',
  summary: 'A card or what was printed is lost: it opens nothing any more, and the pass stays.',
  status: 201,
  params,
  body: z
    .strictObject({
      note,
      /** The card that is lost. */
      credentialId: Id.optional(),
      /** What takes its place. */
      card: TypedCard.optional(),
      /** What was printed is lost. Phones get a new certificate by themselves. */
      printed: z.literal(true).optional(),
    })
    .refine(({ credentialId, printed }) => credentialId !== undefined || printed !== undefined, {
      path: ['credentialId'],
      message: 'say what is lost: a card, what was printed, or both',
    })
    .refine(({ credentialId, card }) => card === undefined || credentialId !== undefined, {
      path: ['card'],
      message: 'takes the place of a card: say which',
    }),
  data: Pass,
})

export const passHistory = route({
  method: 'get',
  path: '/passes/:passId/history',
  can: 'pass:update',
  summary: 'What was done to a pass, by whom and why, newest first.',
  params,
  query: cursorQuery,
  data: z.array(HistoryEntry),
})
