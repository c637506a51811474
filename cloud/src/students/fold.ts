/** Letters that are their own and not a base with a mark, as people type them without. */
const PLAIN: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
}

/** A text as search compares it: no case, no accents. `Zoë Ångström` and `zoe angstrom` are one. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[øłđðþßæœı]/g, letter => PLAIN[letter]!)
    .trim()
}

const WORDS_MAX = 8

/** The words of a search, folded, and safe inside LIKE: a `%` that was typed is a percent sign. */
export function searchWords(text: string): string[] {
  return fold(text)
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, WORDS_MAX)
    .map(word => word.replace(/[\\%_]/g, character => `\\${character}`))
}
