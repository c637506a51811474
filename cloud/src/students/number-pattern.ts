/** What a student number looks like where a school says nothing. */
export const NUMBER_PATTERN = '^[A-Za-z0-9-]{3,50}$'

/** Each may take or leave characters, and trying them all takes the product of the lengths: 50 characters in 4 are soon through. */
const LOOSE_MAX = 4

const ATOM = String.raw`(?:\[(?:[^\]\\]|\\[dw\\\]\[^-])+\]|\\[dwDW.\\/+*?()[\]{}|^$-]|[A-Za-z0-9 _:#.,/-])`
const COUNT = String.raw`(?:\{\d{1,2}(?:,\d{0,2})?\}|[?+*])?`
const WHOLE = new RegExp(`^\\^?(?:${ATOM}${COUNT})+\\$?$`)
const LOOSE = /[?+*]|\{\d{1,2},\d{0,2}\}/g

/**
 * A pattern of characters, classes and how many of each, without groups or choices: what takes a second to say no to a number would stop
 * everybody. Null: it is not such a pattern.
 */
export function numberPattern(text: string): RegExp | null {
  const loose = text.replace(/\[(?:[^\]\\]|\\.)+\]|\\./g, 'x').match(LOOSE) ?? []
  if (!WHOLE.test(text) || loose.length > LOOSE_MAX) return null
  try {
    return new RegExp(`^(?:${text})$`, 'u')
  } catch {
    return null
  }
}
