import type { NotificationKind } from '@gatehouse/shared/wire/api/notifications.ts'

export const KIND_WORDS: Record<NotificationKind, string> = {
  application_submitted: 'Application submitted',
  documents_asked: 'Documents asked for',
  application_approved: 'Application approved',
  application_rejected: 'Application rejected',
  application_reminder: 'Application waits',
  pass_issued: 'Pass issued',
  pass_expiring: 'Pass ends soon',
  pass_suspended: 'Pass suspended',
  pass_revoked: 'Pass revoked',
  card_lost: 'Card lost',
  visitor_arrived: 'Visitor arrived',
  gate_offline: 'Gate offline',
  gate_alarm: 'Alarm at a gate',
  list_stale: 'Gate with an old list',
  import_done: 'Import done',
  job_dead: 'Job failed',
  new_sign_in: 'New sign-in',
  password_changed: 'Password changed',
  factor_changed: 'Second step changed',
}
