import { createRequire } from 'node:module'
import { parse } from 'csv-parse/sync'
import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { type Cell, harmless } from './cell.ts'
import { csvFile } from './csv-file.ts'
import { xlsxFile } from './xlsx-file.ts'

const NAUGHTY: readonly string[] = createRequire(import.meta.url)('big-list-of-naughty-strings')

async function* rowsOf(rows: readonly (readonly Cell[])[]) {
  yield* rows
}

async function bytesOf(file: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const csv = async (rows: readonly (readonly Cell[])[], style: Partial<Parameters<typeof csvFile>[1]> = {}) =>
  bytesOf(csvFile(rowsOf(rows), { separator: ',', mark: false, ...style }))

/** The sheets of a workbook as a spreadsheet program reads them. */
function sheetsOf(workbook: Uint8Array): string[][][] {
  const files = unzipSync(workbook)
  const text = (name: string) => strFromU8(files[name]!)
  const targets = [...text('xl/_rels/workbook.xml.rels').matchAll(/Target="([^"]+)"/g)].map(match => `xl/${match[1]}`)
  for (const target of targets) expect(text('[Content_Types].xml')).toContain(`PartName="/${target}"`)
  return targets.map(target =>
    [...text(target).matchAll(/<row r="\d+">(.*?)<\/row>/gs)].map(row =>
      [
        ...row[1]!.matchAll(
          /<c\/>|<c><v>(.*?)<\/v><\/c>|<c t="inlineStr"><is><t xml:space="preserve">(.*?)<\/t><\/is><\/c>/gs,
        ),
      ].map(([, number, string]) => number ?? read(string ?? '')),
    ),
  )
}

const read = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/_x([0-9A-F]{4})_/g, (_all, code) => String.fromCharCode(Number.parseInt(code, 16)))

test('what a spreadsheet would run has an apostrophe before it, after blanks and in full width too', () => {
  const runs = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '  =1',
    '\u00a0=1',
    '\u3000=1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    ' ＝1',
  ]
  for (const text of runs) expect([text, harmless(text)]).toEqual([text, `'${text}`])
  for (const text of ['Ada', 'a=1', "O'Neil", ' Ada', '1-1', '']) expect(harmless(text)).toBe(text)
})

test('a naughty text goes into CSV and out again as it was, and none of them runs', async () => {
  expect(NAUGHTY.length).toBeGreaterThan(400)
  for (const separator of [',', ';'] as const) {
    const rows: string[][] = parse(
      await csv(
        NAUGHTY.map(text => [text, 'x']),
        { separator },
      ),
      { delimiter: separator },
    )
    expect(rows.map(([text]) => text)).toEqual(NAUGHTY.map(harmless))
    expect(rows.filter(([text]) => /^\s*[=+\-@＝＋－＠]/.test(text!))).toEqual([])
  }
})

test('a naughty text goes into a workbook and out again as it was', async () => {
  const file = await bytesOf(xlsxFile(rowsOf(NAUGHTY.map(text => [text]))))
  const [sheet] = sheetsOf(file)
  expect(sheet!.map(([text]) => text)).toEqual(NAUGHTY)
})

test('control characters, lone surrogates and Excel’s own spelling of them come out of a workbook as they were', async () => {
  const texts = ['\u0007bell', 'a\r\nb', '_x0041_', '\ud800alone', '\uffff', '<&>']
  const [sheet] = sheetsOf(await bytesOf(xlsxFile(rowsOf([texts]))))
  expect(sheet![0]).toEqual(texts)
})

test('nothing in a workbook is a formula, and numbers are numbers', async () => {
  const file = unzipSync(await bytesOf(xlsxFile(rowsOf([['=1+1', 7, null]]))))
  const sheet = strFromU8(file['xl/worksheets/sheet1.xml']!)
  expect(sheet).not.toContain('<f>')
  expect(sheet).toContain('<c><v>7</v></c><c/>')
})

test('rows that no sheet has room for begin another, with the headings on top', async () => {
  const rows = [['Name'], ...Array.from({ length: 5 }, (_, at) => [`S${at}`])]
  expect(sheetsOf(await bytesOf(xlsxFile(rowsOf(rows), 3)))).toEqual([
    [['Name'], ['S0'], ['S1']],
    [['Name'], ['S2'], ['S3']],
    [['Name'], ['S4']],
  ])
})

test('a byte order mark is there for Excel when it is wanted', async () => {
  expect((await csv([['Zoë']], { mark: true })).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  expect((await csv([['Zoë']])).toString()).toBe('Zoë\r\n')
})

test('memory is a chunk, however many rows there are', async () => {
  async function* many() {
    for (let at = 0; at < 200_000; at++) yield [`S-${at}`, 'Ada', 'Lovelace', at]
  }
  for (const file of [csvFile(many(), { separator: ',', mark: true }), xlsxFile(many())]) {
    let largest = 0
    let bytes = 0
    for await (const chunk of file) {
      largest = Math.max(largest, chunk.length)
      bytes += chunk.length
    }
    expect(bytes).toBeGreaterThan(500_000)
    expect(largest).toBeLessThan(200_000)
  }
})
