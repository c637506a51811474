import type { Template } from './template.ts'

/** `link` is good for an hour, once; `address`: where it was asked for. */
export const passwordReset: Template<{ readonly link: string; readonly address?: string }> = {
  en: ({ link, address = '' }) => ({
    subject: 'Choose a new password',
    blocks: [
      'Somebody asked for a new password for your account. With this link you choose one:',
      { link, words: 'Choose a new password' },
      'It works once, within an hour.',
      `If it was not you, do nothing: your password stays as it is.${address === '' ? '' : ` It was asked for from ${address}.`}`,
    ],
  }),
  nl: ({ link, address = '' }) => ({
    subject: 'Kies een nieuw wachtwoord',
    blocks: [
      'Iemand vroeg een nieuw wachtwoord aan voor uw account. Met deze link kiest u er een:',
      { link, words: 'Nieuw wachtwoord kiezen' },
      'De link werkt één keer, binnen een uur.',
      `Was u het niet? Doe dan niets: uw wachtwoord blijft zoals het is.${address === '' ? '' : ` De aanvraag kwam van ${address}.`}`,
    ],
  }),
}
