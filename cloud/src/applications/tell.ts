import type { ApplicationEvent } from '@gatehouse/shared/applications/machine.ts'
import type { Row, Tx } from '../db/tables.ts'
import { notify } from '../notifications/notify.ts'
import { nameOf } from '../students/name.ts'

type Application = Row<'applications'>

/** Tells who is to act next, or whose application it is, what just happened to it: in the transaction in which it does. */
export async function tellOfMove(
  tx: Tx,
  { id, school_id: schoolId, student_id: studentId, status }: Application,
  event: ApplicationEvent,
  text: string | null,
): Promise<void> {
  const applicant = await applicantOf(tx, studentId)
  const reason = text ?? undefined
  if (event === 'submit' || event === 'hand_in') {
    await notify(tx, schoolId, {
      kind: 'application_submitted',
      to: { right: 'application:decide' },
      facts: { applicant },
      path: `/applications/${id}`,
      aboutStudentId: studentId,
    })
  }
  const own = { to: { studentId }, path: `/apply/${id}` }
  if (status === 'requires_documents') {
    await notify(tx, schoolId, { ...own, kind: 'documents_asked', facts: { applicant, documents: text ?? '' } })
  }
  if (status === 'approved') {
    await notify(tx, schoolId, { ...own, kind: 'application_approved', facts: { applicant, reason }, path: '/my' })
  }
  if (status === 'rejected') {
    await notify(tx, schoolId, { ...own, kind: 'application_rejected', facts: { applicant, reason } })
  }
}

/** Before a deadline: the applicant where documents are awaited, else who decides. */
export async function remind(
  tx: Tx,
  { id, school_id, student_id, status, assigned_to, due_at }: Application,
): Promise<void> {
  const isTheirs = status === 'requires_documents'
  await notify(tx, school_id, {
    kind: 'application_reminder',
    to: isTheirs
      ? { studentId: student_id }
      : assigned_to === null
        ? { right: 'application:decide' }
        : { userId: assigned_to },
    facts: { applicant: await applicantOf(tx, student_id), due: due_at!.toISOString() },
    path: isTheirs ? `/apply/${id}` : `/applications/${id}`,
    aboutStudentId: student_id,
  })
}

async function applicantOf(tx: Tx, studentId: string): Promise<string> {
  return nameOf(
    await tx
      .selectFrom('students')
      .select(['first_name', 'last_name'])
      .where('id', '=', studentId)
      .executeTakeFirstOrThrow(),
  )
}
