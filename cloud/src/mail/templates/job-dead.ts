import type { Template } from './template.ts'

export const jobDead: Template<{ readonly title: string; readonly error: string; readonly link: string }> = {
  en: ({ title, error, link }) => ({
    subject: `Failed: ${title}`,
    blocks: [
      `Gatehouse tried to do this and gave up: ${title}.`,
      `The reason it gives: ${error}`,
      { link, words: 'See the jobs, and do it again' },
      'For an hour you get no other mail like this.',
    ],
  }),
  nl: ({ title, error, link }) => ({
    subject: `Mislukt: ${title}`,
    blocks: [
      `Gatehouse probeerde dit te doen en gaf het op: ${title}.`,
      `De reden: ${error}`,
      { link, words: 'Bekijk de taken, en doe het opnieuw' },
      'Het komende uur krijgt u geen andere mail zoals deze.',
    ],
  }),
}
