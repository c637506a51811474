/** What stands in one cell; null is an empty one. */
export type Cell = string | number | null

/**
 * A spreadsheet runs what begins so as a formula, after blanks too, and some read the full-width signs as the plain
 * ones. Whoever chose such a name must not reach the reader's computer.
 */
const RUNS = /^[\s\u00a0\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/** The text as a cell that is only read: with an apostrophe before what would run. */
export function harmless(text: string): string {
  return RUNS.test(text) ? `'${text}` : text
}
