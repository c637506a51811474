import { z } from 'zod'
import { PassId, ROW_STATUSES } from '../../list/snapshot.ts'
import { PASS_CLASSES } from '../../pass/body.ts'
import { route } from '../contract.ts'
import { AccessLine } from '../messages.ts'
import { At } from './envelope.ts'
import { LANGUAGES } from './mail.ts'
import { STUDENT_STATUSES } from './students.ts'

/** `typ` of the JWS with which a phone shows, when it is bound, that it holds the key. */
export const BINDING_TYP = 'gh-bind+1'

/** The phone that a pass is bound to, and what it draws DYNAMIC codes with. */
export const Device = z.object({
  /** Compressed P-256 point (SEC 1 section 2.3.3), hexadecimal. */
  point: z.string().regex(/^0[23][0-9a-f]{64}$/),
  /** Type 0x12: body, point and the issuer's signature, 127 bytes in hexadecimal. It opens nothing without the phone's key. */
  certificate: z.string().regex(/^12[0-9a-f]{252}$/),
  boundAt: At,
})
export type Device = z.infer<typeof Device>

export const MyPass = z.object({
  passId: PassId,
  serial: z.int(),
  holderName: z.string(),
  schoolName: z.string(),
  status: z.enum(ROW_STATUSES),
  class: z.enum(PASS_CLASSES),
  notBefore: At,
  expires: At,
  groups: z.array(z.string()),
  device: Device.nullable(),
})
export type MyPass = z.infer<typeof MyPass>

const params = z.object({ passId: PassId })
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url')

export const myPasses = route({
  method: 'get',
  path: '/my/passes',
  can: 'my:read',
  summary: 'My own passes, newest first.',
  data: z.array(MyPass),
})

/**
 * Binds this phone to my pass; an older phone's codes die with the next list. The same phone again changes nothing.
 *
 * `proof` is a compact JWS, ES256 by the key itself, typ `gh-bind+1`, payload `{"passId","publicKey","iat"}`, at most five minutes old.
 */
export const bindDevice = route({
  method: 'post',
  path: '/my/passes/:passId/device',
  can: 'my:bind',
  summary: 'Bind this phone to my pass.',
  status: 201,
  params,
  body: z.strictObject({
    publicKey: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
    proof: z.string().max(1000),
  }),
  data: MyPass,
})

/** GHP1 STATIC, to print where there is no phone. */
export const myPassCode = route({
  method: 'get',
  path: '/my/passes/:passId/code',
  can: 'my:read',
  summary: 'The code of my pass that does not move, to print.',
  params,
  data: z.object({ digits: z.string() }),
})

export const myEvents = route({
  method: 'get',
  path: '/my/events',
  can: 'my:read',
  summary: 'My last passages and refusals, newest first.',
  query: z.object({ limit: z.coerce.number().int().min(1).max(50).default(10) }),
  data: z.array(AccessLine),
})

export const MyProfile = z.object({
  studentNumber: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  /** What the school writes to. */
  email: z.string().nullable(),
  department: z.string().nullable(),
  status: z.enum(STUDENT_STATUSES),
  schoolName: z.string(),
})
export type MyProfile = z.infer<typeof MyProfile>

export const myProfile = route({
  method: 'get',
  path: '/my/profile',
  can: 'my:read',
  summary: 'What my school keeps of me, as it is written on my pass and used to reach me.',
  data: MyProfile,
})

const MyLanguage = z.strictObject({
  /** Null: the school's. */
  language: z.enum(LANGUAGES).nullable(),
})

export const getMyLanguage = route({
  method: 'get',
  path: '/my/language',
  can: 'signed-in',
  summary: 'In which language I am written to.',
  data: MyLanguage,
})

export const setMyLanguage = route({
  method: 'put',
  path: '/my/language',
  can: 'signed-in',
  summary: 'Say in which language I am written to.',
  body: MyLanguage,
  data: MyLanguage,
})
