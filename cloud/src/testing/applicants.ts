import { randomUUIDv7 } from 'node:crypto'
import type { FileCategory, FileRefusal, FileState } from '@gatehouse/shared/wire/api/files.ts'
import { applicationCheck } from '../applications/run-check.ts'
import { applicationUpkeep } from '../applications/upkeep.ts'
import { openPasswords } from '../auth/password.ts'
import { inSchool } from '../db/school.ts'
import { openLog } from '../http/log.ts'
import { startJobs, type Workers } from '../jobs/workers.ts'
import { createUser } from '../schools/schools.repo.ts'
import { type Said, TEST_PASSWORD } from './cloud.ts'
import type { People } from './people.ts'

export type Applicant = {
  readonly studentId: string
  readonly userId: string
  readonly studentNumber: string
  readonly token: string
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Said>
}

const passwordHash = openPasswords().hash(TEST_PASSWORD)

/** A student with an account, signed in through the front door. */
export async function applicant(
  it: People,
  {
    role = 'student',
    ...fields
  }: { readonly role?: 'student' | 'staff' | 'school_admin'; readonly [field: string]: unknown } = {},
): Promise<Applicant> {
  const { schoolId } = it.school
  const student = await it.student({ birthDate: '2005-05-17', ...fields })
  const email = `${randomUUIDv7()}@school.example`
  const userId = await inSchool(it.cloud.database.db, schoolId, async tx => {
    await createUser(tx, { schoolId, email, displayName: 'Ada', role, passwordHash: await passwordHash })
    const { id } = await tx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirstOrThrow()
    await tx.updateTable('students').set({ user_id: id }).where('id', '=', student.id).execute()
    return id
  })
  const token = await it.cloud.signIn({ ...it.school, users: new Map([[role, email]]) }, role)
  return { studentId: student.id, userId, studentNumber: student.studentNumber, token, call: it.as(token) }
}

/** A file as it is after it was looked at; its bytes are nowhere. Answers its id. */
export async function handedIn(
  it: People,
  studentId: string,
  {
    category = 'document',
    state = 'ready',
    refusal = null,
  }: { readonly category?: FileCategory; readonly state?: FileState; readonly refusal?: FileRefusal | null } = {},
): Promise<string> {
  const id = randomUUIDv7()
  const at = new Date()
  await inSchool(it.cloud.database.db, it.school.schoolId, tx =>
    tx
      .insertInto('files')
      .values({
        id,
        school_id: it.school.schoolId,
        category,
        state,
        refusal,
        name: 'proof.pdf',
        media_type: category === 'document' ? 'application/pdf' : 'image/jpeg',
        bytes: 1,
        sha256: 'a'.repeat(64),
        storage_name: id.replaceAll('-', ''),
        sealed_key: null,
        bytes_gone_at: at,
        owner_student_id: studentId,
        owner_user_id: null,
        uploaded_by: null,
        uploaded_at: at,
        settled_at: state === 'waiting' ? null : at,
      })
      .execute(),
  )
  return id
}

/** Does the jobs of applications when it is told to. */
export function checkers(it: People): Promise<Workers> {
  const { database, vault, jobs, clock } = it.cloud
  const needs = { db: database.db, vault, nowMs: () => clock.nowMs }
  return startJobs({
    database,
    jobs,
    log: openLog('silent'),
    handlers: { application_check: applicationCheck(needs), application_upkeep: applicationUpkeep(needs) },
  })
}
