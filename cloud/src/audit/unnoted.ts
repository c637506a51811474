import type { Route } from '@gatehouse/shared/wire/contract.ts'

/** Reading with one of these shows people, or what they did. */
const SHOWS_PEOPLE: readonly Route['can'][] = [
  'student:read',
  'pass:read',
  'pass:create',
  'visitor:read',
  'event:read',
  'user:read',
  'search:read',
  'file:read',
  'audit:read',
  'application:read',
  'person:export',
  'person:erase',
]

/** Routes that change or show something and tell the audit log nothing, and why that is right. */
export const UNNOTED: Readonly<Record<string, string>> = {
  'post /auth/refresh': 'a session goes on: its beginning and its end are told',
  'post /gates/:gateId/configuration/check': 'computes only: nothing is sent or kept',
  'post /cards/learn': 'computes only: no card that is learnt from is kept',
  'post /demo/present': 'holds something to a simulated reader: the gate tells what it did as an event',
  'post /auth/passkey/options': 'a challenge: nothing is done with it yet',
  'post /auth/passkeys/options': 'a challenge: nothing is done with it yet',
  'post /auth/factors/totp': 'a secret that is not in force before it is confirmed',
  'get /access-levels': 'names of levels, and nobody’s',
  'get /pass-proposal': 'computes what a pass would open, and shows nobody',
  'post /access-levels/:levelId/preview': 'counts only: nothing is changed',
  'post /holidays/calendar-preview': 'days of a calendar, and nobody’s',
  'post /auth/password-reset': 'the same answer for everybody: where there is such a person, the letter is told',
  'post /invitations/preview': 'counts only: nothing is sent or kept',
  'post /pass-batches/preview': 'counts only: nothing is issued',
  'post /pass-renewals/preview': 'counts, and names passes that stay as they are: the order is told',
  'put /my/language': 'in which language somebody is written to is no act on data of others',
  'post /my/notifications/read': 'that somebody read what they were told',
  'post /my/notifications/:notificationId/read': 'that somebody read what they were told',
  'put /my/push-subscription': 'a browser of one’s own, for as long as its session: the session is told',
  'delete /my/push-subscription': 'a browser of one’s own',
  'get /groups': 'names of places, and nobody’s',
}

/** null: this route has to tell the audit log each time it succeeds. */
export function whyUnnoted({ method, path, can }: Pick<Route, 'method' | 'path' | 'can'>): string | null {
  if (method === 'get' && !SHOWS_PEOPLE.includes(can)) return 'shows nobody'
  return UNNOTED[`${method} ${path}`] ?? null
}
