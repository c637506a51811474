import { issuePassBatch, previewPassBatch } from '@gatehouse/shared/wire/api/pass-batches.ts'
import { previewPassRenewal, renewPasses } from '@gatehouse/shared/wire/api/pass-renewals.ts'
import { passHistory, renewPass as renewRoute, replaceLost as replaceRoute } from '@gatehouse/shared/wire/api/passes.ts'
import { WRONG_CURSOR } from '../access/cursor.ts'
import { audit, look } from '../audit/audit.ts'
import { readHistory } from '../audit/history.repo.ts'
import { inSchool } from '../db/school.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { asked as askedOf } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { renewPass, replaceLost } from './change-pass.ts'
import { cardOf } from './credentials.repo.ts'
import { previewBatch } from './pass-batch.ts'
import { previewRenewal } from './pass-renewals.ts'
import { passesShown } from './pass-shown.ts'
import { aboutPass, findPass } from './passes.repo.ts'
import { PASS_PROBLEMS, type PassesRoutesNeeds } from './passes.routes.ts'

const NOBODY: Problem = {
  status: 422,
  code: 'nobody_to_issue_to',
  message: 'None of these students would get a pass. The preview says why.',
}

const NOTHING_TO_RENEW: Problem = {
  status: 422,
  code: 'nothing_to_renew',
  message: 'None of these passes would be renewed. The preview says why.',
}

/** What becomes of a pass after it was issued, and issuing by the thousand. */
export function passChangesRoutes(
  routes: Binder,
  { db, vault, jobs, nowMs }: PassesRoutesNeeds & { readonly jobs: Jobs },
): void {
  routes.inSchool(renewRoute, ({ params: { passId }, body: { expires }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const expiresMs = expires === undefined ? undefined : Date.parse(expires)
      const done = await renewPass(tx, actorOf(who, nowMs()), { passId, expiresMs })
      if (!done.ok) return { problem: PASS_PROBLEMS[done.failure] }
      return { data: (await passesShown(tx, [done.value], nowMs()))[0]! }
    }),
  )

  routes.inSchool(replaceRoute, async ({ params: { passId }, body: { card: typed, printed, ...lost }, who }) => {
    const card = typed === undefined ? undefined : cardOf(typed)
    if (card !== undefined && !card.ok) return { problem: PASS_PROBLEMS[card.failure] }
    return inSchool(db, who.school.id, async tx => {
      const actor = { ...actorOf(who, nowMs()), tenant: who.school.tenant }
      const done = await replaceLost(tx, vault, actor, {
        ...lost,
        passId,
        card: card?.value,
        printed: printed === true,
      })
      if (!done.ok) return { problem: PASS_PROBLEMS[done.failure] }
      return { data: (await passesShown(tx, [done.value], nowMs()))[0]! }
    })
  })

  routes.inSchool(passHistory, ({ params: { passId }, query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const pass = await findPass(tx, passId)
      if (pass === undefined) return { problem: PASS_PROBLEMS.no_such_pass }
      const read = await readHistory(tx, { subject: { kind: 'pass', id: passId }, ...query })
      if (read === 'no_cursor') return { problem: WRONG_CURSOR }
      await look(tx, actorOf(who, nowMs()), { action: 'pass.history', ...aboutPass(pass) })
      return { data: read.entries, nextCursor: read.nextCursor }
    }),
  )

  routes.inSchool(previewPassBatch, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const counts = await previewBatch(tx, actorOf(who, nowMs()), body)
      return counts.ok ? { data: counts.value } : { problem: PASS_PROBLEMS[counts.failure] }
    }),
  )

  routes.inSchool(issuePassBatch, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const actor = actorOf(who, nowMs())
      const counts = await previewBatch(tx, actor, body)
      if (!counts.ok) return { problem: PASS_PROBLEMS[counts.failure] }
      const { issued } = counts.value
      if (issued === 0) return { problem: NOBODY }
      const jobId = await jobs.add(tx, {
        kind: 'pass_batch',
        schoolId: who.school.id,
        body: { wanted: body, userId: actor.userId, by: who.by },
        title: `Issue ${issued} ${issued === 1 ? 'pass' : 'passes'}`,
        madeBy: actor.userId,
      })
      const { studentIds, filter, ...rest } = body
      await audit(tx, actor, {
        action: 'pass.order',
        subject: { kind: 'job', id: jobId },
        after: {
          issued,
          ...askedOf(rest),
          ...(filter !== undefined && { filter: askedOf(filter) }),
          ...(studentIds !== undefined && { named: studentIds.length }),
        },
      })
      return { data: { jobId, preview: counts.value } }
    }),
  )

  routes.inSchool(previewPassRenewal, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => ({ data: await previewRenewal(tx, actorOf(who, nowMs()), body) })),
  )

  routes.inSchool(renewPasses, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const actor = actorOf(who, nowMs())
      const preview = await previewRenewal(tx, actor, body)
      const { renewed } = preview
      if (renewed === 0) return { problem: NOTHING_TO_RENEW }
      const jobId = await jobs.add(tx, {
        kind: 'pass_renewals',
        schoolId: who.school.id,
        body: { wanted: body, orderedAtMs: actor.nowMs, userId: actor.userId, by: who.by },
        title: `Renew ${renewed} ${renewed === 1 ? 'pass' : 'passes'}`,
        madeBy: actor.userId,
      })
      const { passIds, filter, ...rest } = body
      await audit(tx, actor, {
        action: 'pass.order_renewal',
        subject: { kind: 'job', id: jobId },
        after: {
          renewed,
          ...askedOf(rest),
          ...(filter !== undefined && { filter: askedOf(filter) }),
          ...(passIds !== undefined && { named: passIds.length }),
        },
      })
      return { data: { jobId, preview } }
    }),
  )
}
