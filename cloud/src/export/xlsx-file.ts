import { strToU8, Zip, ZipDeflate } from 'fflate'
import type { Cell } from './cell.ts'

/** ECMA-376: rows of a sheet, and characters of a cell. */
const SHEET_ROWS_MAX = 1_048_576
const CELL_CHARACTERS_MAX = 32_767
const CHUNK_CHARACTERS = 64 * 1024

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

/**
 * A workbook, written while its rows come: memory is a chunk. Text is text and never a formula, because no cell has
 * one. The first row is the headings, again at the top of every sheet; rows that no sheet has room for begin another.
 */
export async function* xlsxFile(
  rows: AsyncIterable<readonly Cell[]>,
  sheetRowsMax: number = SHEET_ROWS_MAX,
): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = []
  const zip = new Zip((problem, chunk) => {
    if (problem !== null) throw problem
    out.push(chunk)
  })
  const taken = () => out.splice(0)
  const add = (name: string) => {
    const file = new ZipDeflate(name, { level: 6 })
    zip.add(file)
    return file
  }
  const whole = (name: string, text: string) => add(name).push(strToU8(HEAD + text), true)

  let sheets = 0
  let sheet: ZipDeflate | null = null
  let headings: readonly Cell[] | null = null
  let number = 0
  let text = ''
  const begin = () => {
    sheets++
    number = 0
    sheet = add(`xl/worksheets/sheet${sheets}.xml`)
    text = `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`
    if (headings !== null) text += rowOf(headings, ++number)
  }
  const end = () => {
    sheet?.push(strToU8(`${text}</sheetData></worksheet>`), true)
    text = ''
  }

  begin()
  for await (const row of rows) {
    if (number === sheetRowsMax) {
      end()
      begin()
    }
    text += rowOf(row, ++number)
    headings ??= row
    if (text.length < CHUNK_CHARACTERS) continue
    sheet!.push(strToU8(text), false)
    text = ''
    yield* taken()
  }
  end()
  const numbers = Array.from({ length: sheets }, (_, at) => at + 1)
  whole('xl/workbook.xml', workbook(numbers))
  whole('xl/_rels/workbook.xml.rels', relations(numbers.map(each => ['worksheet', `worksheets/sheet${each}.xml`])))
  whole('_rels/.rels', relations([['officeDocument', 'xl/workbook.xml']]))
  whole('[Content_Types].xml', contentTypes(numbers))
  zip.end()
  yield* taken()
  out = []
}

function rowOf(cells: readonly Cell[], number: number): string {
  return `<row r="${number}">${cells.map(cellOf).join('')}</row>`
}

function cellOf(cell: Cell): string {
  if (cell === null || cell === '') return '<c/>'
  if (typeof cell === 'number') return `<c><v>${cell}</v></c>`
  return `<c t="inlineStr"><is><t xml:space="preserve">${said(cell)}</t></is></c>`
}

/** Control characters and lone surrogates have no place in XML; Excel spells them `_x0007_`, and that spelling itself `_x005F_x0007_`. */
function said(text: string): string {
  const spell = (character: string) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
  return text
    .slice(0, CELL_CHARACTERS_MAX)
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
      /[\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      spell,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

function workbook(numbers: readonly number[]): string {
  const sheets = numbers.map(each => `<sheet name="Sheet${each}" sheetId="${each}" r:id="rId${each}"/>`).join('')
  return `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${sheets}</sheets></workbook>`
}

function relations(all: readonly (readonly [type: string, target: string])[]): string {
  const lines = all.map(
    ([type, target], at) => `<Relationship Id="rId${at + 1}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  )
  return `<Relationships xmlns="${PACKAGE}/relationships">${lines.join('')}</Relationships>`
}

function contentTypes(numbers: readonly number[]): string {
  const spreadsheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const part = (name: string, type: string) => `<Override PartName="${name}" ContentType="${type}+xml"/>`
  return `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${part('/xl/workbook.xml', `${spreadsheet}.sheet.main`)}${numbers.map(each => part(`/xl/worksheets/sheet${each}.xml`, `${spreadsheet}.worksheet`)).join('')}</Types>`
}
