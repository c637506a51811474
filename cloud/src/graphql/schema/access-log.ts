import { REFUSALS } from '@gatehouse/shared/decision/refusals.ts'
import { EVENT_KINDS } from '@gatehouse/shared/events/record.ts'
import { listAccessEvents as listRoute } from '@gatehouse/shared/wire/api/access-events.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { lineOf, listEvents } from '../../access/access-events.repo.ts'
import { earliestFor } from '../../access/access-events.routes.ts'
import { cursorText, readCursor, WRONG_CURSOR } from '../../access/cursor.ts'
import { look } from '../../audit/audit.ts'
import { asked } from '../../http/page.ts'
import { checked, given } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import { cursorPageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** What happened at the gates. */
export function writeAccessLog(writing: Writing): void {
  const { builder, refs, inputs } = writing
  const EventKind = builder.enumType('EventKind', { values: EVENT_KINDS })
  const Refusal = builder.enumType('Refusal', { values: REFUSALS })
  const Passer = builder.objectRef<NonNullable<AccessLine['holder']>>('Passer').implement({
    fields: t => ({
      id: t.exposeID('studentId', { nullable: true }),
      name: t.exposeString('name'),
      department: t.exposeString('department', { nullable: true }),
    }),
  })
  refs.AccessLog.implement({
    fields: t => ({
      id: t.id({
        description: 'Gate and sequence name an event.',
        resolve: ({ gateId, sequence }) => `${gateId}:${sequence}`,
      }),
      gateId: t.exposeID('gateId'),
      gateName: t.exposeString('gateName'),
      gate: t.field({
        type: refs.Gate,
        nullable: true,
        ...asks(['gate:read']),
        resolve: ({ gateId }, _args, { load }) => load.gate.load(gateId),
      }),
      sequence: t.exposeInt('sequence'),
      kind: t.expose('kind', { type: EventKind }),
      lane: t.exposeString('lane', { nullable: true }),
      laneName: t.exposeString('laneName', { nullable: true }),
      direction: t.exposeString('direction', { nullable: true }),
      at: t.expose('at', { type: 'DateTime' }),
      receivedAt: t.expose('receivedAt', { type: 'DateTime' }),
      passId: t.exposeID('passId', { nullable: true }),
      holder: t.expose('holder', { type: Passer, nullable: true }),
      student: t.field({
        type: refs.Student,
        nullable: true,
        ...asks(['student:read']),
        resolve: ({ holder }, _args, { load }) =>
          holder?.studentId == null ? null : load.student.load(holder.studentId),
      }),
      technology: t.exposeString('technology', { nullable: true }),
      refusal: t.expose('refusal', { type: Refusal, nullable: true }),
      objection: t.expose('objection', { type: Refusal, nullable: true }),
      listVersion: t.exposeInt('listVersion'),
    }),
  })

  const AccessLogResponse = cursorPageOf(writing, 'AccessLogResponse', refs.AccessLog)
  const AccessLogFilters = builder.inputType('AccessLogFilters', {
    fields: t => ({
      gateId: t.id(),
      kind: t.field({ type: EventKind }),
      refusal: t.field({ type: Refusal }),
      studentId: t.id({ description: 'The id of a student.' }),
      passId: t.id(),
      search: t.string(),
      from: t.field({ type: 'DateTime' }),
      to: t.field({ type: 'DateTime' }),
    }),
  })
  builder.queryField('accessLog', t =>
    t.field({
      type: AccessLogResponse,
      description: 'The newest first. Guards see the last thirty days.',
      args: { filters: t.arg({ type: AccessLogFilters }), pagination: t.arg({ type: inputs.Cursor }) },
      ...asks(['event:read']),
      resolve: (_root, { filters: wanted, pagination: page }, call) => {
        const query = checked(listRoute.query!, { ...given(wanted), ...given(page) })
        const { cursor, limit, from, to, ...filters } = query
        const after = cursor === undefined ? null : (readCursor(cursor) ?? refused(WRONG_CURSOR))
        return call.read(async tx => {
          const events = await listEvents(tx, {
            ...filters,
            after,
            limit: limit + 1,
            from: earliestFor(call.who.role, from, call.needs.nowMs()),
            to: to === undefined ? undefined : new Date(to),
          })
          const rows = events.slice(0, limit)
          const people = [...new Set(rows.flatMap(({ student_id }) => student_id ?? []))]
          await look(tx, call.actor(), {
            action: 'event.list',
            ...(filters.studentId === undefined ? { studentIds: people } : { studentId: filters.studentId }),
            after: asked({ ...filters, from, to }),
          })
          const last = rows.at(-1)
          const nextCursor =
            events.length > limit && last !== undefined
              ? cursorText({ atMs: last.event_time.getTime(), gateId: last.gate_id, sequence: last.sequence })
              : null
          return { data: rows.map(lineOf), nextCursor }
        })
      },
    }),
  )
}
