import type { Encoding } from './encoding.ts'
import { decoded, watchEncoding } from './encoding.ts'
import { csvSheet, type Sheet, UnreadableFile } from './rows.ts'
import { guessSeparator, type Separator } from './separator.ts'
import { spooled } from './spool.ts'
import { gunzipped, type Packing, packingOf } from './unpack.ts'
import { openZip, type ZipBox } from './zip.ts'

/** A way to read a file from its beginning, as often as is needed. */
export type OpenBytes = () => AsyncIterable<Uint8Array>

/** How an uploaded file is to be read. `entry`: its name in the zip. */
export type Written = {
  readonly packing: Packing
  readonly entry: string | null
  readonly encoding: Encoding
  readonly separator: Separator
}

/** What of the beginning is compared to find the separator. */
const START_CHARACTERS = 64 * 1024

/** Runs `work` with the zip opened, or with null where the file is none. */
export async function unzipped<Answer>(
  open: OpenBytes,
  work: (box: ZipBox | null) => Promise<Answer>,
): Promise<Answer> {
  if (packingOf(await headOf(open)) !== 'zip') return work(null)
  return spooled(open(), async fd => work(await openZip(fd)))
}

/** How the file, or the only table in the zip, is written: every byte is looked at. */
export async function lookAt(open: OpenBytes, box: ZipBox | null): Promise<Written> {
  const packing = box === null ? packingOf(await headOf(open)) : 'zip'
  const entry = box === null ? null : onlyTable(box)
  const bytes = bytesOf(open, box, { packing, entry })
  const watch = watchEncoding()
  let any = false
  for await (const chunk of bytes()) {
    watch.see(chunk)
    any = true
  }
  if (!any) throw new UnreadableFile('The file is empty.')
  const encoding = watch.guess()
  return { packing, entry, encoding, separator: guessSeparator(await startOf(bytes, encoding)) }
}

/** The table of a file that was looked at. */
export async function sheetOf(open: OpenBytes, box: ZipBox | null, written: Written): Promise<Sheet> {
  const sheet = await csvSheet(bytesOf(open, box, written), written)
  if (sheet === null) throw new UnreadableFile('The file has no row with anything in it.')
  return sheet
}

/** A table of a zip, however it is written. */
export async function tableIn(box: ZipBox, name: string): Promise<Sheet> {
  const open = () => box.read(name)
  const watch = watchEncoding()
  for await (const chunk of open()) watch.see(chunk)
  const encoding = watch.guess()
  const sheet = await csvSheet(open, { encoding, separator: guessSeparator(await startOf(open, encoding)) })
  if (sheet === null) throw new UnreadableFile(`${name} has no headings.`)
  return sheet
}

function bytesOf(
  open: OpenBytes,
  box: ZipBox | null,
  { packing, entry }: Pick<Written, 'packing' | 'entry'>,
): OpenBytes {
  if (box !== null && entry !== null) return () => box.read(entry)
  return packing === 'gzip' ? () => gunzipped(open()) : open
}

function onlyTable(box: ZipBox): string {
  const tables = box.names.filter(name => /\.(csv|txt|tsv)$/.test(name))
  if (tables.length === 1) return tables[0]!
  throw new UnreadableFile(
    tables.length === 0
      ? 'There is no CSV file in the zip file.'
      : `The zip file has ${tables.length} tables and no manifest.csv of OneRoster. Send one table.`,
  )
}

async function headOf(open: OpenBytes): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0)
  for await (const chunk of open()) {
    head = Buffer.concat([head, chunk])
    if (head.length >= 4) break
  }
  return head
}

async function startOf(open: OpenBytes, encoding: Encoding): Promise<string> {
  let text = ''
  for await (const part of decoded(open(), encoding)) {
    text += part
    if (text.length >= START_CHARACTERS) break
  }
  return text.slice(0, START_CHARACTERS)
}
