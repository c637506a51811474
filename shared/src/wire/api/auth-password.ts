import { z } from 'zod'
import { route } from '../contract.ts'

export const PASSWORD_CHARS_MIN = 8
export const PASSWORD_CHARS_MAX = 256

/** Of a new one; what is too easily guessed is refused with `weak_password`. */
export const NewPassword = z
  .string()
  .min(PASSWORD_CHARS_MIN, `must have at least ${PASSWORD_CHARS_MIN} characters`)
  .max(PASSWORD_CHARS_MAX, `must have at most ${PASSWORD_CHARS_MAX} characters`)

/** What a mailed link or a printed line carries: 32 bytes in base64url. */
export const OneTimeToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be the whole link, as it was sent')

export const changePassword = route({
  method: 'post',
  path: '/auth/password',
  can: 'signed-in',
  summary: 'Change my password. My other sessions end.',
  body: z.strictObject({ current: z.string().min(1).max(PASSWORD_CHARS_MAX), password: NewPassword }),
  data: z.null(),
})

export const askPasswordReset = route({
  method: 'post',
  path: '/auth/password-reset',
  can: 'anyone',
  summary: 'Mail a link that sets a new password, if somebody has this e-mail. The answer is always the same.',
  status: 202,
  body: z.strictObject({ email: z.string().trim().min(3).max(254) }),
  data: z.null(),
})

export const confirmPasswordReset = route({
  method: 'post',
  path: '/auth/password-reset/confirm',
  can: 'anyone',
  summary: 'Set a new password by a mailed link. Every session of the person ends.',
  body: z.strictObject({ token: OneTimeToken, password: NewPassword }),
  data: z.null(),
})
