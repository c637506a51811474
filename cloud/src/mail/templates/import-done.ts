import type { Template } from './template.ts'

/** Numbers of students, as text. */
export const importDone: Template<{
  readonly title: string
  readonly added: string
  readonly changed: string
  readonly left: string
  readonly refused: string
  readonly link: string
}> = {
  en: ({ title, added, changed, left, refused, link }) => ({
    subject: `Import done: ${title}`,
    blocks: [
      `${added} added, ${changed} changed, ${left} gone, ${refused} refused.`,
      { link, words: 'See what it did' },
      ...(refused !== '0' ? ['Why lines were refused stands beside each of them.'] : []),
    ],
  }),
  nl: ({ title, added, changed, left, refused, link }) => ({
    subject: `Import klaar: ${title}`,
    blocks: [
      `${added} toegevoegd, ${changed} gewijzigd, ${left} weg, ${refused} geweigerd.`,
      { link, words: 'Bekijk wat er is gedaan' },
      ...(refused !== '0' ? ['Bij elke geweigerde regel staat waarom.'] : []),
    ],
  }),
}
