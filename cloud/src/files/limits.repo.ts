import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { FILE_LIMITS, type FileLimits } from '@gatehouse/shared/wire/api/files.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'

export type KeptFileLimits = FileLimits & { readonly version: number }

export async function readFileLimits(tx: Tx): Promise<KeptFileLimits> {
  const row = await tx.selectFrom('file_limits').selectAll().executeTakeFirst()
  return row === undefined
    ? { version: 0, ...FILE_LIMITS }
    : {
        version: row.version,
        schoolBytesMax: Number(row.school_bytes_max),
        ownerBytesMax: Number(row.owner_bytes_max),
      }
}

/** `ifMatch`: only if nobody changed them since. */
export async function saveFileLimits(
  tx: Tx,
  actor: Actor,
  limits: FileLimits,
  ifMatch: number | null,
): Promise<Result<KeptFileLimits, 'changed_meanwhile'>> {
  const { version, ...before } = await readFileLimits(tx)
  if (ifMatch !== null && ifMatch !== version) return fail('changed_meanwhile')
  const next = {
    version: version + 1,
    school_bytes_max: limits.schoolBytesMax,
    owner_bytes_max: limits.ownerBytesMax,
    changed_at: new Date(actor.nowMs),
  }
  const saved = await tx
    .insertInto('file_limits')
    .values({ school_id: actor.schoolId, ...next })
    .onConflict(on => on.column('school_id').doUpdateSet(next).where('file_limits.version', '=', version))
    .returning('version')
    .executeTakeFirst()
  if (saved === undefined) return fail('changed_meanwhile')
  await audit(tx, actor, { action: 'file_limits.update', ...changes(before, limits) })
  return ok({ version: next.version, ...limits })
}

/** Whose a file is: a student's, or an account's that is no student. */
export type FileOwner = { readonly studentId: string } | { readonly userId: string }

/** What is kept, in bytes as they were uploaded: a removed file counts until its bytes are gone. */
export async function bytesKept(tx: Tx, owner: FileOwner | null): Promise<number> {
  const { total } = await tx
    .selectFrom('files')
    .select(sql<string>`coalesce(sum(bytes), 0)`.as('total'))
    .where('bytes_gone_at', 'is', null)
    .$if(owner !== null && 'studentId' in owner, all =>
      all.where('owner_student_id', '=', (owner as { studentId: string }).studentId),
    )
    .$if(owner !== null && 'userId' in owner, all =>
      all.where('owner_user_id', '=', (owner as { userId: string }).userId),
    )
    .executeTakeFirstOrThrow()
  return Number(total)
}

export type Full = 'school_full' | 'owner_full'

/** Whether so many bytes more have room. */
export async function hasRoom(tx: Tx, owner: FileOwner, bytes: number): Promise<Result<null, Full>> {
  const { schoolBytesMax, ownerBytesMax } = await readFileLimits(tx)
  if ((await bytesKept(tx, owner)) + bytes > ownerBytesMax) return fail('owner_full')
  if ((await bytesKept(tx, null)) + bytes > schoolBytesMax) return fail('school_full')
  return ok(null)
}
