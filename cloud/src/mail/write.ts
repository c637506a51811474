import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import { htmlText } from './html-text.ts'
import type { Block, Letter } from './templates/template.ts'

export type Written = { readonly subject: string; readonly text: string; readonly html: string }

const SUBJECT_CHARACTERS_MAX = 200

const GREETING = {
  en: (name: string | null) => (name === null ? 'Hello,' : `Hello ${name},`),
  nl: (name: string | null) => (name === null ? 'Hallo,' : `Hallo ${name},`),
}
const FOOT = {
  en: (school: string | null) =>
    `Sent by Gatehouse${school === null ? '' : ` for ${school}`}. Answers to this mail are not read.`,
  nl: (school: string | null) =>
    `Verstuurd door Gatehouse${school === null ? '' : ` voor ${school}`}. Antwoorden op deze mail worden niet gelezen.`,
}

/** A letter as mail: plain text, and the same in HTML without pictures or anything that is fetched. */
export function write(
  letter: Letter,
  {
    language,
    name,
    school,
  }: { readonly language: Language; readonly name: string | null; readonly school: string | null },
): Written {
  const subject = [...oneLine(letter.subject)].slice(0, SUBJECT_CHARACTERS_MAX).join('')
  const [hello, foot] = [oneLine(GREETING[language](name)), oneLine(FOOT[language](school))]
  const blocks = letter.blocks.map(block => (typeof block === 'string' ? oneLine(block) : block))
  const text = [hello, ...blocks.map(textOf), '-- ', foot].join('\n\n').replace('-- \n\n', '-- \n')
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${htmlText(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1a1a1a;background:#ffffff">
<div style="max-width:560px" dir="auto">
${[`<p>${htmlText(hello)}</p>`, ...blocks.map(htmlOf), `<p style="color:#555555;font-size:13px">${htmlText(foot)}</p>`].join('\n')}
</div></body></html>
`
  return { subject, text: `${text}\n`, html }
}

function textOf(block: Block): string {
  if (typeof block === 'string') return block
  return 'link' in block ? block.link : `    ${oneLine(block.code)}`
}

function htmlOf(block: Block): string {
  if (typeof block === 'string') return `<p dir="auto">${htmlText(block)}</p>`
  if ('code' in block) return `<p style="font:20px monospace">${htmlText(oneLine(block.code))}</p>`
  const address = htmlText(requireWeb(block.link))
  return `<p><a href="${address}">${htmlText(oneLine(block.words))}</a><br><span style="font-size:13px;color:#555555">${address}</span></p>`
}

/** What people typed stays on its line: line ends would begin a header, and marks that turn the direction of writing would disguise what follows. */
export function oneLine(text: string): string {
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
}

function requireWeb(link: string): string {
  if (!/^https?:\/\/[^\s<>"]+$/.test(link)) throw new Error('a link in a mail is not the address of a page')
  return link
}
