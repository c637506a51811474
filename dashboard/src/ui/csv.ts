import { saveFile } from './save-file.ts'

/** A spreadsheet would run these as a formula: whoever chose such a name must not reach the reader's computer. */
const RUNS = /^[=+\-@\t\r]/

/** Rows as RFC 4180 has them, with a byte order mark so that Excel reads the names of everybody. */
export function csv(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`
}

function cell(text: string): string {
  const safe = RUNS.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function saveCsv(name: string, rows: readonly (readonly string[])[]): void {
  saveFile(`${name}.csv`, new Blob([csv(rows)], { type: 'text/csv' }))
}
