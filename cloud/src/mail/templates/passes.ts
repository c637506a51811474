import type { Template } from './template.ts'

/** `number` as it is printed on the pass; `until` a time in ISO 8601. */
type Pass = { readonly holder: string; readonly number: string; readonly link: string }
type Ending = Pass & { readonly until: string }
type Taken = Pass & { readonly reason?: string | undefined }

export const passIssued: Template<Ending> = {
  en: ({ holder, number, until, link }, { when }) => ({
    subject: `Pass ${number} is ready`,
    blocks: [`Pass ${number} of ${holder} is valid until ${when(until)}.`, { link, words: 'See the pass' }],
  }),
  nl: ({ holder, number, until, link }, { when }) => ({
    subject: `Pas ${number} is klaar`,
    blocks: [`Pas ${number} van ${holder} is geldig tot ${when(until)}.`, { link, words: 'Bekijk de pas' }],
  }),
}

export const passExpiring: Template<Ending> = {
  en: ({ holder, number, until, link }, { when }) => ({
    subject: `Pass ${number} ends soon`,
    blocks: [`Pass ${number} of ${holder} ends ${when(until)}.`, { link, words: 'See the pass' }],
  }),
  nl: ({ holder, number, until, link }, { when }) => ({
    subject: `Pas ${number} verloopt binnenkort`,
    blocks: [`Pas ${number} van ${holder} verloopt ${when(until)}.`, { link, words: 'Bekijk de pas' }],
  }),
}

export const passSuspended: Template<Taken> = {
  en: ({ holder, number, reason = '', link }) => ({
    subject: `Pass ${number} is suspended`,
    blocks: [
      `Pass ${number} of ${holder} opens no gate for now.`,
      ...(reason === '' ? [] : [`The reason: ${reason}`]),
      { link, words: 'See the pass' },
    ],
  }),
  nl: ({ holder, number, reason = '', link }) => ({
    subject: `Pas ${number} is geblokkeerd`,
    blocks: [
      `Pas ${number} van ${holder} opent voorlopig geen poort.`,
      ...(reason === '' ? [] : [`De reden: ${reason}`]),
      { link, words: 'Bekijk de pas' },
    ],
  }),
}

export const passRevoked: Template<Taken> = {
  en: ({ holder, number, reason = '', link }) => ({
    subject: `Pass ${number} was revoked`,
    blocks: [
      `Pass ${number} of ${holder} opens no gate any more.`,
      ...(reason === '' ? [] : [`The reason: ${reason}`]),
      { link, words: 'See the pass' },
    ],
  }),
  nl: ({ holder, number, reason = '', link }) => ({
    subject: `Pas ${number} is ingetrokken`,
    blocks: [
      `Pas ${number} van ${holder} opent geen poort meer.`,
      ...(reason === '' ? [] : [`De reden: ${reason}`]),
      { link, words: 'Bekijk de pas' },
    ],
  }),
}

export const cardLost: Template<Pass> = {
  en: ({ holder, number, link }) => ({
    subject: `Card of pass ${number} reported lost`,
    blocks: [`The card of pass ${number} of ${holder} opens no gate any more.`, { link, words: 'See the pass' }],
  }),
  nl: ({ holder, number, link }) => ({
    subject: `Kaart van pas ${number} als verloren gemeld`,
    blocks: [`De kaart van pas ${number} van ${holder} opent geen poort meer.`, { link, words: 'Bekijk de pas' }],
  }),
}

export const visitorArrived: Template<{
  readonly visitor: string
  readonly gate: string
  readonly at: string
  readonly link: string
}> = {
  en: ({ visitor, gate, at, link }, { when }) => ({
    subject: `${visitor} is here`,
    blocks: [`Your visitor ${visitor} came through ${gate}, ${when(at)}.`, { link, words: 'See the visit' }],
  }),
  nl: ({ visitor, gate, at, link }, { when }) => ({
    subject: `${visitor} is er`,
    blocks: [`Uw bezoeker ${visitor} is binnengekomen bij ${gate}, ${when(at)}.`, { link, words: 'Bekijk het bezoek' }],
  }),
}
