import {
  CONTACT_FIELDS,
  listVisitorHosts as hostsRoute,
  listVisitors as listRoute,
  VISITS_SHOWN_MAX,
  type Visit,
  type Visitor,
} from '@gatehouse/shared/wire/api/visitors.ts'
import { look } from '../../audit/audit.ts'
import { asked, pagination } from '../../http/page.ts'
import { findHosts, HOSTS_SHOWN_MAX } from '../../visitors/hosts.repo.ts'
import { visitorsShown } from '../../visitors/visitor-shown.ts'
import { findVisitor, listVisitors } from '../../visitors/visitors-list.repo.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { asks } from './builder.ts'
import { limitOf, pageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** People who come for a while, and their visits. */
export function writeVisitors(writing: Writing): void {
  const { builder, refs, inputs, enums } = writing
  writeVisitor(writing)

  const VisitorsResponse = pageOf(writing, 'VisitorsResponse', refs.Visitor)
  const VisitorFilters = builder.inputType('VisitorFilters', {
    fields: t => ({
      search: t.string({ description: 'Words of a name or an organisation.' }),
      state: t.field({ type: enums.VisitState, description: 'inside: who is in the house now.' }),
      hostUserId: t.id(),
    }),
  })
  const VisitorSort = builder.enumType('VisitorSort', {
    values: {
      createdAt: { value: 'createdAt' },
      createdAt_desc: { value: '-createdAt' },
      name: { value: 'name' },
      name_desc: { value: '-name' },
    } as const,
  })
  builder.queryFields(t => ({
    visitors: t.field({
      type: VisitorsResponse,
      description: 'The newest first, unless sorted otherwise.',
      args: {
        filters: t.arg({ type: VisitorFilters }),
        pagination: t.arg({ type: inputs.Pagination }),
        sort: t.arg({ type: VisitorSort }),
      },
      ...asks(['visitor:read']),
      resolve: (_root, { filters, pagination: page, sort }, call) => {
        const query = checked(listRoute.query!, { ...given(filters), ...given(page), ...given({ sort }) })
        return call.read(async tx => {
          const now = { nowMs: call.needs.nowMs(), schoolId: call.who.school.id }
          const { rows, total } = await listVisitors(tx, query, now)
          await look(tx, call.actor(), {
            action: 'visitor.list',
            studentIds: rows.map(({ id }) => id),
            after: { ...asked(query), shown: rows.length },
          })
          return { data: await visitorsShown(tx, showing(call), rows), pagination: pagination(query, total) }
        })
      },
    }),
    visitor: t.field({
      type: refs.Visitor,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['visitor:read']),
      resolve: (_root, { id }, call) => readVisitor(call, id),
    }),
    visitorHosts: t.field({
      type: [refs.Person],
      description: 'Whom somebody can come to see: the first 20 whose name or address has these words.',
      args: { search: t.arg.string() },
      ...asks(['visitor:create'], { unnoted: 'names of who works here, to choose from', atMost: HOSTS_SHOWN_MAX }),
      resolve: (_root, { search }, call) => {
        const query = checked(hostsRoute.query!, given({ search }))
        return call.read(async tx =>
          (await findHosts(tx, query.search)).map(({ id, display_name: name }) => ({ id, name })),
        )
      },
    }),
  }))
}

export const showing = ({ who, needs }: Call) => ({ vault: needs.vault, who, nowMs: needs.nowMs() })

function readVisitor(call: Call, text: string): Promise<Visitor | null> {
  const id = idOf(text)
  return call.read(async tx => {
    const row = id === null ? undefined : await findVisitor(tx, id)
    const subject = { kind: 'visitor', id: id ?? 'none' }
    await look(tx, call.actor(), { action: 'visitor.read', subject, ...(row !== undefined && { studentId: row.id }) })
    return row === undefined ? null : (await visitorsShown(tx, showing(call), [row]))[0]!
  })
}

function writeVisitor({ builder, refs, enums }: Writing): void {
  const VisitType = builder.objectRef<Visit>('Visit').implement({
    description: 'One visit is one pass.',
    fields: t => ({
      passId: t.exposeID('passId'),
      pass: t.field({
        type: refs.Pass,
        nullable: true,
        ...asks(['pass:read']),
        resolve: ({ passId }, _args, { load }) => load.pass.load(passId),
      }),
      serial: t.exposeInt('serial', { description: 'The number on the printed pass.' }),
      state: t.expose('state', { type: enums.VisitState }),
      status: t.expose('status', { type: enums.PassStatus }),
      from: t.expose('from', { type: 'DateTime' }),
      until: t.expose('until', { type: 'DateTime' }),
      escort: t.exposeBoolean('escort', { description: 'The visitor comes with somebody who belongs here.' }),
      arrivedAt: t.expose('arrivedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When a gate first let the visitor in on the last day of this visit.',
      }),
      leftAt: t.expose('leftAt', { type: 'DateTime', nullable: true }),
      endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it was ended by hand.' }),
    }),
  })
  const VisitorHost = builder.objectRef<Visitor['host']>('VisitorHost').implement({
    fields: t => ({
      id: t.exposeID('userId'),
      name: t.exposeString('name'),
      active: t.exposeBoolean('active', { description: 'Who is told when the visitor arrives.' }),
    }),
  })
  refs.Visitor.implement({
    description: 'Somebody who comes for a while. What the caller does not read in full is masked as over REST.',
    fields: t => ({
      id: t.exposeID('id'),
      firstName: t.exposeString('firstName'),
      lastName: t.exposeString('lastName', { description: 'May be empty.' }),
      organisation: t.exposeString('organisation', { nullable: true }),
      phone: t.exposeString('phone', { nullable: true, description: '+31612345678; masked it is …78.' }),
      email: t.exposeString('email', { nullable: true, description: 'Masked it is null.' }),
      masked: t.stringList({
        description: `What this caller sees in part or not at all: ${CONTACT_FIELDS.join(', ')}.`,
        resolve: ({ masked }) => masked,
      }),
      host: t.expose('host', { type: VisitorHost, description: 'Whom they come to see.' }),
      purpose: t.exposeString('purpose', { nullable: true }),
      visit: t.expose('visit', { type: VisitType, nullable: true, description: 'The newest.' }),
      visits: t.field({
        type: [VisitType],
        description: 'The newest first.',
        args: { limit: t.arg.int({ defaultValue: VISITS_SHOWN_MAX }) },
        ...asks(['visitor:read'], { atMost: 'limit' }),
        resolve: ({ id: visitorId }, { limit }, { load }) => load.visitsOf.load({ visitorId, limit: limitOf(limit) }),
      }),
      version: t.exposeInt('version', { description: 'Rises with every change; give it back with yours.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    }),
  })
}
