import type { Template } from './template.ts'

export const firstAdministrator: Template<{ readonly link: string; readonly days: number }> = {
  en: ({ link, days }, { school }) => ({
    subject: `You look after ${school ?? 'Gatehouse'} now`,
    blocks: [
      `You are the first administrator of ${school ?? 'this installation of Gatehouse'}. With this link you choose a password and begin:`,
      { link, words: 'Begin' },
      `It works once, within ${days} days.`,
    ],
  }),
  nl: ({ link, days }, { school }) => ({
    subject: `U beheert nu ${school ?? 'Gatehouse'}`,
    blocks: [
      `U bent de eerste beheerder van ${school ?? 'deze installatie van Gatehouse'}. Met deze link kiest u een wachtwoord en begint u:`,
      { link, words: 'Beginnen' },
      `De link werkt één keer, binnen ${days} dagen.`,
    ],
  }),
}
