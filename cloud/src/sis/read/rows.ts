import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { decoded, type Encoding } from './encoding.ts'
import type { Separator } from './separator.ts'

/** A row of a table: its number as a spreadsheet shows it (the headings are row 1), and its cells. */
export type SheetRow = { readonly number: number; readonly cells: readonly string[] }

export type Sheet = {
  readonly headings: readonly string[]
  /** Rows below the headings, blank ones left out. Throws `UnreadableFile`. */
  rows(): AsyncGenerator<SheetRow>
  /** Terms and years that come beside the rows; left out: what is read has none. */
  sessions?(): Promise<AcademicSession[]>
}

/** A term or a year as OneRoster names it. */
export type AcademicSession = {
  readonly sourcedId: string
  readonly title: string
  readonly type: string
  readonly from: string
  readonly to: string
}

/** The file as a whole cannot be read further; the message says where and why. */
export class UnreadableFile extends Error {}

export const COLUMNS_MAX = 200
export const ROWS_MAX = 1_000_000
/** A row longer than this is an open quote that swallows the file. */
const ROW_CHARACTERS_MAX = 256 * 1024

export type Written = { readonly encoding: Encoding; readonly separator: Separator }

/** The rows of a CSV file, the headings among them, as they come. */
export async function* csvRows(
  bytes: AsyncIterable<Uint8Array>,
  { encoding, separator }: Written,
): AsyncGenerator<SheetRow> {
  const parser = parse({
    delimiter: separator,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: ROW_CHARACTERS_MAX,
  })
  const source = Readable.from(decoded(bytes, encoding), { objectMode: true })
  source.once('error', problem => parser.destroy(problem))
  source.pipe(parser)
  let number = 0
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      number++
      if (cells.every(cell => cell.trim() === '')) continue
      if (cells.length > COLUMNS_MAX) {
        throw new UnreadableFile(
          `Row ${number} has ${cells.length} columns, and ${COLUMNS_MAX} is the most. Check the separator.`,
        )
      }
      if (number > ROWS_MAX + 1) {
        throw new UnreadableFile(`The file has more than ${ROWS_MAX} rows. Cut it into several.`)
      }
      yield { number, cells }
    }
  } catch (problem) {
    throw problem instanceof CsvError ? unreadable(problem, parser.info.records + 1) : problem
  } finally {
    source.destroy()
    parser.destroy()
  }
}

/** The table of a CSV file, from a way to read it from its beginning; null when there is nothing in it. */
export async function csvSheet(open: () => AsyncIterable<Uint8Array>, written: Written): Promise<Sheet | null> {
  const first = await firstOf(csvRows(open(), written))
  if (first === undefined) return null
  return {
    headings: first.cells.map(heading => heading.trim()),
    async *rows() {
      for await (const row of csvRows(open(), written)) if (row.number > first.number) yield row
    },
  }
}

async function firstOf<Each>(rows: AsyncIterable<Each>): Promise<Each | undefined> {
  for await (const row of rows) return row
  return undefined
}

function unreadable(problem: CsvError, number: number): UnreadableFile {
  switch (problem.code) {
    case 'CSV_MAX_RECORD_SIZE':
    case 'CSV_QUOTE_NOT_CLOSED':
      return new UnreadableFile(
        `In row ${number} a quotation mark (") is opened and never closed. Close it, or double it.`,
      )
    default:
      return new UnreadableFile(`Row ${number} cannot be read: ${problem.message.slice(0, 200)}`)
  }
}
