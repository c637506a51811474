import type { Readable } from 'node:stream'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import type { OpenBytes } from './read/open-file.ts'

export const FILE_BYTES_MAX = 200 * 1024 * 1024
const CHUNK_BYTES = 512 * 1024

export type FilePlace = {
  readonly db: Db
  readonly vault: Vault
  readonly schoolId: string
  readonly tenant: string
  readonly importId: string
}

export class FileTooLarge extends Error {}

/** Keeps what comes, piece by piece, sealed. Answers how many bytes there were. Throws `FileTooLarge`. */
export async function keepFile(place: FilePlace, body: Readable): Promise<number> {
  let bytes = 0
  let number = 0
  let parts: Buffer[] = []
  let held = 0
  const put = async () => {
    const chunk = Buffer.concat(parts)
    parts = []
    held = 0
    if (chunk.length > 0) await putChunk(place, number++, chunk)
  }
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > FILE_BYTES_MAX) throw new FileTooLarge()
    parts.push(part)
    held += part.length
    if (held >= CHUNK_BYTES) await put()
  }
  await put()
  return bytes
}

function putChunk({ db, vault, schoolId, tenant, importId }: FilePlace, number: number, chunk: Buffer) {
  return inSchool(db, schoolId, tx =>
    tx
      .insertInto('import_chunks')
      .values({
        school_id: schoolId,
        import_id: importId,
        number,
        sealed: vault.seal(sealedAt(tenant, importId, number), chunk),
      })
      .execute(),
  )
}

/** The file again, from its beginning, a piece at a time. */
export function fileOf({ db, vault, schoolId, tenant, importId }: FilePlace): OpenBytes {
  return async function* () {
    for (let number = 0; ; number++) {
      const row = await inSchool(db, schoolId, tx =>
        tx
          .selectFrom('import_chunks')
          .select('sealed')
          .where('import_id', '=', importId)
          .where('number', '=', number)
          .executeTakeFirst(),
      )
      if (row === undefined) return
      yield vault.open(sealedAt(tenant, importId, number), row.sealed)
    }
  }
}

const sealedAt = (tenant: string, importId: string, number: number) => ({
  tenant,
  table: 'import_chunks',
  column: 'sealed',
  row: `${importId}/${number}`,
})
