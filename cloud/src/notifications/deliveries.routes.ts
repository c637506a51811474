import { type Delivery, listDeliveries as listRoute, replayDelivery } from '@gatehouse/shared/wire/api/deliveries.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { findShown, listDeliveries, type ShownDelivery } from './deliveries.repo.ts'
import { replay } from './replay.ts'

const PROBLEMS = {
  no_such_delivery: {
    status: 404,
    code: 'not_found',
    message: 'There is no delivery with that id. They are kept for thirty days.',
  },
  not_over: {
    status: 409,
    code: 'not_over',
    message: 'This is still being sent, or it arrived: only what failed, and what a web hook was sent, is sent again.',
  },
  is_mail: {
    status: 409,
    code: 'is_mail',
    message: 'A mail that failed is sent again by its job, on the page of jobs.',
  },
} satisfies Record<string, Problem>

export function deliveriesRoutes(
  routes: Binder,
  { db, jobs, nowMs }: { readonly db: Db; readonly jobs: Jobs; readonly nowMs: () => number },
): void {
  routes.inSchool(listRoute, async ({ query, who }) => {
    const { rows, total } = await inSchool(db, who.school.id, tx => listDeliveries(tx, query))
    return { data: rows.map(deliveryOf), pagination: pagination(query, total) }
  })

  routes.inSchool(replayDelivery, ({ params: { deliveryId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const again = await replay(tx, jobs, actorOf(who, nowMs()), deliveryId)
      if (!again.ok) return { problem: PROBLEMS[again.failure] }
      return { data: deliveryOf((await findShown(tx, deliveryId))!) }
    }),
  )
}

function deliveryOf(row: ShownDelivery): Delivery {
  return {
    id: row.id,
    channel: row.channel,
    kind: row.kind,
    to: row.to_name,
    state: row.state,
    tries: row.tries,
    status: row.status,
    tookMs: row.took_ms,
    answer: row.answer,
    madeAt: row.made_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
