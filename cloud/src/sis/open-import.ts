import { inSchool } from '../db/school.ts'
import type { Db, Row } from '../db/tables.ts'
import type { Ask } from '../http/guarded-request.ts'
import { fileOf } from './chunks.repo.ts'
import { isOneRoster, openOneRoster } from './oneroster/csv-box.ts'
import { restClient, SourceFailed } from './oneroster/rest-client.ts'
import { restSheet } from './oneroster/rest-sheet.ts'
import { lookAt, type OpenBytes, sheetOf, unzipped, type Written } from './read/open-file.ts'
import { type Sheet, UnreadableFile } from './read/rows.ts'
import type { RowPlace } from './rows.repo.ts'
import { findSource, secretOf } from './sources.repo.ts'

/** What an uploaded file turned out to be. `mode` of OneRoster: whether it names everybody. */
export type Look = {
  readonly kind: 'csv' | 'oneroster_csv'
  readonly written: Written
  readonly headings: readonly string[]
  readonly samples: readonly (readonly string[])[]
  readonly mode: 'bulk' | 'delta' | null
}

const SAMPLE_ROWS = 5
const SAMPLE_CHARACTERS_MAX = 200
/** How a OneRoster zip is written is said by its standard. */
const OF_STANDARD: Written = { packing: 'zip', entry: 'users.csv', encoding: 'utf-8', separator: ',' }

export function lookAtFile(open: OpenBytes): Promise<Look> {
  return unzipped(open, async box => {
    if (box !== null && isOneRoster(box)) {
      const { students, mode } = await openOneRoster(box)
      return {
        kind: 'oneroster_csv',
        written: OF_STANDARD,
        headings: students.headings,
        samples: await samplesOf(students),
        mode,
      }
    }
    const written = await lookAt(open, box)
    const sheet = await sheetOf(open, box, written)
    return { kind: 'csv', written, headings: sheet.headings, samples: await samplesOf(sheet), mode: null }
  })
}

/** The first rows of a file that was looked at before. */
export function samplesIn(open: OpenBytes, { kind, written }: Pick<Row<'imports'>, 'kind' | 'written'>) {
  return unzipped(open, async box =>
    kind === 'oneroster_csv'
      ? samplesOf((await openOneRoster(box!)).students)
      : samplesOf(await sheetOf(open, box, written!)),
  )
}

async function samplesOf(sheet: Sheet): Promise<string[][]> {
  const samples: string[][] = []
  for await (const { cells } of sheet.rows()) {
    samples.push(sheet.headings.map((_, at) => (cells[at] ?? '').slice(0, SAMPLE_CHARACTERS_MAX)))
    if (samples.length === SAMPLE_ROWS) break
  }
  return samples
}

type SheetNeeds = { readonly db: Db; readonly ask: Ask }

/** Runs `work` with the rows of an import, wherever they come from. */
export async function withSheet<Answer>(
  { db, ask }: SheetNeeds,
  row: Row<'imports'>,
  place: RowPlace,
  signal: AbortSignal,
  work: (sheet: Sheet) => Promise<Answer>,
): Promise<Answer> {
  if (row.kind === 'oneroster_rest') return work(await sourceSheet({ db, ask }, row, place, signal))
  const open = fileOf({ db, ...place })
  return unzipped(open, async box => {
    if (row.kind === 'csv') return work(await sheetOf(open, box, row.written!))
    if (box === null) throw new UnreadableFile('The zip file is damaged. Upload it again.')
    return work((await openOneRoster(box)).students)
  })
}

async function sourceSheet(
  { db, ask }: SheetNeeds,
  row: Row<'imports'>,
  { vault, schoolId, tenant }: RowPlace,
  signal: AbortSignal,
): Promise<Sheet> {
  const { source_id: sourceId } = row
  const source = sourceId === null ? undefined : await inSchool(db, schoolId, tx => findSource(tx, sourceId))
  if (source === undefined) throw new SourceFailed('The source was deleted meanwhile.')
  const { base_url: baseUrl, token_url: tokenUrl, client_id: clientId } = source
  const clientSecret = secretOf(vault, tenant, source)
  return restSheet(restClient({ ask, baseUrl, tokenUrl, clientId, clientSecret, signal }))
}
