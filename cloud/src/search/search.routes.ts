import { search as searchRoute } from '@gatehouse/shared/wire/api/search.ts'
import { may, type Operation } from '@gatehouse/shared/wire/rights.ts'
import { look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { asked } from '../http/page.ts'
import type { Vault } from '../keys/vault.ts'
import { searchedIndexes } from '../students/searched-indexes.ts'
import {
  foundApplications,
  foundAudit,
  foundGates,
  foundPasses,
  foundStudents,
  foundUsers,
  type Sought,
} from './search.repo.ts'

/** What is looked for, by the right that its own list needs. */
const KINDS = [
  ['student:read', foundStudents],
  ['application:read', foundApplications],
  ['pass:read', foundPasses],
  ['gate:read', foundGates],
  ['user:read', foundUsers],
  ['audit:read', foundAudit],
] as const satisfies readonly (readonly [Operation, unknown])[]

export function searchRoutes(
  routes: Binder,
  { db, vault, nowMs }: { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number },
): void {
  routes.inSchool(searchRoute, ({ query: { q: text }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const indexes = await searchedIndexes(tx, vault, who, text)
      const sought: Sought = { schoolId: who.school.id, text, indexes, nowMs: nowMs() }
      const data = []
      for (const [needs, found] of KINDS) {
        if (may(who.role, needs, who.grants)) data.push(...(await found(tx, sought)))
      }
      await look(tx, actorOf(who, nowMs()), {
        action: 'search.run',
        studentIds: data.filter(({ kind }) => kind === 'student').map(({ id }) => id),
        after: { ...asked({ search: text }), shown: data.length },
      })
      return { data }
    }),
  )
}
