import { getRetention, putRetention } from '@gatehouse/shared/wire/api/retention.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { CHANGED_MEANWHILE } from '../http/problem.ts'
import { readRetention, saveRetention } from './retention.repo.ts'

export type RetentionRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

export function retentionRoutes(routes: Binder, { db, nowMs }: RetentionRoutesNeeds): void {
  routes.inSchool(getRetention, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: await readRetention(tx) })),
  )

  routes.inSchool(putRetention, ({ body, ifMatch, who }) =>
    inSchool(db, who.school.id, async tx => {
      const saved = await saveRetention(tx, actorOf(who, nowMs()), body, ifMatch)
      return saved.ok ? { data: saved.value } : { problem: CHANGED_MEANWHILE }
    }),
  )
}
