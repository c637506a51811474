import {
  applicationApproved,
  applicationRejected,
  applicationReminder,
  applicationSubmitted,
  documentsAsked,
} from './templates/applications.ts'
import { daily } from './templates/daily.ts'
import { factorChanged } from './templates/factor-changed.ts'
import { firstAdministrator } from './templates/first-administrator.ts'
import { gateAlarm, gateOffline, listStale } from './templates/gates.ts'
import { importDone } from './templates/import-done.ts'
import { invitation } from './templates/invitation.ts'
import { jobDead } from './templates/job-dead.ts'
import { newSignIn } from './templates/new-sign-in.ts'
import { cardLost, passExpiring, passIssued, passRevoked, passSuspended, visitorArrived } from './templates/passes.ts'
import { passwordChanged } from './templates/password-changed.ts'
import { passwordReset } from './templates/password-reset.ts'
import type { Template } from './templates/template.ts'

/** Every letter the service writes. */
export const TEMPLATES = {
  password_reset: passwordReset,
  application_submitted: applicationSubmitted,
  documents_asked: documentsAsked,
  application_approved: applicationApproved,
  application_rejected: applicationRejected,
  application_reminder: applicationReminder,
  pass_issued: passIssued,
  pass_expiring: passExpiring,
  pass_suspended: passSuspended,
  pass_revoked: passRevoked,
  card_lost: cardLost,
  visitor_arrived: visitorArrived,
  gate_offline: gateOffline,
  gate_alarm: gateAlarm,
  list_stale: listStale,
  daily,
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
