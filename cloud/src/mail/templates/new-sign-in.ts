import type { Template } from './template.ts'

/** `at` is a time in ISO 8601; `device` as the browser tells of itself, in a few words. */
export const newSignIn: Template<{ readonly device: string; readonly address: string; readonly at: string }> = {
  en: ({ device, address, at }, { when }) => ({
    subject: 'Somebody signed in to your account',
    blocks: [
      `Your account was used on a device that was not seen before: ${device || 'unknown'}, from ${address || 'an unknown address'}, ${when(at)}.`,
      'If it was you, there is nothing to do.',
      'If not: change your password now, and sign out everywhere on the page of your account.',
    ],
  }),
  nl: ({ device, address, at }, { when }) => ({
    subject: 'Er is ingelogd op uw account',
    blocks: [
      `Uw account is gebruikt op een apparaat dat niet eerder is gezien: ${device || 'onbekend'}, vanaf ${address || 'een onbekend adres'}, ${when(at)}.`,
      'Was u het zelf? Dan hoeft u niets te doen.',
      'Zo niet: wijzig nu uw wachtwoord, en log overal uit op de pagina van uw account.',
    ],
  }),
}
