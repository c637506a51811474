import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../../db/connect.ts'
import { inSchool } from '../../db/school.ts'
import { openBreakers } from '../../http/breaker.ts'
import { openLog } from '../../http/log.ts'
import { openJobs } from '../../jobs/jobs.ts'
import { startJobs } from '../../jobs/workers.ts'
import { createStudent } from '../../students/students.repo.ts'
import { enterTestSchool, type Said, startCloud, type TestCloud, type TestSchool } from '../../testing/cloud.ts'
import type { BlobStore } from '../blob-store.ts'
import { clamd } from '../clamd.ts'
import { diskStore } from '../disk-store.ts'
import type { FileRow } from '../files.repo.ts'
import { fileHandlers } from '../process-file.ts'

export type FilesStand = AsyncDisposable & {
  readonly cloud: TestCloud
  readonly school: TestSchool
  readonly store: BlobStore
  /** Of the store. */
  readonly folder: string
  readonly token: Readonly<Record<'school_admin' | 'staff' | 'student' | 'security', string>>
  /** Whose account the student's is. */
  readonly studentId: string
  upload(bytes: Uint8Array | string, told?: Told): Promise<Said>
  /** Does what waits, once each: what failed is not tried again before the test is over. */
  work(): Promise<void>
  row(fileId: string): Promise<FileRow>
  /** Every file in the store's folder, whole or half. */
  inStore(): string[]
}

export type Told = {
  readonly as?: 'school_admin' | 'staff' | 'student'
  readonly category?: 'document' | 'photo'
  readonly studentId?: string
  readonly name?: string
  readonly part?: string
}

/** A cloud whose files are in a folder, and whose jobs are done when a test says so. */
export async function filesStand(database: Database, scannerUrl: string | null = null): Promise<FilesStand> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-files-'))
  const store = diskStore(folder)
  const log = openLog('silent')
  const nowMs = () => Date.now()
  const jobs = await openJobs({ database, works: true, nowMs, log, pauseS: 300 })
  const breakers = openBreakers()
  const cloud = await startCloud(database, { jobs, store })
  const school = await enterTestSchool(database, cloud.vault)
  const studentId = await enterStudent(cloud, school)
  const scanner = scannerUrl === null ? null : clamd(scannerUrl)
  const handlers = fileHandlers({
    db: database.db,
    vault: cloud.vault,
    store,
    scanner,
    guarded: breakers.guarded,
    nowMs,
  })
  const roles = ['school_admin', 'staff', 'student', 'security'] as const
  const token = {} as Record<(typeof roles)[number], string>
  for (const role of roles) token[role] = await cloud.signIn(school, role)

  return {
    cloud,
    school,
    store,
    folder,
    token,
    studentId,
    upload(bytes, { as = 'student', category = 'document', studentId, name = 'file.bin', part = 'file' } = {}) {
      const form = new FormData()
      form.append(part, new Blob([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)]), name)
      return send(cloud, token[as], category, form, studentId)
    },
    async work() {
      const workers = await startJobs({ database, jobs, handlers, log })
      try {
        await workers.now()
      } finally {
        await workers.stop()
      }
    },
    row: fileId =>
      inSchool(database.db, school.schoolId, tx =>
        tx.selectFrom('files').selectAll().where('id', '=', fileId).executeTakeFirstOrThrow(),
      ),
    inStore: () =>
      existsSync(folder)
        ? readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter(entry => entry.isFile())
            .map(entry => join(entry.parentPath, entry.name))
        : [],
    async [Symbol.asyncDispose]() {
      await cloud[Symbol.asyncDispose]()
      breakers.close()
      await jobs[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Sends a body as it is: a form, or whatever a test makes up. */
export async function send(
  cloud: TestCloud,
  token: string,
  category: string,
  body: FormData | ReadableStream | string,
  studentId?: string,
  headers: Record<string, string> = {},
): Promise<Said> {
  const query = new URLSearchParams({ category, ...(studentId !== undefined && { studentId }) })
  const answer = await fetch(`${cloud.url}/api/v1/files?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  } as RequestInit)
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

async function enterStudent({ database, vault }: TestCloud, { schoolId, users }: TestSchool): Promise<string> {
  return inSchool(database.db, schoolId, async tx => {
    const actor = { schoolId, userId: null, nowMs: Date.now() }
    const made = await createStudent(tx, vault, actor, { studentNumber: 'F-1', firstName: 'Ada', lastName: 'Byron' })
    if (!made.ok) throw new Error(made.failure)
    const account = await tx
      .selectFrom('users')
      .select('id')
      .where('email', '=', users.get('student')!)
      .executeTakeFirstOrThrow()
    await tx.updateTable('students').set({ user_id: account.id }).where('id', '=', made.value.id).execute()
    return made.value.id
  })
}
