import { factorChanged } from './templates/factor-changed.ts'
import { firstAdministrator } from './templates/first-administrator.ts'
import { importDone } from './templates/import-done.ts'
import { invitation } from './templates/invitation.ts'
import { jobDead } from './templates/job-dead.ts'
import { newSignIn } from './templates/new-sign-in.ts'
import { passwordChanged } from './templates/password-changed.ts'
import { passwordReset } from './templates/password-reset.ts'
import type { Template } from './templates/template.ts'

/** Every letter the service writes. */
export const TEMPLATES = {
  password_reset: passwordReset,
  invitation,
  first_administrator: firstAdministrator,
  new_sign_in: newSignIn,
  password_changed: passwordChanged,
  factor_changed: factorChanged,
  import_done: importDone,
  job_dead: jobDead,
} as const

export type TemplateName = keyof typeof TEMPLATES
export type ValuesOf<Name extends TemplateName> =
  (typeof TEMPLATES)[Name] extends Template<infer Values> ? Values : never
