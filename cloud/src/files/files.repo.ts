import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type {
  FileCategory,
  FileRefusal,
  FileScan,
  FileState,
  FileVariant,
  StoredFile,
} from '@gatehouse/shared/wire/api/files.ts'
import type { MediaType } from '@gatehouse/shared/wire/contract.ts'
import { sql } from 'kysely'
import { type Actor, THE_SERVICE } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { openingOf, sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { type FileOwner, type Full, hasRoom } from './limits.repo.ts'

export type FileRow = Row<'files'>

/** Bytes that are in the store already, and what was seen of them on the way. */
export type Received = {
  readonly id: string
  readonly category: FileCategory
  readonly name: string
  readonly mediaType: MediaType
  readonly bytes: number
  readonly sha256: string
  readonly storageName: string
  readonly fileKey: Uint8Array
  readonly owner: FileOwner
}

/** The file's row, and the job that looks at it; nothing where there is no room for it. */
export async function enterFile(
  tx: Tx,
  { vault, jobs }: { readonly vault: Vault; readonly jobs: Pick<Jobs, 'add'> },
  actor: Actor,
  received: Received,
): Promise<Result<FileRow, Full | 'no_such_owner'>> {
  const { schoolId, userId } = actor
  const { id, owner, category, mediaType, bytes } = received
  // Of two at once the second sees what the first one took.
  await lockSchool(tx, schoolId)
  if ('studentId' in owner && !(await isLiving(tx, owner.studentId))) return fail('no_such_owner')
  const room = await hasRoom(tx, owner, bytes)
  if (!room.ok) return room
  const seal = await sealingOf(tx, vault, schoolId)
  const row = await tx
    .insertInto('files')
    .values({
      id,
      school_id: schoolId,
      category,
      name: received.name,
      media_type: mediaType,
      bytes,
      sha256: received.sha256,
      storage_name: received.storageName,
      sealed_key: seal.seal(keyPlace(id), received.fileKey),
      owner_student_id: 'studentId' in owner ? owner.studentId : null,
      owner_user_id: 'userId' in owner ? owner.userId : null,
      uploaded_by: userId,
      uploaded_at: new Date(actor.nowMs),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(tx, actor, { action: 'file.create', ...aboutFile(row), after: { category, mediaType, bytes } })
  const title = category === 'photo' ? 'A photo is looked at' : 'A document is looked at'
  await jobs.add(tx, { kind: 'file_processing', schoolId, body: { fileId: id }, title, madeBy: userId })
  return ok(row)
}

const keyPlace = (row: string) => ({ table: 'files', column: 'sealed_key', row })

/** The key of a file whose bytes are there. */
export async function fileKeyOf(tx: Tx, vault: Vault, { id, school_id, sealed_key }: FileRow): Promise<Buffer> {
  if (sealed_key === null) throw new Error(`the bytes of file ${id} are gone`)
  return (await openingOf(tx, vault, school_id, [sealed_key])).open(keyPlace(id), sealed_key)
}

export async function isLiving(tx: Tx, studentId: string): Promise<boolean> {
  const found = await tx
    .selectFrom('students')
    .select('id')
    .where('id', '=', studentId)
    .where('archived_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

/** Null: the account is nobody's who studies here. */
export async function studentOf(tx: Tx, userId: string): Promise<string | null> {
  const found = await tx
    .selectFrom('students')
    .select('id')
    .where('user_id', '=', userId)
    .where('archived_at', 'is', null)
    .executeTakeFirst()
  return found?.id ?? null
}

/** Who asks for files: all of the school, or their own only. */
export type FileReader = { readonly userId: string; readonly ownOnly: boolean }

function readable(tx: Tx, { userId, ownOnly }: FileReader) {
  return tx
    .selectFrom('files')
    .where('removed_at', 'is', null)
    .$if(ownOnly, all =>
      all.where(
        sql<boolean>`(owner_user_id = ${userId}::uuid
          or owner_student_id in (select id from students where user_id = ${userId}::uuid and archived_at is null and school_id = files.school_id))`,
      ),
    )
}

export function findFile(tx: Tx, reader: FileReader, fileId: string): Promise<FileRow | undefined> {
  return readable(tx, reader).selectAll().where('id', '=', fileId).executeTakeFirst()
}

export type FileQuery = {
  readonly page: number
  readonly limit: number
  readonly studentId?: string | undefined
  readonly category?: FileCategory | undefined
  readonly state?: FileState | undefined
}

export async function listFileRows(
  tx: Tx,
  reader: FileReader,
  { page, limit, studentId, category, state }: FileQuery,
): Promise<{ readonly rows: FileRow[]; readonly total: number }> {
  const wanted = readable(tx, reader)
    .$if(studentId !== undefined, all => all.where('owner_student_id', '=', studentId!))
    .$if(category !== undefined, all => all.where('category', '=', category!))
    .$if(state !== undefined, all => all.where('state', '=', state!))
  const rows = await wanted
    .selectAll()
    .orderBy('uploaded_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  const { total } = await wanted.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
  return { rows, total: Number(total) }
}

/** What came of looking at a file. */
export type Settled =
  | {
      readonly state: 'ready'
      readonly scan: FileScan
      readonly photoBytes: number | null
      readonly thumbnailBytes: number | null
    }
  | { readonly state: 'refused'; readonly scan: FileScan; readonly refusal: FileRefusal }

/** Once: whoever settles second changes nothing. The row says it, the log says it, and who waits for it is told. */
export async function settleFile(tx: Tx, row: FileRow, settled: Settled, nowMs: number): Promise<boolean> {
  const { id, school_id } = row
  const ready = settled.state === 'ready' ? settled : null
  const refusal = settled.state === 'refused' ? settled.refusal : null
  const done = await tx
    .updateTable('files')
    .set({
      state: settled.state,
      scan: settled.scan,
      refusal,
      photo_bytes: ready?.photoBytes ?? null,
      thumbnail_bytes: ready?.thumbnailBytes ?? null,
      settled_at: new Date(nowMs),
    })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .returning('id')
    .executeTakeFirst()
  if (done === undefined) return false
  const { state, scan } = settled
  await audit(
    tx,
    { schoolId: school_id, nowMs, by: THE_SERVICE },
    { action: 'file.settle', ...aboutFile(row), after: { state, scan, refusal } },
  )
  await leave(tx, school_id, 'file.settled', { fileId: id })
  return true
}

/** Nobody sees it from now on; a job destroys the bytes. */
export async function removeFileRow(tx: Tx, jobs: Pick<Jobs, 'add'>, actor: Actor, row: FileRow): Promise<FileRow> {
  const removed = await tx
    .updateTable('files')
    .set({ removed_at: new Date(actor.nowMs) })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await tx.deleteFrom('student_photos').where('file_id', '=', row.id).execute()
  await audit(tx, actor, { action: 'file.remove', ...aboutFile(row) })
  const { schoolId, userId } = actor
  const job = { schoolId, body: { fileId: row.id }, title: 'A file is destroyed', madeBy: userId } as const
  await jobs.add(tx, { kind: 'file_removal', ...job })
  return removed
}

/** The bytes are gone from the store, and so is the key. */
export async function markGone(tx: Tx, fileId: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('files')
    .set({ sealed_key: null, bytes_gone_at: new Date(nowMs) })
    .where('id', '=', fileId)
    .execute()
}

/** Whose it is and what it is, for the audit log. */
export function aboutFile({ id, owner_student_id }: FileRow) {
  return { subject: { kind: 'file', id }, studentId: owner_student_id }
}

/** What can be looked at of a file: nothing of one that is not ready. Of a photo only what we made of it, of a document what came and a small picture. */
export function variantsOf(row: FileRow): { variant: FileVariant; mediaType: MediaType; bytes: number }[] {
  if (row.state !== 'ready' || row.removed_at !== null || row.sealed_key === null) return []
  const jpeg = (variant: FileVariant, bytes: number | null) =>
    bytes === null ? [] : [{ variant, mediaType: 'image/jpeg' as const, bytes }]
  return [
    ...(row.category === 'document'
      ? [{ variant: 'original' as const, mediaType: row.media_type, bytes: row.bytes }]
      : []),
    ...jpeg('photo', row.photo_bytes),
    ...jpeg('thumbnail', row.thumbnail_bytes),
  ]
}

/** Where a variant is in the store. */
export function blobName({ school_id, storage_name }: FileRow, variant: FileVariant): string {
  return `${school_id}/${storage_name}${variant === 'original' ? '' : `.${variant}`}`
}

/** Everything of a file that the store should have; the rest may go. */
export function blobsOf(row: FileRow): string[] {
  if (row.state === 'waiting' && row.removed_at === null) return [blobName(row, 'original')]
  return variantsOf(row).map(({ variant }) => blobName(row, variant))
}

export function fileShown(row: FileRow): StoredFile {
  return {
    id: row.id,
    category: row.category,
    state: row.state,
    refusal: row.refusal,
    scan: row.scan,
    name: row.name,
    mediaType: row.media_type,
    bytes: row.bytes,
    sha256: row.sha256,
    studentId: row.owner_student_id,
    variants: variantsOf(row),
    uploadedAt: row.uploaded_at.toISOString(),
    settledAt: row.settled_at?.toISOString() ?? null,
  }
}
