import { randomUUIDv7 } from 'node:crypto'
import {
  CODES_A_FILE,
  claimInvitation,
  endInvitation as endRoute,
  getInvitationSettings,
  type Invitation,
  invitationSheet,
  inviteStudents,
  listInvitations as listRoute,
  previewInvitations,
  resendInvitation,
  setInvitationSettings,
} from '@gatehouse/shared/wire/api/invitations.ts'
import { audit, look } from '../audit/audit.ts'
import type { Passwords } from '../auth/password.ts'
import { weakPassword } from '../auth/passwords.routes.ts'
import { inSchool } from '../db/school.ts'
import { actorOf, type Binder, nobodyOf } from '../http/bind.ts'
import { addressLimit } from '../http/limits.ts'
import { asked as askedOf, pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import type { Fonts } from '../printing/fonts.ts'
import { nameOf } from '../students/name.ts'
import { chosenStudents, preview, reason } from './chosen.ts'
import { claim } from './claim.ts'
import { codeSheet } from './code-sheet.ts'
import {
  checksOf,
  endInvitation,
  findInvitation,
  type InvitationRow,
  listInvitations,
  printableOf,
  setChecks,
  stateOf,
} from './invitations.repo.ts'
import { type InviteNeeds, invite } from './invite.ts'

export type InvitationsRoutesNeeds = InviteNeeds & { readonly passwords: Passwords; readonly fonts: Fonts }

const PROBLEMS = {
  refused: {
    status: 422,
    code: 'claim_refused',
    message:
      'This does not open an account: the code or what was asked for beside it is not right, or the code was used, has ended or was tried too often. Check each of them, or ask your school for a new code.',
  },
  email_needed: {
    status: 422,
    code: 'email_needed',
    message: 'Your school knows no e-mail address of yours. Give one to sign in with.',
    details: [{ path: 'email', message: 'is needed' }],
  },
  email_taken: {
    status: 409,
    code: 'email_taken',
    message: 'There is an account with this e-mail address already. Give another one, or ask your school.',
    details: [{ path: 'email', message: 'is in use' }],
  },
  no_such_invitation: { status: 404, code: 'not_found', message: 'There is no invitation with that id.' },
  already_over: { status: 409, code: 'already_over', message: 'This invitation is over already.' },
  not_invitable: {
    status: 409,
    code: 'not_invitable',
    message:
      'This student cannot be invited now: there is an account, no e-mail address, or the student is not active.',
  },
  nobody: {
    status: 422,
    code: 'nobody_to_invite',
    message: 'None of these students can be invited. The preview says why.',
  },
  nothing_to_print: {
    status: 404,
    code: 'nothing_to_print',
    message: 'There are no codes to print here: they are kept for a day. Invite again to get new ones.',
  },
} satisfies Record<string, Problem>

export function invitationsRoutes(routes: Binder, needs: InvitationsRoutesNeeds): void {
  const { db, vault, jobs, passwords, fonts, publicUrl, nowMs } = needs

  routes.inSchool(previewInvitations, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => ({
      data: await preview(tx, body, { checks: await checksOf(tx, who.school.id), nowMs: nowMs() }),
    })),
  )

  routes.inSchool(inviteStudents, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const counts = await preview(tx, body, { checks: await checksOf(tx, who.school.id), nowMs: nowMs() })
      if (counts.invited === 0) return { problem: PROBLEMS.nobody }
      const [batchId, { userId }] = [randomUUIDv7(), actorOf(who, nowMs())]
      const jobId = await jobs.add(tx, {
        kind: 'invitations',
        schoolId: who.school.id,
        body: { batchId, chosen: body, userId, by: who.by },
        title: `Invite ${counts.invited} ${counts.invited === 1 ? 'student' : 'students'} ${body.by === 'mail' ? 'by mail' : 'on paper'}`,
        madeBy: userId,
      })
      const { by, ...chosen } = body
      await audit(tx, actorOf(who, nowMs()), {
        action: 'invitation.order',
        subject: { kind: 'invitation_batch', id: batchId },
        after: {
          by,
          invited: counts.invited,
          ...('filter' in chosen && chosen.filter && { filter: askedOf(chosen.filter) }),
        },
      })
      return { data: { jobId, batchId, preview: counts } }
    }),
  )

  routes.inSchool(listRoute, async ({ query, who }) => {
    const asked = { ...query, nowMs: nowMs() }
    const { rows, total } = await inSchool(db, who.school.id, async tx => {
      const found = await listInvitations(tx, asked)
      await look(tx, actorOf(who, nowMs()), {
        action: 'invitation.list',
        studentIds: [...new Set(found.rows.map(row => row.student_id))],
        after: askedOf(query),
      })
      return found
    })
    return { data: rows.map(row => invitationOf(row, nowMs())), pagination: pagination(query, total) }
  })

  routes.inSchool(endRoute, ({ params: { invitationId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findInvitation(tx, invitationId)
      if (row === undefined) return { problem: PROBLEMS.no_such_invitation }
      if (!(await endInvitation(tx, actorOf(who, nowMs()), row))) return { problem: PROBLEMS.already_over }
      return { data: invitationOf((await findInvitation(tx, invitationId))!, nowMs()) }
    }),
  )

  routes.inSchool(resendInvitation, ({ params: { invitationId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findInvitation(tx, invitationId)
      if (row === undefined) return { problem: PROBLEMS.no_such_invitation }
      const checks = await checksOf(tx, who.school.id)
      const student = await chosenStudents(tx, { studentIds: [row.student_id] }, nowMs())
        .where(reason(row.way, checks), '=', 'invited')
        .select(['id', 'email', 'first_name', 'last_name'])
        .executeTakeFirst()
      if (student === undefined) return { problem: PROBLEMS.not_invitable }
      const batch = { batchId: randomUUIDv7(), way: row.way, checks }
      const made = await invite(tx, needs, actorOf(who, nowMs()), batch, student)
      return { data: invitationOf((await findInvitation(tx, made))!, nowMs()) }
    }),
  )

  routes.inSchool(invitationSheet, async ({ params: { batchId }, query: { part }, who }) => {
    const found = await inSchool(db, who.school.id, async tx => {
      const all = await printableOf(tx, batchId, nowMs())
      const rows = all.slice((part - 1) * CODES_A_FILE, part * CODES_A_FILE)
      const school = await tx
        .selectFrom('schools')
        .select(['name', 'time_zone', 'language', 'claim_checks'])
        .where('id', '=', who.school.id)
        .executeTakeFirstOrThrow()
      if (rows.length > 0) {
        const subject = { kind: 'invitation_batch', id: batchId }
        await audit(tx, actorOf(who, nowMs()), { action: 'invitation.print', subject, after: { codes: rows.length } })
      }
      return { rows, school }
    })
    if (found.rows.length === 0) return { problem: PROBLEMS.nothing_to_print }
    return { data: await codeSheet({ ...found, vault, fonts, publicUrl, part, nowMs: nowMs() }) }
  })

  routes.open(
    claimInvitation,
    async ({ body, req }) => {
      // Before anything is looked up: whether there is such a code is not told by how long the answer takes.
      const passwordHash = await passwords.hash(body.password)
      const claimed = await claim({ db, vault }, { ...body, passwordHash }, { by: nobodyOf(req), nowMs: nowMs() })
      if (claimed.ok) return { data: claimed.value }
      const { failure } = claimed
      const isWeak = failure !== 'refused' && failure !== 'email_needed' && failure !== 'email_taken'
      return { problem: isWeak ? weakPassword(failure) : PROBLEMS[failure] }
    },
    [addressLimit('Too many codes were tried from this address.')],
  )

  routes.inSchool(getInvitationSettings, async ({ who }) => ({
    data: { checks: await inSchool(db, who.school.id, tx => checksOf(tx, who.school.id)) },
  }))

  routes.inSchool(setInvitationSettings, async ({ body: { checks }, who }) => ({
    data: { checks: await inSchool(db, who.school.id, tx => setChecks(tx, actorOf(who, nowMs()), checks)) },
  }))
}

function invitationOf(row: InvitationRow, nowMs: number): Invitation {
  return {
    id: row.id,
    batchId: row.batch_id,
    by: row.way,
    state: stateOf(row, nowMs),
    student: { id: row.student_id, studentNumber: row.student_number, name: nameOf(row) },
    to: row.to_address,
    triesLeft: row.tries_left,
    madeAt: row.made_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    claimedAt: row.claimed_at?.toISOString() ?? null,
  }
}
