import type { AccessLevel } from '@gatehouse/shared/wire/api/access-levels.ts'
import type { Group } from '@gatehouse/shared/wire/api/groups.ts'
import { LEVELS_MAX, listLevels } from '../../access-levels/access-levels.repo.ts'
import { levelOf } from '../../access-levels/access-levels.routes.ts'
import { GROUPS_MAX, listGroups } from '../../groups/groups.repo.ts'
import { groupOf } from '../../groups/groups.routes.ts'
import { listTerms, TERMS_MAX } from '../../terms/terms.repo.ts'
import { termOf } from '../../terms/terms.routes.ts'
import type { Loaders } from '../loaders.ts'
import { asks } from './builder.ts'
import { limitOf } from './paging.ts'
import type { NamedGroup, NamedLevel, Writing } from './refs.ts'

type Loading = { readonly load: Loaders }

/** What a pass may open and until when: groups, access levels and terms. Beside a pass a group and a level are their names. */
export function writeWhatOpens(writing: Writing): void {
  writeGroup(writing)
  writeLevel(writing)
  writeTerm(writing)
  const { builder, refs } = writing
  const unnoted = 'what can be opened, and nobody’s'
  builder.queryFields(t => ({
    groups: t.field({
      type: [refs.Group],
      description: 'All of the school, by number.',
      ...asks(['pass:read'], { unnoted, atMost: GROUPS_MAX }),
      resolve: (_root, _args, call) => call.read(async tx => (await listGroups(tx)).map(groupOf)),
    }),
    accessLevels: t.field({
      type: [refs.AccessLevel],
      description: 'All of the school, by name; with archived those that are archived.',
      args: { archived: t.arg.boolean({ defaultValue: false }) },
      ...asks(['pass:read'], { unnoted, atMost: LEVELS_MAX }),
      resolve: (_root, { archived }, call) =>
        call.read(async tx => (await listLevels(tx, { archived: archived === true })).map(levelOf)),
    }),
    terms: t.field({
      type: [refs.Term],
      description: 'Terms and school years, the newest first.',
      ...asks(['settings:read'], { unnoted, atMost: TERMS_MAX }),
      resolve: (_root, _args, call) => call.read(async tx => (await listTerms(tx)).map(termOf)),
    }),
  }))
}

function writeGroup({ refs }: Writing): void {
  const whole = async (group: Group | NamedGroup, { load }: Loading) =>
    'version' in group ? group : (await load.group.load(group.number))!
  const more = asks(['pass:read'])
  refs.Group.implement({
    description: 'Access points that are granted together.',
    fields: t => ({
      number: t.exposeInt('number', { description: '0 to 30: the bit of a pass.' }),
      name: t.exposeString('name'),
      accessPoints: t.stringList({
        description: 'What it opens, as people say it: North gate, In.',
        args: { limit: t.arg.int({ defaultValue: 10 }) },
        ...asks(['pass:read'], { atMost: 'limit' }),
        resolve: async (group, { limit }, call) => (await whole(group, call)).accessPoints.slice(0, limitOf(limit)),
      }),
      passCount: t.int({
        description: 'Passes that name it and are not revoked.',
        ...more,
        resolve: async (group, _args, call) => (await whole(group, call)).passes,
      }),
      levelCount: t.int({
        description: 'Access levels that name it, archived ones too.',
        ...more,
        resolve: async (group, _args, call) => (await whole(group, call)).levels,
      }),
    }),
  })
}

function writeLevel({ refs, enums }: Writing): void {
  const whole = async (level: AccessLevel | NamedLevel, { load }: Loading) =>
    'version' in level ? level : (await load.accessLevel.load(level.id))!
  const more = asks(['pass:read'])
  refs.AccessLevel.implement({
    description: 'A named set of groups, hours and kind of pass.',
    fields: t => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      class: t.field({
        type: enums.PassClass,
        ...more,
        resolve: async (level, _args, call) => (await whole(level, call)).class,
      }),
      groups: t.field({
        type: [refs.Group],
        ...asks(['pass:read'], { atMost: GROUPS_MAX }),
        resolve: async (level, _args, call) => (await whole(level, call)).groups,
      }),
      profile: t.int({
        description: 'The number of its hours; 0: always.',
        ...more,
        resolve: async (level, _args, call) => (await whole(level, call)).profile,
      }),
      profileName: t.string({
        nullable: true,
        ...more,
        resolve: async (level, _args, call) => (await whole(level, call)).profileName,
      }),
      passCount: t.int({
        description: 'Passes that follow it and are not revoked.',
        ...more,
        resolve: async (level, _args, call) => (await whole(level, call)).passes,
      }),
      archivedAt: t.field({
        type: 'DateTime',
        nullable: true,
        ...more,
        resolve: async (level, _args, call) => (await whole(level, call)).archivedAt,
      }),
    }),
  })
}

function writeTerm({ refs, enums }: Writing): void {
  refs.Term.implement({
    fields: t => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      kind: t.expose('kind', { type: enums.TermKind }),
      firstDay: t.expose('firstDay', { type: 'Date', description: 'It belongs to the term, as the last one does.' }),
      lastDay: t.expose('lastDay', { type: 'Date' }),
      imported: t.exposeBoolean('imported', { description: 'It came with an import; the next one changes it again.' }),
    }),
  })
}
