import type { FileRefusal, FileScan } from '@gatehouse/shared/wire/api/files.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { Guarded } from '../http/breaker.ts'
import { Hopeless, type JobHandlers } from '../jobs/handler.ts'
import type { Vault } from '../keys/vault.ts'
import { photoOf, thumbnailOf } from '../pictures/pictures.ts'
import type { BlobStore } from './blob-store.ts'
import type { Scanner } from './clamd.ts'
import { blobName, blobsOf, type FileRow, fileKeyOf, markGone, settleFile } from './files.repo.ts'
import { lookAtPdf } from './pdf.ts'
import { openBlob, sealBlob } from './sealed-blob.ts'

/** The largest file takes clamd a second. */
const SCAN_MS_MAX = 30_000

export type ProcessNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly store: BlobStore
  /** Null: none is set up, and each file says so. */
  readonly scanner: Scanner | null
  readonly guarded: Guarded
  readonly nowMs: () => number
}

/** The jobs of files. Each may be begun again after a crash: what is settled stays as it is, and what is to be gone goes. */
export function fileHandlers(needs: ProcessNeeds): JobHandlers {
  const { db } = needs
  const rowOf = async (schoolId: string | null, fileId: string) => {
    if (schoolId === null) throw new Hopeless('a file belongs to a school')
    return inSchool(db, schoolId, tx => tx.selectFrom('files').selectAll().where('id', '=', fileId).executeTakeFirst())
  }
  return {
    async file_processing({ schoolId, body: { fileId }, signal }) {
      const row = await rowOf(schoolId, fileId)
      // Erased with its person, or removed, while it waited.
      if (row === undefined || row.removed_at !== null) return { state: 'gone' }
      if (row.state === 'waiting') await settle(needs, row, signal)
      const settled = await rowOf(schoolId, fileId)
      if (settled === undefined) return { state: 'gone' }
      await clear(needs, settled)
      return { state: settled.state, ...(settled.refusal !== null && { refusal: settled.refusal }) }
    },
    async file_removal({ schoolId, body: { fileId } }) {
      const row = await rowOf(schoolId, fileId)
      if (row !== undefined) await clear(needs, row)
    },
  }
}

type Made = { readonly refusal: FileRefusal } | { readonly photo: Buffer | null; readonly thumbnail: Buffer | null }

async function settle(needs: ProcessNeeds, row: FileRow, signal: AbortSignal): Promise<void> {
  const { db, vault, store, nowMs } = needs
  const fileKey = await inSchool(db, row.school_id, tx => fileKeyOf(tx, vault, row))
  const bytes = await wholeOf(store, row, fileKey)
  const scan = await scanned(needs, row, bytes, signal)
  const made: Made = scan === 'infected' ? { refusal: 'infected' } : await make(row, bytes)
  signal.throwIfAborted()
  if ('refusal' in made) {
    const { refusal } = made
    await inSchool(db, row.school_id, tx => settleFile(tx, row, { state: 'refused', scan, refusal }, nowMs()))
    return
  }
  const { photo, thumbnail } = made
  // Before the row says that they are there.
  for (const [variant, picture] of [
    ['photo', photo],
    ['thumbnail', thumbnail],
  ] as const) {
    if (picture === null) continue
    const name = blobName(row, variant)
    await store.put(name, sealBlob(fileKey, name, once(picture)))
  }
  const sizes = { photoBytes: photo?.length ?? null, thumbnailBytes: thumbnail?.length ?? null }
  await inSchool(db, row.school_id, tx => settleFile(tx, row, { state: 'ready', scan, ...sizes }, nowMs()))
}

async function wholeOf(store: BlobStore, row: FileRow, fileKey: Uint8Array): Promise<Buffer> {
  const name = blobName(row, 'original')
  const pieces: Buffer[] = []
  for await (const piece of openBlob(fileKey, name, part => store.read(name, part), { total: row.bytes })) {
    pieces.push(piece)
  }
  return Buffer.concat(pieces, row.bytes)
}

/**
 * What the scanner says. Where it does not answer, a document waits: it is given out as it came. A photo goes on: what is given out
 * is drawn anew from its pixels.
 */
async function scanned(
  { scanner, guarded }: ProcessNeeds,
  { category }: FileRow,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<FileScan> {
  if (scanner === null) return 'none'
  try {
    const found = await guarded('clamd', { timeoutMs: SCAN_MS_MAX }, late =>
      scanner.scan(bytes, AbortSignal.any([late, signal])),
    )
    return found === null ? 'clean' : 'infected'
  } catch (problem) {
    if (category === 'document' || signal.aborted) throw problem
    return 'missed'
  }
}

async function make({ category, media_type }: FileRow, bytes: Buffer): Promise<Made> {
  if (media_type === 'application/pdf') {
    const looked = lookAtPdf(bytes)
    return looked === 'readable' ? { photo: null, thumbnail: null } : { refusal: looked }
  }
  if (category === 'document') {
    const thumbnail = await thumbnailOf(bytes)
    return thumbnail === null ? { refusal: 'unreadable' } : { photo: null, thumbnail }
  }
  const photo = await photoOf(bytes)
  const thumbnail = photo === null ? null : await thumbnailOf(photo)
  return thumbnail === null ? { refusal: 'unreadable' } : { photo, thumbnail }
}

/** Takes out of the store what the row no longer has: of a photo what came, of what is refused or removed everything. */
async function clear({ db, store, nowMs }: ProcessNeeds, row: FileRow): Promise<void> {
  const kept = blobsOf(row)
  for (const variant of ['original', 'photo', 'thumbnail'] as const) {
    const name = blobName(row, variant)
    if (!kept.includes(name)) await store.remove(name)
  }
  if (kept.length === 0) await inSchool(db, row.school_id, tx => markGone(tx, row.id, nowMs()))
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
