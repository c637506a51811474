import {
  askDocuments as askRoute,
  assignApplication as assignRoute,
  commentApplication as commentRoute,
  DECISIONS,
  decideApplications as decideManyRoute,
  decideApplication as decideRoute,
  recheckApplication as recheckRoute,
} from '@gatehouse/shared/wire/api/applications.ts'
import { type Decided, decideEach } from '../../applications/decide-each.ts'
import { PROBLEMS } from '../../applications/problems.ts'
import { findQueued } from '../../applications/queue.repo.ts'
import { askDocuments, assign, comment, decide, takeNext } from '../../applications/review.repo.ts'
import { recheck } from '../../applications/run-check.ts'
import { nothingChanged } from '../../audit/noted.ts'
import type { Tx } from '../../db/tables.ts'
import { applicationShown } from '../applications-shown.ts'
import type { Call } from '../call.ts'
import { checked, given } from '../checked.ts'
import { refused } from '../refusal.ts'
import { idOfApplication } from './applications.ts'
import { asks } from './builder.ts'
import type { Writing } from './refs.ts'

type Done = { readonly ok: true } | { readonly ok: false; readonly failure: keyof typeof PROBLEMS }

/** What reviewers do with applications. */
export function writeReviews({ builder, refs, enums }: Writing): void {
  const Decision = builder.enumType('Decision', { values: DECISIONS })
  const DecidedApplication = builder.objectRef<Decided>('DecidedApplication').implement({
    fields: t => ({
      applicationId: t.exposeID('applicationId'),
      done: t.exposeBoolean('done'),
      status: t.expose('status', { type: enums.ApplicationStatus, nullable: true }),
      code: t.string({
        nullable: true,
        description: 'Why it was not.',
        resolve: ({ problem }) => problem?.code ?? null,
      }),
      message: t.string({ nullable: true, resolve: ({ problem }) => problem?.message ?? null }),
    }),
  })
  const review = (call: Call, id: string, work: (tx: Tx) => Promise<Done>) =>
    call.change(async tx => {
      const done = await work(tx)
      if (!done.ok) return refused(PROBLEMS[done.failure])
      return applicationShown(call.who, (await findQueued(tx, id))!, call.needs.nowMs())
    })
  builder.mutationFields(t => ({
    decideApplication: t.field({
      type: refs.Application,
      description:
        'Approve, and issue the pass at once; reject with a reason; or take a rejection back. Nobody decides their own.',
      args: {
        id: t.arg.id({ required: true }),
        decision: t.arg({ type: Decision, required: true }),
        reason: t.arg.string(),
        version: t.arg.int(),
      },
      ...asks(['application:decide']),
      resolve: (_root, { id: text, decision, reason, version }, call) => {
        const body = checked(decideRoute.body!, { decision, reason: reason ?? null })
        const id = idOfApplication(text)
        return review(call, id, tx => decide(tx, call.actor(), { id, ...body, ifVersion: version ?? null }))
      },
    }),
    assignApplication: t.field({
      type: refs.Application,
      args: {
        id: t.arg.id({ required: true }),
        userId: t.arg.id({ description: 'Left out: nobody yet.' }),
        version: t.arg.int(),
      },
      ...asks(['application:decide']),
      resolve: (_root, { id: text, userId, version }, call) => {
        const body = checked(assignRoute.body!, { userId: userId ?? null })
        const id = idOfApplication(text)
        return review(call, id, tx => assign(tx, call.actor(), { id, ...body, ifVersion: version ?? null }))
      },
    }),
    askDocuments: t.field({
      type: refs.Application,
      args: { id: t.arg.id({ required: true }), reason: t.arg.string({ required: true }), version: t.arg.int() },
      ...asks(['application:decide']),
      resolve: (_root, { id: text, reason, version }, call) => {
        const body = checked(askRoute.body!, { reason })
        const id = idOfApplication(text)
        return review(call, id, tx => askDocuments(tx, call.actor(), { id, ...body, ifVersion: version ?? null }))
      },
    }),
    commentApplication: t.field({
      type: refs.Application,
      args: { id: t.arg.id({ required: true }), text: t.arg.string({ required: true }), internal: t.arg.boolean() },
      ...asks(['application:comment']),
      resolve: (_root, { id: text, text: words, internal }, call) => {
        const body = checked(commentRoute.body!, { text: words, ...given({ internal }) })
        const id = idOfApplication(text)
        return review(call, id, tx => comment(tx, call.actor(), { id, ...body }))
      },
    }),
    nextApplication: t.field({
      type: refs.Application,
      nullable: true,
      description: 'Take the one that waits longest and is nobody’s. Null: there is none.',
      ...asks(['application:decide']),
      resolve: (_root, _args, call) =>
        call.change(async tx => {
          const id = await takeNext(tx, call.actor())
          if (id !== null) return applicationShown(call.who, (await findQueued(tx, id))!, call.needs.nowMs())
          nothingChanged()
          return null
        }),
    }),
    recheckApplication: t.field({
      type: refs.Application,
      description: 'Run checks again; all when none is named. Until they have answered they are waiting.',
      args: { id: t.arg.id({ required: true }), checks: t.arg({ type: [enums.CheckKind] }) },
      ...asks(['application:comment']),
      resolve: (_root, { id: text, checks }, call) => {
        const body = checked(recheckRoute.body!, given({ checks }))
        const id = idOfApplication(text)
        return review(call, id, tx => recheck(tx, call.needs.jobs, call.actor(), { id, ...body }))
      },
    }),
    decideApplications: t.field({
      type: [DecidedApplication],
      description: 'Decide up to 100 alike. Each is answered for itself; one that is so already is done.',
      args: {
        applicationIds: t.arg.idList({ required: true }),
        decision: t.arg({ type: Decision, required: true }),
        reason: t.arg.string(),
      },
      ...asks(['application:decide'], { atMost: 100 }),
      resolve: (_root, { applicationIds, decision, reason }, call) => {
        const body = checked(decideManyRoute.body!, { applicationIds, decision, reason: reason ?? null })
        return decideEach(call.change, call.actor, body)
      },
    }),
  }))
}
