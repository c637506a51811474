import { z } from 'zod'
import { PASS_CLASSES } from '../../pass/body.ts'
import { route } from '../contract.ts'
import { At, Id, RowVersion } from './envelope.ts'

const NamedGroup = z.object({ number: z.int(), name: z.string() })
const count = z.int().min(0)

export const AccessLevel = z.object({
  id: Id,
  name: z.string(),
  class: z.enum(PASS_CLASSES),
  groups: z.array(NamedGroup),
  /** 0: always. */
  profile: z.int(),
  profileName: z.string().nullable(),
  /** Passes that follow it and are not revoked. */
  passes: count,
  archivedAt: At.nullable(),
  version: RowVersion,
})
export type AccessLevel = z.infer<typeof AccessLevel>

const params = z.object({ levelId: Id })
const fields = {
  name: z.string().trim().min(1, 'give it a name').max(100),
  class: z.enum(PASS_CLASSES),
  groups: z.array(z.int().min(0).max(30)).min(1, 'choose at least one group').max(31),
  profile: z.int().min(0).max(255),
}
const Change = z.strictObject(fields).partial()

export const listAccessLevels = route({
  method: 'get',
  path: '/access-levels',
  can: 'pass:read',
  summary: 'Named sets of groups, hours and kind, by name.',
  query: z.object({ archived: z.enum(['true', 'false']).default('false') }),
  data: z.array(AccessLevel),
})

export const createAccessLevel = route({
  method: 'post',
  path: '/access-levels',
  can: 'settings:update',
  summary: 'Make an access level. A school has 500 at most.',
  status: 201,
  body: z.strictObject({ ...fields, class: fields.class.default('student'), profile: fields.profile.default(0) }),
  data: AccessLevel,
})

/** What a change of a level does to the passes that follow it. */
export const LevelEffect = z.object({
  /** Passes that follow the level and are not revoked. */
  passes: count,
  /** Of these, those that open something today: only they gain or lose. */
  living: count,
  gain: count,
  lose: count,
  groupsGained: z.array(NamedGroup),
  groupsLost: z.array(NamedGroup),
  /** Names of the hours; null: they stay. */
  hours: z.object({ from: z.string(), to: z.string() }).nullable(),
  class: z.object({ from: z.enum(PASS_CLASSES), to: z.enum(PASS_CLASSES) }).nullable(),
  /** Passes that get a new number, because they open more: codes that were printed or put in a wallet before open only what they did. */
  renumbered: count,
  guard: z.object({
    /** How many passes may lose at once. */
    limit: count,
    /** What is lost waits for a second administrator. */
    waits: z.boolean(),
  }),
})
export type LevelEffect = z.infer<typeof LevelEffect>

export const previewAccessLevel = route({
  method: 'post',
  path: '/access-levels/:levelId/preview',
  can: 'settings:update',
  summary: 'What a change of a level would do to its passes. Nothing is changed.',
  params,
  body: Change,
  data: LevelEffect,
})

export const updateAccessLevel = route({
  method: 'patch',
  path: '/access-levels/:levelId',
  can: 'settings:update',
  summary: 'Change a level and every pass that follows it, together.',
  params,
  body: Change,
  data: AccessLevel,
})

export const archiveAccessLevel = route({
  method: 'delete',
  path: '/access-levels/:levelId',
  can: 'settings:update',
  summary: 'Archive a level: nobody is given it any more, and who has it keeps it.',
  params,
  data: AccessLevel,
})

export const restoreAccessLevel = route({
  method: 'post',
  path: '/access-levels/:levelId/restoration',
  can: 'settings:update',
  summary: 'Bring an archived level back.',
  params,
  data: AccessLevel,
})

export const LevelDefault = z.object({
  id: Id,
  /** Null: any kind. */
  class: z.enum(PASS_CLASSES).nullable(),
  /** Null: any department. */
  department: z.object({ id: Id, name: z.string() }).nullable(),
  level: z.object({ id: Id, name: z.string() }),
  version: RowVersion,
})
export type LevelDefault = z.infer<typeof LevelDefault>

const defaultParams = z.object({ defaultId: Id })

export const listLevelDefaults = route({
  method: 'get',
  path: '/access-level-defaults',
  can: 'settings:read',
  summary: 'Which level a new pass takes, most specific first.',
  data: z.array(LevelDefault),
})

export const createLevelDefault = route({
  method: 'post',
  path: '/access-level-defaults',
  can: 'settings:update',
  summary: 'Say which level a new pass of a kind, a department or both takes. A school has 500 at most.',
  status: 201,
  body: z.strictObject({
    class: fields.class.nullable().default(null),
    departmentId: Id.nullable().default(null),
    levelId: Id,
  }),
  data: LevelDefault,
})

export const updateLevelDefault = route({
  method: 'patch',
  path: '/access-level-defaults/:defaultId',
  can: 'settings:update',
  summary: 'Name another level. Passes that were issued keep theirs.',
  params: defaultParams,
  body: z.strictObject({ levelId: Id }),
  data: LevelDefault,
})

export const deleteLevelDefault = route({
  method: 'delete',
  path: '/access-level-defaults/:defaultId',
  can: 'settings:update',
  summary: 'Take a default away.',
  params: defaultParams,
  data: z.object({ id: Id }),
})
