import { z } from 'zod'

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** How many characters a person sees: a family emoji is one, and so is an `é` of two code points. */
export const graphemeCount = (text: string): number =>
  ALONE.test(text) ? text.length : [...graphemes.segment(text)].length

/** Latin letters and signs that join with nothing: one character each, and most names are made of them. */
const ALONE = /^[\u0020-\u007e\u00a0-\u00a8\u00aa-\u00ac\u00af-\u024f]*$/

/** What was typed, composed (NFC) and without blanks around it. A NUL and half of a surrogate pair are no text, and no database takes them. */
export function typed({ least, most }: { readonly least: number; readonly most: number }) {
  return z
    .string()
    .max(most * 10)
    .refine(text => !text.includes('\0') && text.isWellFormed(), 'has a character that is no text')
    .transform(text => text.normalize('NFC').trim())
    .refine(text => graphemeCount(text) >= least && graphemeCount(text) <= most, `${least} to ${most} characters`)
}

/** Of query strings, where an absent word and an empty one mean the same. */
export const SearchText = z
  .string()
  .max(100)
  .refine(text => !text.includes('\0') && text.isWellFormed(), 'has a character that is no text')
  .transform(text => text.trim())
