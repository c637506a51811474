import type { InvitationPreview, InvitationState, InvitationWay } from '@gatehouse/shared/wire/api/invitations.ts'
import type { BadgeTone } from '../ui/badge.tsx'

export const INVITATION_STATE_WORDS: Record<InvitationState, string> = {
  open: 'Open',
  claimed: 'Claimed',
  ended: 'Taken back',
  expired: 'Expired',
}
export const INVITATION_STATE_TONES: Record<InvitationState, BadgeTone> = {
  open: 'warning',
  claimed: 'granted',
  ended: 'quiet',
  expired: 'quiet',
}
export const WAY_WORDS: Record<InvitationWay, string> = { mail: 'By mail', print: 'On paper' }

const count = (students: number, words: string) =>
  `${students.toLocaleString()} ${students === 1 ? 'student' : 'students'} ${words}`

/** What keeps students from being invited, one line each, and nothing of what is nought. */
export function sayNotInvited(preview: InvitationPreview): string[] {
  const { hasAccount, notActive, noEmail, addressInUse, noBirthDate } = preview
  return [
    hasAccount > 0 && count(hasAccount, hasAccount === 1 ? 'has an account already' : 'have an account already'),
    notActive > 0 && count(notActive, notActive === 1 ? 'is not active' : 'are not active'),
    noEmail > 0 && count(noEmail, noEmail === 1 ? 'has no e-mail address' : 'have no e-mail address'),
    addressInUse > 0 && count(addressInUse, 'with an address that an account of somebody else has'),
    noBirthDate > 0 && count(noBirthDate, 'without a date of birth, which the school asks for'),
  ].filter(line => line !== false)
}
