import type { Template } from './template.ts'

/** `counts` in the order they are told. */
export const importDone: Template<{
  readonly title: string
  readonly counts: { readonly added: number; readonly changed: number; readonly left: number; readonly refused: number }
  readonly link: string
}> = {
  en: ({ title, counts: { added, changed, left, refused }, link }) => ({
    subject: `Import done: ${title}`,
    blocks: [
      `${added} added, ${changed} changed, ${left} gone, ${refused} refused.`,
      { link, words: 'See what it did' },
      ...(refused > 0 ? ['Why lines were refused stands beside each of them.'] : []),
    ],
  }),
  nl: ({ title, counts: { added, changed, left, refused }, link }) => ({
    subject: `Import klaar: ${title}`,
    blocks: [
      `${added} toegevoegd, ${changed} gewijzigd, ${left} weg, ${refused} geweigerd.`,
      { link, words: 'Bekijk wat er is gedaan' },
      ...(refused > 0 ? ['Bij elke geweigerde regel staat waarom.'] : []),
    ],
  }),
}
