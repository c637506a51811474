import { randomUUIDv7 } from 'node:crypto'
import type { ClaimCheck, InvitationWay } from '@gatehouse/shared/wire/api/invitations.ts'
import type { Actor, By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row, Tx } from '../db/tables.ts'
import type { JobHandler } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import { sendMail } from '../mail/mail.ts'
import { nameOf } from '../students/name.ts'
import { chosenStudents, reason } from './chosen.ts'
import { claimLink, codeHash, newCode } from './code.ts'
import { checksOf, endEarlier } from './invitations.repo.ts'

export const DAYS: Record<InvitationWay, number> = { mail: 7, print: 30 }
const DAY_MS = 86_400_000
/** In one transaction. */
const CHUNK = 100

export type InviteNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Jobs
  readonly publicUrl: string
  readonly nowMs: () => number
}

type Invited = Pick<Row<'students'>, 'id' | 'email' | 'first_name' | 'last_name'>
type Batch = { readonly batchId: string; readonly way: InvitationWay; readonly checks: readonly ClaimCheck[] }

/** Where a printed code is kept sealed. */
export const sealedPlace = (row: string) => ({ tenant: '', table: 'invitations', column: 'sealed_code', row })

/** Invites one student, and ends what was open before. Answers the invitation's id. */
export async function invite(
  tx: Tx,
  { vault, jobs, publicUrl }: Pick<InviteNeeds, 'vault' | 'jobs' | 'publicUrl'>,
  actor: Actor,
  { batchId, way, checks }: Batch,
  student: Invited,
): Promise<string> {
  const [id, code] = [randomUUIDv7(), newCode(way)]
  await endEarlier(tx, { studentIds: [student.id], exceptBatchId: batchId, now: new Date(actor.nowMs) })
  await tx
    .insertInto('invitations')
    .values({
      id,
      school_id: actor.schoolId,
      student_id: student.id,
      batch_id: batchId,
      way,
      code_hash: codeHash(vault, code),
      sealed_code: way === 'print' ? vault.seal(sealedPlace(id), Buffer.from(code)) : null,
      to_address: way === 'mail' ? student.email : null,
      made_by: actor.userId,
      made_at: new Date(actor.nowMs),
      expires_at: new Date(actor.nowMs + DAYS[way] * DAY_MS),
    })
    .execute()
  if (way === 'mail') {
    await sendMail(tx, jobs, {
      schoolId: actor.schoolId,
      to: { address: student.email!, name: nameOf(student) },
      language: null,
      template: 'invitation',
      values: { link: claimLink(publicUrl, code, checks), days: DAYS.mail },
    })
  }
  await audit(tx, actor, {
    action: 'invitation.create',
    subject: { kind: 'invitation', id },
    studentId: student.id,
    after: { by: way },
  })
  return id
}

/** The job that invites everybody who was chosen, a hundred at a time. Begun again, it goes on where it was. */
export function inviteChosen({ db, vault, jobs, publicUrl, nowMs }: InviteNeeds): JobHandler<'invitations'> {
  return async ({ schoolId, body: { batchId, chosen, userId, by }, progress }) => {
    const inIts = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(db, schoolId, work)
    const started = await inIts(async tx => {
      const checks = await checksOf(tx, schoolId!)
      const { count } = await chosenStudents(tx, chosen, nowMs())
        .where(reason(chosen.by, checks), '=', 'invited')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow()
      return { checks, total: Number(count) }
    })
    let made = 0
    let after = '00000000-0000-0000-0000-000000000000'
    for (;;) {
      const chunk = await inIts(async tx => {
        const actor: Actor = { schoolId: schoolId!, userId, nowMs: nowMs(), by: by as By }
        const rows = await chosenStudents(tx, chosen, nowMs())
          .where(reason(chosen.by, started.checks), '=', 'invited')
          .where('id', '>', after)
          .select(['id', 'email', 'first_name', 'last_name'])
          .select(({ selectFrom, exists }) =>
            exists(
              selectFrom('invitations')
                .select('invitations.id')
                .whereRef('invitations.student_id', '=', 'students.id')
                .where('batch_id', '=', batchId),
            ).as('is_there'),
          )
          .orderBy('id')
          .limit(CHUNK)
          .execute()
        for (const row of rows) {
          if (row.is_there) continue
          await invite(tx, { vault, jobs, publicUrl }, actor, { batchId, way: chosen.by, checks: started.checks }, row)
        }
        return rows
      })
      made += chunk.length
      if (chunk.length < CHUNK) return { batchId, made, by: chosen.by }
      after = chunk.at(-1)!.id
      await progress(made, started.total)
    }
  }
}
