import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { getStudentPhoto, putStudentPhoto } from '@gatehouse/shared/wire/api/files.ts'
import type { Actor } from '../audit/actor.ts'
import { audit, look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { type FileRow, isLiving, variantsOf } from './files.repo.ts'
import { linkTo } from './links.ts'
import { type FileNeeds, NO_SUCH_STUDENT } from './upload.ts'

const PROBLEMS = {
  no_such_student: NO_SUCH_STUDENT,
  no_photo: { status: 404, code: 'no_photo', message: 'There is no photo of this student.' },
  no_such_photo: {
    status: 422,
    code: 'no_such_photo',
    message: 'This is no ready photo of this student. Upload one for them, and wait until it is ready.',
    details: [{ path: 'fileId', message: 'must be a ready photo of the student' }],
  },
} satisfies Record<string, Problem>

/** The photo beside a student's name: what a guard compares a face with. */
export function photoRoutes(routes: Binder, { db, vault, nowMs }: FileNeeds): void {
  routes.inSchool(putStudentPhoto, ({ params: { studentId }, body: { fileId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const put = await putPhoto(tx, actorOf(who, nowMs()), { studentId, fileId })
      return put.ok ? { data: { fileId } } : { problem: PROBLEMS[put.failure] }
    }),
  )

  routes.inSchool(getStudentPhoto, ({ params: { studentId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      if (!(await isLiving(tx, studentId))) return { problem: PROBLEMS.no_such_student }
      const row = await photoOf(tx, studentId)
      if (row === undefined || variantsOf(row).length === 0) return { problem: PROBLEMS.no_photo }
      const subject = { kind: 'file', id: row.id }
      await look(tx, actorOf(who, nowMs()), { action: 'student.photo', subject, studentId })
      const link = (variant: 'photo' | 'thumbnail') =>
        linkTo(vault, { schoolId: who.school.id, fileId: row.id, variant }, nowMs())
      return { data: { fileId: row.id, photo: link('photo'), thumbnail: link('thumbnail') } }
    }),
  )
}

async function putPhoto(
  tx: Tx,
  actor: Actor,
  { studentId, fileId }: { readonly studentId: string; readonly fileId: string | null },
): Promise<Result<null, 'no_such_student' | 'no_such_photo'>> {
  if (!(await isLiving(tx, studentId))) return fail('no_such_student')
  const before = (await photoOf(tx, studentId))?.id ?? null
  if (fileId === null) {
    await tx.deleteFrom('student_photos').where('student_id', '=', studentId).execute()
  } else {
    const file = await tx.selectFrom('files').selectAll().where('id', '=', fileId).executeTakeFirst()
    const fits = file?.owner_student_id === studentId && variantsOf(file).some(({ variant }) => variant === 'photo')
    if (!fits) return fail('no_such_photo')
    const photo = { file_id: fileId, since: new Date(actor.nowMs) }
    await tx
      .insertInto('student_photos')
      .values({ school_id: actor.schoolId, student_id: studentId, ...photo })
      .onConflict(on => on.columns(['school_id', 'student_id']).doUpdateSet(photo))
      .execute()
  }
  const subject = { kind: 'student', id: studentId }
  await audit(tx, actor, {
    action: 'student.photo_set',
    subject,
    studentId,
    before: { fileId: before },
    after: { fileId },
  })
  return ok(null)
}

function photoOf(tx: Tx, studentId: string): Promise<FileRow | undefined> {
  const named = tx.selectFrom('student_photos').select('file_id').where('student_id', '=', studentId)
  return tx.selectFrom('files').selectAll().where('id', 'in', named).executeTakeFirst()
}
