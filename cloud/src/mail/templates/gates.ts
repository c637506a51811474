import type { Template } from './template.ts'

/** Times in ISO 8601. */
type Gate = { readonly gate: string; readonly link: string }

export const gateOffline: Template<Gate & { readonly since: string }> = {
  en: ({ gate, since, link }, { when }) => ({
    subject: `${gate} is offline`,
    blocks: [
      `${gate} is not connected since ${when(since)}. It goes on deciding by the list it has, and tells what happened later.`,
      { link, words: 'See the gates' },
    ],
  }),
  nl: ({ gate, since, link }, { when }) => ({
    subject: `${gate} heeft geen verbinding`,
    blocks: [
      `${gate} heeft geen verbinding sinds ${when(since)}. De poort beslist verder met de lijst die er is, en vertelt later wat er gebeurde.`,
      { link, words: 'Bekijk de poorten' },
    ],
  }),
}

export const gateAlarm: Template<Gate & { readonly alarm: string; readonly at: string }> = {
  en: ({ gate, alarm, at, link }, { when }) => ({
    subject: `Alarm at ${gate}`,
    blocks: [`${alarm}, at ${gate}, ${when(at)}.`, { link, words: 'See the gate' }],
  }),
  nl: ({ gate, alarm, at, link }, { when }) => ({
    subject: `Alarm bij ${gate}`,
    blocks: [`${alarm}, bij ${gate}, ${when(at)}.`, { link, words: 'Bekijk de poort' }],
  }),
}

export const listStale: Template<Gate & { readonly since: string }> = {
  en: ({ gate, since, link }, { when }) => ({
    subject: `${gate} has an old list`,
    blocks: [
      `The list of passes at ${gate} is from ${when(since)}. Passes that were revoked since may still open it.`,
      { link, words: 'See the gate' },
    ],
  }),
  nl: ({ gate, since, link }, { when }) => ({
    subject: `${gate} heeft een oude lijst`,
    blocks: [
      `De lijst met passen van ${gate} is van ${when(since)}. Passen die daarna zijn ingetrokken kunnen er nog werken.`,
      { link, words: 'Bekijk de poort' },
    ],
  }),
}
