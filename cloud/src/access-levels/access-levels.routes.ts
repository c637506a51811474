import {
  type AccessLevel,
  archiveAccessLevel,
  createAccessLevel,
  createLevelDefault,
  deleteLevelDefault,
  type LevelDefault,
  listAccessLevels,
  listLevelDefaults,
  previewAccessLevel,
  restoreAccessLevel,
  updateAccessLevel,
  updateLevelDefault,
} from '@gatehouse/shared/wire/api/access-levels.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { type Answer, actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import {
  createLevel,
  LEVELS_MAX,
  type LevelFields,
  type LevelRow,
  listLevels,
  turnLevel,
} from './access-levels.repo.ts'
import {
  createDefault,
  DEFAULTS_MAX,
  type DefaultRow,
  deleteDefault,
  listDefaults,
  updateDefault,
} from './defaults.repo.ts'
import { previewLevel, updateLevel } from './level-change.ts'

const PROBLEMS = {
  no_such_level: { status: 404, code: 'not_found', message: 'There is no access level with that id.' },
  no_such_default: { status: 404, code: 'not_found', message: 'There is no default with that id.' },
  name_taken: {
    status: 409,
    code: 'name_taken',
    message: 'Another access level has this name.',
    details: [{ path: 'name', message: 'is another level’s' }],
  },
  no_such_group: {
    status: 422,
    code: 'validation_failed',
    message: 'One of the groups does not exist. Choose from the school’s groups.',
    details: [{ path: 'groups', message: 'must be groups of the school' }],
  },
  no_such_profile: {
    status: 422,
    code: 'validation_failed',
    message: 'There are no hours with that number. 0 is always.',
    details: [{ path: 'profile', message: 'must be hours of the school' }],
  },
  too_many_levels: {
    status: 409,
    code: 'too_many',
    message: `A school keeps ${LEVELS_MAX} access levels at most, archived ones counted. Change one that nobody needs any more.`,
  },
  level_archived: {
    status: 409,
    code: 'level_archived',
    message: 'This access level is archived. Bring it back first.',
  },
  kind_of_default: {
    status: 409,
    code: 'kind_of_default',
    message: 'It is the default of its kind of pass. Choose another default for that kind first.',
    details: [{ path: 'class', message: 'is the kind it is the default of' }],
  },
  already_so: { status: 409, code: 'already_so', message: 'Somebody did this a moment ago.' },
  default_taken: {
    status: 409,
    code: 'default_taken',
    message: 'There is a default for this kind and department already. Change that one.',
    details: [{ path: 'departmentId', message: 'has a default' }],
  },
  no_such_department: {
    status: 422,
    code: 'validation_failed',
    message: 'There is no department with that id. Choose from the school’s departments.',
    details: [{ path: 'departmentId', message: 'must be a department of the school' }],
  },
  other_kind: {
    status: 422,
    code: 'validation_failed',
    message: 'This access level is for another kind of pass. Choose one of the same kind.',
    details: [{ path: 'levelId', message: 'is for another kind of pass' }],
  },
  too_many_defaults: {
    status: 409,
    code: 'too_many',
    message: `A school keeps ${DEFAULTS_MAX} defaults at most. Take one away that is not needed any more.`,
  },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export type AccessLevelsRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

export function accessLevelsRoutes(routes: Binder, needs: AccessLevelsRoutesNeeds): void {
  levelRoutes(routes, needs)
  defaultRoutes(routes, needs)
}

function levelRoutes(routes: Binder, { db, nowMs }: AccessLevelsRoutesNeeds): void {
  routes.inSchool(listAccessLevels, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => ({
      data: (await listLevels(tx, { archived: query.archived === 'true' })).map(levelOf),
    })),
  )

  routes.inSchool(createAccessLevel, async ({ body, who }) => {
    const made = await inSchool(db, who.school.id, tx => createLevel(tx, actorOf(who, nowMs()), body))
    return made.ok ? { data: levelOf(made.value) } : { problem: PROBLEMS[made.failure] }
  })

  routes.inSchool(previewAccessLevel, async ({ params: { levelId }, body, ifMatch, who }) => {
    const change = body as Partial<LevelFields>
    const seen = await inSchool(db, who.school.id, tx =>
      previewLevel(tx, actorOf(who, nowMs()), { levelId, change, ifMatch }),
    )
    return seen.ok ? { data: seen.value } : { problem: PROBLEMS[seen.failure] }
  })

  routes.inSchool(updateAccessLevel, async ({ params: { levelId }, body, ifMatch, who }) => {
    const change = body as Partial<LevelFields>
    const changed = await inSchool(db, who.school.id, tx =>
      updateLevel(tx, actorOf(who, nowMs()), { levelId, change, ifMatch }),
    )
    return changed.ok ? { data: levelOf(changed.value) } : { problem: PROBLEMS[changed.failure] }
  })

  const turn = async (who: SchoolPerson, asked: Parameters<typeof turnLevel>[2]): Promise<Answer<AccessLevel>> => {
    const turned = await inSchool(db, who.school.id, tx => turnLevel(tx, actorOf(who, nowMs()), asked))
    if (turned.ok) return { data: levelOf(turned.value) }
    return { problem: 'defaults' in turned ? isDefault(turned.defaults) : PROBLEMS[turned.failure] }
  }
  routes.inSchool(archiveAccessLevel, ({ params: { levelId }, ifMatch, who }) =>
    turn(who, { levelId, to: 'archived', ifMatch }),
  )
  routes.inSchool(restoreAccessLevel, ({ params: { levelId }, ifMatch, who }) =>
    turn(who, { levelId, to: 'living', ifMatch }),
  )
}

function defaultRoutes(routes: Binder, { db, nowMs }: AccessLevelsRoutesNeeds): void {
  routes.inSchool(listLevelDefaults, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: (await listDefaults(tx)).map(defaultOf) })),
  )

  routes.inSchool(createLevelDefault, async ({ body, who }) => {
    const made = await inSchool(db, who.school.id, tx => createDefault(tx, actorOf(who, nowMs()), body))
    return made.ok ? { data: defaultOf(made.value) } : { problem: PROBLEMS[made.failure] }
  })

  routes.inSchool(updateLevelDefault, async ({ params: { defaultId: id }, body: { levelId }, ifMatch, who }) => {
    const changed = await inSchool(db, who.school.id, tx =>
      updateDefault(tx, actorOf(who, nowMs()), { id, levelId, ifMatch }),
    )
    return changed.ok ? { data: defaultOf(changed.value) } : { problem: PROBLEMS[changed.failure] }
  })

  routes.inSchool(deleteLevelDefault, async ({ params: { defaultId: id }, ifMatch, who }) => {
    const gone = await inSchool(db, who.school.id, tx => deleteDefault(tx, actorOf(who, nowMs()), { id, ifMatch }))
    return gone.ok ? { data: { id } } : { problem: PROBLEMS[gone.failure] }
  })
}

function isDefault(defaults: number): Problem {
  const message = `It is the default of new passes in ${defaults} ${defaults === 1 ? 'place' : 'places'}. Choose another default there first.`
  return { status: 409, code: 'is_default', message }
}

export function levelOf(row: LevelRow): AccessLevel {
  return {
    id: row.id,
    name: row.name,
    class: row.class,
    groups: [...row.groups],
    profile: row.profile ?? 0,
    profileName: row.profile_name,
    passes: row.passes,
    archivedAt: row.archived_at?.toISOString() ?? null,
    version: row.version,
  }
}

function defaultOf({
  id,
  class: kind,
  department_id,
  department_name,
  level_id,
  level_name,
  version,
}: DefaultRow): LevelDefault {
  const department = department_id === null ? null : { id: department_id, name: department_name ?? '' }
  return { id, class: kind, department, level: { id: level_id, name: level_name }, version }
}
