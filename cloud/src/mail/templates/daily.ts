import type { Template } from './template.ts'

/** What somebody asked to be told once a day. `more`: how many lines were left out. */
export const daily: Template<{
  readonly lines: readonly string[]
  readonly more: number
  readonly link: string
}> = {
  en: ({ lines, more, link }, { school }) => ({
    subject: `Today at ${school ?? 'Gatehouse'}: ${lines.length + more}`,
    blocks: [...lines, ...(more > 0 ? [`And ${more} more.`] : []), { link, words: 'See them all' }],
  }),
  nl: ({ lines, more, link }, { school }) => ({
    subject: `Vandaag bij ${school ?? 'Gatehouse'}: ${lines.length + more}`,
    blocks: [...lines, ...(more > 0 ? [`En nog ${more}.`] : []), { link, words: 'Bekijk ze allemaal' }],
  }),
}
