import type { Template } from './template.ts'

export const invitation: Template<{ readonly link: string; readonly days: number }> = {
  en: ({ link, days }, { school }) => ({
    subject: `Your account at ${school ?? 'Gatehouse'}`,
    blocks: [
      `${school ?? 'Gatehouse'} has an account for you. With this link you take it and choose a password:`,
      { link, words: 'Take my account' },
      `The link is for you alone. It works once, within ${days} days.`,
      'If you do not know what this is about, do nothing, or ask your school.',
    ],
  }),
  nl: ({ link, days }, { school }) => ({
    subject: `Uw account bij ${school ?? 'Gatehouse'}`,
    blocks: [
      `${school ?? 'Gatehouse'} heeft een account voor u. Met deze link neemt u het in gebruik en kiest u een wachtwoord:`,
      { link, words: 'Mijn account in gebruik nemen' },
      `De link is alleen voor u. Hij werkt één keer, binnen ${days} dagen.`,
      'Weet u niet waar dit over gaat? Doe dan niets, of vraag het aan uw school.',
    ],
  }),
}
