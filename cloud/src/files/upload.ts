import { randomBytes, randomUUIDv7 } from 'node:crypto'
import type { FileCategory } from '@gatehouse/shared/wire/api/files.ts'
import type { Request } from 'express'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import type { BlobStore } from './blob-store.ts'
import { enterFile, type FileRow, isLiving, studentOf } from './files.repo.ts'
import { type FileOwner, type Full, hasRoom } from './limits.repo.ts'
import { type ReceiveFailure, receiveFile } from './receive.ts'
import { newFileKey } from './sealed-blob.ts'

export type FileNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Pick<Jobs, 'add'>
  readonly store: BlobStore
  readonly nowMs: () => number
}

export const NO_SUCH_STUDENT: Problem = {
  status: 404,
  code: 'not_found',
  message: 'There is no student with that id.',
}
const NOT_YOURS: Problem = {
  status: 403,
  code: 'not_yours',
  message: 'You hand in files for yourself only. Leave studentId out.',
}
const PROBLEMS = {
  no_such_owner: NO_SUCH_STUDENT,
  owner_full: {
    status: 409,
    code: 'quota_full',
    message:
      'There is no more room for files of this person. Remove some that are not needed, or ask an administrator.',
  },
  school_full: {
    status: 409,
    code: 'quota_full',
    message: 'The school’s room for files is full. An administrator can remove some or raise the limit.',
  },
  not_multipart: {
    status: 415,
    code: 'unsupported_type',
    message: 'Send the file as multipart/form-data, in a part named file.',
  },
  malformed: {
    status: 400,
    code: 'malformed_upload',
    message: 'The upload could not be read: it ends too early or is no multipart/form-data. Send it again.',
  },
  no_file: { status: 422, code: 'no_file', message: 'There is no file in the upload. Send one, in a part named file.' },
  two_files: {
    status: 422,
    code: 'two_files',
    message: 'There is more than one file in the upload. Send each by itself.',
  },
  unknown_part: {
    status: 422,
    code: 'unknown_part',
    message: 'The upload has a part that is not the file. Send one part, named file.',
  },
  empty: { status: 422, code: 'empty_file', message: 'The file is empty. Choose another, or save it again.' },
  too_large: { status: 413, code: 'too_large', message: '' },
  wrong_type: { status: 415, code: 'unsupported_file', message: '' },
  broken_off: { status: 400, code: 'aborted', message: 'The request ended before its file did.' },
} satisfies Record<ReceiveFailure | Full | 'no_such_owner', Problem>

const WORDS: Readonly<Record<FileCategory, Readonly<Record<'too_large' | 'wrong_type', string>>>> = {
  document: {
    too_large: 'The document is larger than 10 MB. Save it smaller, or scan it with fewer dots per inch.',
    wrong_type: 'The file is no PDF, JPEG or PNG, whatever its name says. Save it as one of these and send it again.',
  },
  photo: {
    too_large: 'The photo is larger than 8 MB. Save it smaller and send it again.',
    wrong_type: 'The file is no JPEG, PNG or WebP, whatever its name says. Save it as one of these and send it again.',
  },
}

function problemOf(failure: keyof typeof PROBLEMS, category: FileCategory): Problem {
  const problem = PROBLEMS[failure]
  return failure === 'too_large' || failure === 'wrong_type'
    ? { ...problem, message: WORDS[category][failure] }
    : problem
}

/** Takes an upload. Of one that is refused or broken off nothing stays, neither a row nor bytes. */
export async function takeFile(
  { db, vault, jobs, store, nowMs }: FileNeeds,
  who: SchoolPerson,
  {
    category,
    studentId,
    req,
  }: {
    readonly category: FileCategory
    readonly studentId: string | undefined
    readonly req: Request
  },
): Promise<{ readonly row: FileRow } | { readonly problem: Problem }> {
  const refuse = (problem: Problem) => {
    hearOut(req)
    return { problem }
  }
  const { id: schoolId } = who.school
  // Asked before the bytes come, and once more with the row: what is full is not filled further.
  const before = await inSchool(db, schoolId, async tx => {
    const owner = await ownerOf(tx, who, studentId)
    if ('problem' in owner) return owner
    const room = await hasRoom(tx, owner, 1)
    return room.ok ? owner : { problem: problemOf(room.failure, category) }
  })
  if ('problem' in before) return refuse(before.problem)
  const id = randomUUIDv7()
  const storageName = randomBytes(16).toString('hex')
  const blobName = `${schoolId}/${storageName}`
  const fileKey = newFileKey()
  const seen = await receiveFile(req, { store, category, fileKey, blobName })
  if (!seen.ok) return refuse(problemOf(seen.failure, category))
  const received = { ...seen.value, id, category, storageName, fileKey, owner: before }
  // Where this throws, nobody knows what the commit came to: the bytes stay, and go in a day when no row names them.
  const entered = await inSchool(db, schoolId, tx => enterFile(tx, { vault, jobs }, actorOf(who, nowMs()), received))
  if (entered.ok) return { row: entered.value }
  await store.remove(blobName)
  return { problem: problemOf(entered.failure, category) }
}

/** A student's account hands in for that student, anybody else for a student or for themselves. */
async function ownerOf(
  tx: Tx,
  { role, userId }: SchoolPerson,
  studentId: string | undefined,
): Promise<FileOwner | { readonly problem: Problem }> {
  if (role === 'student') {
    const own = await studentOf(tx, userId)
    if (studentId !== undefined && studentId !== own) return { problem: NOT_YOURS }
    return own === null ? { userId } : { studentId: own }
  }
  if (studentId === undefined) return { userId }
  return (await isLiving(tx, studentId)) ? { studentId } : { problem: NO_SUCH_STUDENT }
}

/**
 * A client that is refused while it still sends is heard for so long and so much: hung up on at once it would not see
 * the answer. One that has sent all by then keeps its connection.
 */
const LINGER_MS = 2_000
const LINGER_BYTES_MAX = 32 * 1024 * 1024

function hearOut(req: Request): void {
  if (req.complete || req.destroyed) return
  let left = LINGER_BYTES_MAX
  req.on('data', (piece: Buffer) => {
    left -= piece.length
    if (left < 0) req.destroy()
  })
  req.on('error', () => {})
  // It was paused when nobody read it any more.
  req.resume()
  const timer = setTimeout(() => req.destroy(), LINGER_MS)
  req.once('close', () => clearTimeout(timer))
  req.once('end', () => clearTimeout(timer))
}
