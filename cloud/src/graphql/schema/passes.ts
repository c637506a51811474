import { PassId, ROW_STATUSES } from '@gatehouse/shared/list/snapshot.ts'
import type { Result } from '@gatehouse/shared/result.ts'
import {
  issuePass as issueRoute,
  listPasses as listRoute,
  type Pass,
  renewPass as renewRoute,
  revokePass as revokeRoute,
  suspendPass as suspendRoute,
} from '@gatehouse/shared/wire/api/passes.ts'
import { look } from '../../audit/audit.ts'
import type { Tx } from '../../db/tables.ts'
import { GROUPS_MAX } from '../../groups/groups.repo.ts'
import { asked, pagination } from '../../http/page.ts'
import { renewPass } from '../../passes/change-pass.ts'
import { issuePass } from '../../passes/issue-pass.ts'
import { passesShown } from '../../passes/pass-shown.ts'
import {
  aboutPass,
  findPass,
  holderIdOf,
  listPasses,
  type PassRow,
  resumePass,
  revokePass,
  suspendPass,
} from '../../passes/passes.repo.ts'
import { PASS_PROBLEMS, type PassFailure } from '../../passes/passes.routes.ts'
import type { Call } from '../call.ts'
import { checked, given } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks, atMost } from './builder.ts'
import { pageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** A pass has so many at most. */
const CARDS_MAX = 16

/** Passes, and what becomes of them. */
export function writePasses(writing: Writing): void {
  const { builder, refs, inputs, enums } = writing
  const Holder = builder.objectRef<Pass['holder']>('Holder').implement({
    description: 'Of a pass: a student, also where the student is archived, or a visitor.',
    fields: t => ({
      id: t.id({ resolve: ({ studentId, visitorId }) => (studentId ?? visitorId)! }),
      name: t.exposeString('name'),
      studentId: t.exposeString('studentNumber', {
        nullable: true,
        description: 'The student number; a visitor has none.',
      }),
      visitor: t.field({
        type: refs.Visitor,
        nullable: true,
        description: 'Null of a student, and where the visitor is forgotten.',
        ...asks(['visitor:read']),
        resolve: ({ visitorId }, _args, { load }) => (visitorId === null ? null : load.visitor.load(visitorId)),
      }),
      host: t.string({
        nullable: true,
        description: 'Whom a visitor comes to.',
        resolve: ({ host }) => host?.name ?? null,
      }),
    }),
  })
  const Credential = builder.objectRef<Pass['credentials'][number]>('Credential').implement({
    fields: t => ({
      id: t.exposeID('id'),
      technology: t.exposeString('technology'),
      bitCount: t.exposeInt('bitCount'),
      ending: t.exposeString('ending', { description: 'The last characters of the number.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
    }),
  })
  refs.Pass.implement({
    fields: t => ({
      id: t.exposeID('passId'),
      serial: t.exposeInt('serial', { description: 'The number on a printed pass.' }),
      holder: t.expose('holder', { type: Holder }),
      student: t.field({
        type: refs.Student,
        nullable: true,
        description: 'Null where the student is archived, and of a visitor.',
        ...asks(['student:read'], { own: 'my:read' }),
        resolve: ({ holder: { studentId } }, _args, { load }) =>
          studentId === null ? null : load.student.load(studentId),
      }),
      status: t.expose('status', { type: enums.PassStatus }),
      expired: t.exposeBoolean('expired'),
      escort: t.exposeBoolean('escort', { description: 'The holder comes with somebody who belongs here.' }),
      class: t.expose('class', { type: enums.PassClass }),
      notBefore: t.expose('notBefore', { type: 'DateTime' }),
      expires: t.expose('expires', { type: 'DateTime' }),
      revokesAt: t.expose('revokesAt', { type: 'DateTime', nullable: true }),
      revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
      groups: t.field({ type: [refs.Group], ...atMost(GROUPS_MAX), resolve: ({ groups }) => groups }),
      profile: t.exposeInt('profile'),
      level: t.expose('level', { type: refs.AccessLevel, nullable: true }),
      note: t.string({
        nullable: true,
        description: 'What who suspended or revoked it wrote; not for the holder.',
        resolve: ({ note }, _args, { who }) => (who.role === 'student' ? null : note),
      }),
      credentials: t.field({ type: [Credential], ...atMost(CARDS_MAX), resolve: ({ credentials }) => credentials }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
    }),
  })

  const PassesResponse = pageOf(writing, 'PassesResponse', refs.Pass)
  const SeenStatus = builder.enumType('PassSeenStatus', { values: [...ROW_STATUSES, 'expired'] as const })
  const PassFilters = builder.inputType('PassFilters', {
    fields: t => ({ studentId: t.id(), status: t.field({ type: SeenStatus }), search: t.string() }),
  })
  builder.queryFields(t => ({
    passes: t.field({
      type: PassesResponse,
      description: 'The newest first.',
      args: { filters: t.arg({ type: PassFilters }), pagination: t.arg({ type: inputs.Pagination }) },
      ...asks(['pass:read']),
      resolve: (_root, { filters, pagination: page }, call) => {
        const query = checked(listRoute.query!, { ...given(filters), ...given(page) })
        const nowMs = call.needs.nowMs()
        return call.read(async tx => {
          const { rows, total } = await listPasses(tx, { ...query, nowMs })
          await look(tx, call.actor(), {
            action: 'pass.list',
            studentIds: [...new Set(rows.map(holderIdOf))],
            after: { ...asked(query), shown: rows.length },
          })
          return { data: await passesShown(tx, rows, nowMs), pagination: pagination(query, total) }
        })
      },
    }),
    pass: t.field({
      type: refs.Pass,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['pass:read']),
      resolve: (_root, { id }, call) =>
        call.read(async tx => {
          const passId = PassId.safeParse(id).data
          const row = passId === undefined ? undefined : await findPass(tx, passId)
          const about = row === undefined ? { subject: { kind: 'pass', id: passId ?? 'none' } } : aboutPass(row)
          await look(tx, call.actor(), { action: 'pass.read', ...about })
          return row === undefined ? null : (await passesShown(tx, [row], call.needs.nowMs()))[0]!
        }),
    }),
  }))
  writeChanges(writing)
}

/** Does something to a pass and shows what became of it. */
export function change(call: Call, work: (tx: Tx) => Promise<Result<PassRow, PassFailure>>): Promise<Pass> {
  return call.change(async tx => {
    const done = await work(tx)
    if (!done.ok) return refused(PASS_PROBLEMS[done.failure])
    return (await passesShown(tx, [done.value], call.needs.nowMs()))[0]!
  })
}

export const passIdOf = (id: string) => PassId.safeParse(id).data ?? refused(PASS_PROBLEMS.no_such_pass)
const timeOf = (at: string | undefined) => (at === undefined ? undefined : Date.parse(at))

function writeChanges({ builder, refs, enums }: Writing): void {
  const IssuePassInput = builder.inputType('IssuePassInput', {
    description: 'What is left out is the school’s default.',
    fields: t => ({
      studentId: t.id({ required: true, description: 'The id of the student.' }),
      class: t.field({ type: enums.PassClass }),
      notBefore: t.field({ type: 'DateTime' }),
      expires: t.field({ type: 'DateTime' }),
      levelId: t.id(),
      groups: t.intList(),
      profile: t.int(),
    }),
  })
  builder.mutationFields(t => ({
    issuePass: t.field({
      type: refs.Pass,
      args: { input: t.arg({ type: IssuePassInput, required: true }) },
      ...asks(['pass:create']),
      resolve: (_root, { input }, call) => {
        const body = checked(issueRoute.body!, given(input))
        const times = { notBeforeMs: timeOf(body.notBefore), expiresMs: timeOf(body.expires) }
        return change(call, tx => issuePass(tx, call.actor(), { ...body, ...times }))
      },
    }),
    renewPass: t.field({
      type: refs.Pass,
      args: { id: t.arg.id({ required: true }), expires: t.arg({ type: 'DateTime' }) },
      ...asks(['pass:update']),
      resolve: (_root, { id, expires }, call) => {
        const body = checked(renewRoute.body!, given({ expires }))
        const asked = { passId: passIdOf(id), expiresMs: timeOf(body.expires) }
        return change(call, tx => renewPass(tx, call.actor(), asked))
      },
    }),
    suspendPass: t.field({
      type: refs.Pass,
      args: { id: t.arg.id({ required: true }), note: t.arg.string({ required: true }) },
      ...asks(['pass:suspend']),
      resolve: (_root, { id, note }, call) => {
        const asked = { passId: passIdOf(id), ...checked(suspendRoute.body!, { note }) }
        return change(call, tx => suspendPass(tx, call.actor(), asked))
      },
    }),
    resumePass: t.field({
      type: refs.Pass,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['pass:update']),
      resolve: (_root, { id }, call) => {
        const passId = passIdOf(id)
        return change(call, tx => resumePass(tx, call.actor(), passId))
      },
    }),
    revokePass: t.field({
      type: refs.Pass,
      description: 'For good. The first revocation stands.',
      args: { id: t.arg.id({ required: true }), note: t.arg.string({ required: true }) },
      ...asks(['pass:revoke']),
      resolve: (_root, { id, note }, call) => {
        const asked = { passId: passIdOf(id), ...checked(revokeRoute.body!, { note }) }
        return change(call, tx => revokePass(tx, call.actor(), asked))
      },
    }),
  }))
}
