import {
  createGroup as createRoute,
  deleteGroup as deleteRoute,
  type Group,
  listAccessPoints as listPointsRoute,
  listGroups as listRoute,
  updateGroup as updateRoute,
} from '@gatehouse/shared/wire/api/groups.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import { inUseBy } from '../http/used.ts'
import {
  createGroup,
  deleteGroup,
  type GroupRow,
  type GroupUse,
  listAccessPoints,
  listGroups,
  updateGroup,
} from './groups.repo.ts'

const PROBLEMS = {
  no_such_group: { status: 404, code: 'not_found', message: 'There is no group with that number.' },
  name_taken: {
    status: 409,
    code: 'name_taken',
    message: 'Another group has this name.',
    details: [{ path: 'name', message: 'is another group’s' }],
  },
  no_such_point: {
    status: 422,
    code: 'validation_failed',
    message: 'One of the access points does not exist. Read the list again and choose from it.',
    details: [{ path: 'accessPointIds', message: 'must be access points of the school' }],
  },
  point_left_alone: {
    status: 409,
    code: 'point_left_alone',
    message: 'One of its access points is in no other group and would open to nobody. Put it in another group first.',
    details: [{ path: 'accessPointIds', message: 'leaves an access point in no group' }],
  },
  no_number_left: {
    status: 409,
    code: 'no_number_left',
    message: 'A school has 31 groups at most. Take one away that nobody uses, or put more access points into one.',
  },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export function groupsRoutes(routes: Binder, { db, nowMs }: { readonly db: Db; readonly nowMs: () => number }): void {
  routes.inSchool(listRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: (await listGroups(tx)).map(groupOf) })),
  )

  routes.inSchool(listPointsRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: await listAccessPoints(tx) })),
  )

  routes.inSchool(createRoute, async ({ body, who }) => {
    const made = await inSchool(db, who.school.id, tx => createGroup(tx, actorOf(who, nowMs()), body))
    return made.ok ? { data: groupOf(made.value) } : { problem: PROBLEMS[made.failure] }
  })

  routes.inSchool(updateRoute, async ({ params: { number }, body: change, ifMatch, who }) => {
    const changed = await inSchool(db, who.school.id, tx =>
      updateGroup(tx, actorOf(who, nowMs()), {
        number,
        change: change as Parameters<typeof updateGroup>[2]['change'],
        ifMatch,
      }),
    )
    return changed.ok ? { data: groupOf(changed.value) } : { problem: PROBLEMS[changed.failure] }
  })

  routes.inSchool(deleteRoute, async ({ params: { number }, ifMatch, who }) => {
    const gone = await inSchool(db, who.school.id, tx => deleteGroup(tx, actorOf(who, nowMs()), { number, ifMatch }))
    if (gone.ok) return { data: { number } }
    return { problem: 'inUse' in gone ? inUse(gone.inUse) : PROBLEMS[gone.failure] }
  })
}

function inUse({ passes, levels, groupSets }: GroupUse): Problem {
  return inUseBy('This group', [
    [passes, 'pass', 'passes'],
    [levels, 'access level', 'access levels'],
    [groupSets, 'group set', 'group sets'],
  ])
}

export function groupOf({ accessPoints, ...row }: GroupRow): Group {
  return {
    ...row,
    accessPoints: accessPoints.map(({ words }) => words),
    accessPointIds: accessPoints.map(({ id }) => id),
  }
}
