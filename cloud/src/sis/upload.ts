import type { Readable } from 'node:stream'
import type { Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import { ONEROSTER_MAPPING } from '@gatehouse/shared/wire/api/import-sources.ts'
import { uploadImport } from '@gatehouse/shared/wire/api/imports.ts'
import { inSchool } from '../db/school.ts'
import type { Row } from '../db/tables.ts'
import { actorOf, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { type FilePlace, FileTooLarge, fileOf, keepFile } from './chunks.repo.ts'
import { guessOrder } from './dates.ts'
import { distinctHeadings, suggestColumns } from './headings.ts'
import { beginImport, keepLook } from './imports.repo.ts'
import { type Look, lookAtFile } from './open-import.ts'
import { UnreadableFile } from './read/rows.ts'
import type { ImportNeeds } from './run-import.ts'

const WRONG_TYPE: Problem = {
  status: 415,
  code: 'unsupported_type',
  message: `Send the file itself as the body, with Content-Type ${uploadImport.takes!.join(', ')}.`,
}
const TOO_LARGE: Problem = {
  status: 413,
  code: 'too_large',
  message: 'The file is larger than 200 MB. Pack it with gzip or zip, or cut it into several.',
}
const TOO_MANY: Problem = {
  status: 409,
  code: 'too_many_imports',
  message: 'Twenty imports wait to be applied or given up. Deal with one of them first.',
}

export type Upload = { readonly name: string; readonly type: string | undefined; readonly body: Readable }

/** Keeps an uploaded file and looks at it. Of a file that cannot be read nothing stays. */
export async function takeUpload(
  { db, vault, nowMs }: ImportNeeds,
  who: SchoolPerson,
  { name, type, body }: Upload,
): Promise<{ readonly row: Row<'imports'> } | { readonly problem: Problem }> {
  const plainType = (type ?? '').split(';')[0]!.trim().toLowerCase()
  if (!uploadImport.takes!.includes(plainType)) return { problem: WRONG_TYPE }
  const { id: schoolId, tenant } = who.school
  const actor = actorOf(who, nowMs())
  const begun = await inSchool(db, schoolId, tx => beginImport(tx, actor, { kind: 'csv', name, sourceId: null }))
  if (!begun.ok) return { problem: TOO_MANY }
  const place: FilePlace = { db, vault, schoolId, tenant, importId: begun.value }
  try {
    const bytes = await keepFile(place, body)
    const look = await lookAtFile(fileOf(place))
    const { kind, written } = look
    const headings = distinctHeadings(look.headings)
    const mapping = suggestMapping(look, headings)
    const looked = { kind, bytes, written, headings, mapping }
    return { row: await inSchool(db, schoolId, tx => keepLook(tx, actor, place.importId, looked)) }
  } catch (problem) {
    await inSchool(db, schoolId, tx => tx.deleteFrom('imports').where('id', '=', place.importId).execute())
    if (problem instanceof FileTooLarge) return { problem: TOO_LARGE }
    if (problem instanceof UnreadableFile)
      return { problem: { status: 422, code: 'unreadable_file', message: problem.message } }
    throw problem
  }
}

/** In a delta nobody is missing; whoever a whole OneRoster does not name has left. */
function suggestMapping({ kind, mode, samples }: Look, headings: readonly string[]): Mapping {
  if (kind === 'oneroster_csv') return { ...ONEROSTER_MAPPING, absent: mode === 'bulk' ? 'inactivate' : 'leave' }
  const columns = suggestColumns(headings)
  const dates = [columns.birthDate, columns.enrolledOn].flatMap(column => {
    const at = column === undefined ? -1 : headings.indexOf(column)
    return at === -1 ? [] : samples.map(cells => cells[at] ?? '')
  })
  return { columns, statuses: {}, dateOrder: guessOrder(dates) ?? 'dmy', emptyCells: 'leave', absent: 'leave' }
}
