import type { Template } from './template.ts'

export const passwordChanged: Template<{ readonly address: string; readonly at: string }> = {
  en: ({ address, at }, { when }) => ({
    subject: 'Your password was changed',
    blocks: [
      `The password of your account was changed, ${when(at)}, from ${address || 'an unknown address'}.`,
      'If it was not you, ask for a new password on the sign-in page now, and tell your administrator.',
    ],
  }),
  nl: ({ address, at }, { when }) => ({
    subject: 'Uw wachtwoord is gewijzigd',
    blocks: [
      `Het wachtwoord van uw account is gewijzigd, ${when(at)}, vanaf ${address || 'een onbekend adres'}.`,
      'Was u het niet? Vraag dan nu een nieuw wachtwoord aan op de inlogpagina, en waarschuw uw beheerder.',
    ],
  }),
}
