import { strToU8, zipSync } from 'fflate'
import { htmlText } from '../mail/html-text.ts'
import type { Held } from './held.repo.ts'

export type DataFileOf = { readonly school: string; readonly atMs: number; readonly held: readonly Held[] }

/** A zip file with `data.json` for programs and `data.html` for people, which needs nothing but a browser. */
export function dataFile(of: DataFileOf): Uint8Array {
  return zipSync({ 'data.json': strToU8(asJson(of)), 'data.html': strToU8(asHtml(of)) }, { level: 6 })
}

function asJson({ school, atMs, held }: DataFileOf): string {
  const parts = Object.fromEntries(held.map(({ name, total, rows }) => [name, { total, rows }]))
  return JSON.stringify({ school, madeAt: new Date(atMs).toISOString(), ...parts }, null, 2)
}

function asHtml({ school, atMs, held }: DataFileOf): string {
  const title = `What ${school} keeps of you`
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${htmlText(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}table{border-collapse:collapse;display:block;overflow-x:auto}
th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}td{overflow-wrap:anywhere}</style>
<h1>${htmlText(title)}</h1>
<p>Made on ${htmlText(new Date(atMs).toISOString())}. Times are in UTC. The file data.json has the same for programs.</p>
${held.map(section).join('\n')}
</html>
`
}

function section({ name, total, rows }: Held): string {
  const [first] = rows
  const more = rows.length < total && rows.length > 0 ? `<p>The newest ${rows.length} of ${total}.</p>` : ''
  if (first === undefined) return `<h2>${htmlText(spoken(name))}</h2><p>${total}, of which nothing can be shown.</p>`
  const columns = Object.keys(first)
  const head = columns.map(column => `<th scope="col">${htmlText(spoken(column))}</th>`).join('')
  const lines = rows.map(row => `<tr>${columns.map(column => `<td>${htmlText(said(row[column]))}</td>`).join('')}</tr>`)
  return `<h2>${htmlText(spoken(name))}</h2>${more}<table><thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table>`
}

/** `first_name`, `accessKeys`: First name, Access keys. */
function spoken(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
  return words[0]!.toUpperCase() + words.slice(1)
}

function said(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
