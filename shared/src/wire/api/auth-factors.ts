import { z } from 'zod'
import { route } from '../contract.ts'
import { SignedIn } from './auth.ts'
import { Passkey, PasskeyAssertion } from './auth-passkeys.ts'
import { OneTimeToken } from './auth-password.ts'
import { At, Id } from './envelope.ts'

export const RECOVERY_CODES = 10

const TotpCode = z
  .string()
  .transform(text => text.replaceAll(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/, 'must be the six digits that the application shows'))
/** As it is printed, `abcd-efgh-jkmn`; case and hyphens do not count. */
const RecoveryCode = z.string().min(12, 'must be a whole recovery code').max(40)
const Proof = z.strictObject({ code: z.string().min(6).max(40) })

export const secondFactor = route({
  method: 'post',
  path: '/auth/second-factor',
  can: 'anyone',
  summary: 'The second step of signing in: a code of the application, a passkey, or a recovery code.',
  body: z.union(
    [
      z.strictObject({ token: OneTimeToken, code: TotpCode }),
      z.strictObject({ token: OneTimeToken, recoveryCode: RecoveryCode }),
      z.strictObject({ token: OneTimeToken, passkey: PasskeyAssertion }),
    ],
    'must have the token, and one of code, recoveryCode and passkey',
  ),
  data: SignedIn,
})

export const Factors = z.object({
  totp: z.object({ since: At }).nullable(),
  recoveryCodesLeft: z.int(),
  passkeys: z.array(Passkey),
  /** The school asks my role for one. */
  required: z.boolean(),
})
export type Factors = z.infer<typeof Factors>

export const listFactors = route({
  method: 'get',
  path: '/auth/factors',
  can: 'signed-in',
  summary: 'What I sign in with beside the password.',
  data: Factors,
})

export const startTotp = route({
  method: 'post',
  path: '/auth/factors/totp',
  can: 'signed-in',
  summary: 'A secret for an authenticator application. It counts once a code of it was given back.',
  status: 201,
  data: z.object({
    /** Base32, to be typed where no camera is. */
    secret: z.string(),
    /** For the QR code: `otpauth://totp/...`. */
    uri: z.string(),
  }),
})

const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })

export const confirmTotp = route({
  method: 'post',
  path: '/auth/factors/totp/confirm',
  can: 'signed-in',
  summary: 'The first code of the application: from now on it is asked for. Answers ten recovery codes, shown once.',
  body: z.strictObject({ code: TotpCode }),
  data: RecoveryCodes,
})

export const removeTotp = route({
  method: 'post',
  path: '/auth/factors/totp/remove',
  can: 'signed-in',
  summary: 'Ask for no codes any more. Takes a code of the application, or a recovery code.',
  body: Proof,
  data: z.null(),
})

export const renewRecoveryCodes = route({
  method: 'post',
  path: '/auth/factors/recovery-codes',
  can: 'signed-in',
  summary: 'Ten new recovery codes; the old ones end. Takes a code of the application, or a recovery code.',
  body: Proof,
  data: RecoveryCodes,
})

export const resetFactors = route({
  method: 'delete',
  path: '/users/:userId/factors',
  can: 'user:update',
  summary: 'Take the second factors from somebody who lost them. Their sessions end.',
  params: z.object({ userId: Id }),
  data: z.null(),
})
