import { z } from 'zod'
import { route } from '../contract.ts'
import { TENANT } from '../topics.ts'
import { NewPassword, OneTimeToken } from './auth-password.ts'
import { Id } from './envelope.ts'

const NewAdministrator = z.strictObject({
  email: z
    .string()
    .trim()
    .max(254)
    .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address'),
  displayName: z.string().trim().min(1).max(200),
  password: NewPassword,
})

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

export const setUp = route({
  method: 'post',
  path: '/setup',
  can: 'anyone',
  summary: 'The first school and its administrator, by the link that an empty service prints when it starts. Once.',
  status: 201,
  body: z.strictObject({
    token: OneTimeToken,
    school: z.strictObject({
      name: z.string().trim().min(1).max(200),
      tenant: z.string().regex(TENANT, 'must be lower-case letters, digits and hyphens, 3 to 36'),
      timeZone: z.string().max(60).refine(isZone, 'must be a time zone such as Europe/Amsterdam'),
    }),
    administrator: NewAdministrator,
    /** Somebody for all schools, where there will be more than one. */
    superAdministrator: NewAdministrator.optional(),
  }),
  data: z.object({ schoolId: Id, tenant: z.string() }),
})
