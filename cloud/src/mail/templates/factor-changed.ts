import type { Template } from './template.ts'

export const factorChanged: Template<{ readonly address: string; readonly at: string }> = {
  en: ({ address, at }, { when }) => ({
    subject: 'How you sign in was changed',
    blocks: [
      `A second step of signing in (an app, a passkey or recovery codes) was added or taken away, ${when(at)}, from ${address || 'an unknown address'}.`,
      'If it was not you, change your password now, and tell your administrator.',
    ],
  }),
  nl: ({ address, at }, { when }) => ({
    subject: 'Uw manier van inloggen is gewijzigd',
    blocks: [
      `Een tweede stap bij het inloggen (een app, een passkey of herstelcodes) is toegevoegd of weggehaald, ${when(at)}, vanaf ${address || 'een onbekend adres'}.`,
      'Was u het niet? Wijzig dan nu uw wachtwoord, en waarschuw uw beheerder.',
    ],
  }),
}
