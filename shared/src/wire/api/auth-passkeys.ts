import { z } from 'zod'
import { route } from '../contract.ts'
import { SignedIn } from './auth.ts'
import { OneTimeToken } from './auth-password.ts'
import { At, Id } from './envelope.ts'

export const PASSKEYS_EACH_MAX = 20

const Bytes = (charsMax: number) => z.string().regex(new RegExp(`^[A-Za-z0-9_-]{1,${charsMax}}$`), 'must be base64url')
const Attachment = z.enum(['platform', 'cross-platform'])
/** What browsers send of extensions nobody asked for. */
const Extensions = z.record(z.string().max(40), z.unknown())

/** AuthenticationResponseJSON of WebAuthn level 3. */
export const PasskeyAssertion = z.object({
  id: Bytes(1400),
  rawId: Bytes(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: Attachment.nullish().transform(it => it ?? undefined),
  clientExtensionResults: Extensions,
  response: z.object({
    clientDataJSON: Bytes(4096),
    authenticatorData: Bytes(8192),
    signature: Bytes(2048),
    userHandle: Bytes(128)
      .nullish()
      .transform(it => it ?? undefined),
  }),
})
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>

/** RegistrationResponseJSON of WebAuthn level 3. */
export const PasskeyRegistration = z.object({
  id: Bytes(1400),
  rawId: Bytes(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: Attachment.nullish().transform(it => it ?? undefined),
  clientExtensionResults: Extensions,
  response: z.object({
    clientDataJSON: Bytes(4096),
    attestationObject: Bytes(40_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
})

export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>

/** What is handed to the browser as it is. */
const Options = z.object({ options: z.looseObject({ challenge: z.string() }) })

export const passkeyOptions = route({
  method: 'post',
  path: '/auth/passkey/options',
  can: 'anyone',
  summary: 'A challenge for signing in by passkey, or, with the token of a sign-in that waits, for its second step.',
  body: z.strictObject({ token: OneTimeToken.optional() }),
  data: Options,
})

export const passkeySignIn = route({
  method: 'post',
  path: '/auth/passkey',
  can: 'anyone',
  summary: 'Sign in by passkey: it is both what one has and what one knows or is.',
  body: z.strictObject({ passkey: PasskeyAssertion, rememberMe: z.boolean().default(false) }),
  data: SignedIn,
})

export const Passkey = z.object({
  id: Id,
  name: z.string(),
  /** It is on more than this device, by the keeper of the device's keys. */
  backedUp: z.boolean(),
  createdAt: At,
  lastUsedAt: At.nullable(),
})
export type Passkey = z.infer<typeof Passkey>

export const newPasskeyOptions = route({
  method: 'post',
  path: '/auth/passkeys/options',
  can: 'signed-in',
  summary: 'A challenge for a new passkey.',
  data: Options,
})

export const createPasskey = route({
  method: 'post',
  path: '/auth/passkeys',
  can: 'signed-in',
  summary: 'Keep a passkey that the browser made.',
  status: 201,
  body: z.strictObject({ name: z.string().trim().min(1).max(100), passkey: PasskeyRegistration }),
  data: z.object({
    passkey: Passkey,
    /** Made with the first factor somebody has, and shown once; null: there were some. */
    recoveryCodes: z.array(z.string()).nullable(),
  }),
})

export const deletePasskey = route({
  method: 'delete',
  path: '/auth/passkeys/:passkeyId',
  can: 'signed-in',
  summary: 'Take a passkey away.',
  params: z.object({ passkeyId: Id }),
  data: z.null(),
})
