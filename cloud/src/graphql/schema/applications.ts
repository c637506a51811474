import { APPLICATION_STATUSES } from '@gatehouse/shared/applications/machine.ts'
import {
  askDocuments as askRoute,
  assignApplication as assignRoute,
  commentApplication as commentRoute,
  DECISIONS,
  decideApplication as decideRoute,
  listApplications as listRoute,
} from '@gatehouse/shared/wire/api/applications.ts'
import {
  type Applicant,
  applicantOf,
  beginApplication,
  submit,
  turnOwn,
} from '../../applications/my-applications.repo.ts'
import { mistaken, PROBLEMS } from '../../applications/problems.ts'
import { findOfStudent, findQueued, listQueue } from '../../applications/queue.repo.ts'
import { askDocuments, assign, comment, decide } from '../../applications/review.repo.ts'
import { look } from '../../audit/audit.ts'
import type { Tx } from '../../db/tables.ts'
import { asked, pagination } from '../../http/page.ts'
import { type ApplicationShown, applicationShown } from '../applications-shown.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import { pageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** Applications for a pass: the queue, what reviewers do, and what applicants do with their own. */
export function writeApplications(writing: Writing): void {
  const { builder, refs, inputs } = writing
  const ApplicationStatus = builder.enumType('ApplicationStatus', { values: APPLICATION_STATUSES })
  const Person = builder.objectRef<{ readonly id: string; readonly name: string }>('Person').implement({
    fields: t => ({ id: t.exposeID('id'), name: t.exposeString('name') }),
  })
  refs.Application.implement({
    fields: t => ({
      id: t.exposeID('id'),
      status: t.expose('status', { type: ApplicationStatus }),
      student: t.field({
        type: refs.Student,
        nullable: true,
        description: 'Null where the student is archived.',
        ...asks(['student:read'], { own: 'my:read' }),
        resolve: ({ student }, _args, { load }) => load.student.load(student.id),
      }),
      applicantName: t.string({ resolve: ({ student }) => student.name }),
      begunAt: t.expose('begunAt', { type: 'DateTime' }),
      submittedAt: t.expose('submittedAt', { type: 'DateTime', nullable: true }),
      dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true }),
      decidedAt: t.expose('decidedAt', { type: 'DateTime', nullable: true }),
      reason: t.exposeString('reason', { nullable: true }),
      pass: t.field({
        type: refs.Pass,
        nullable: true,
        ...asks(['pass:read'], { own: 'my:read' }),
        resolve: ({ passId }, _args, { load }) => (passId === null ? null : load.pass.load(passId)),
      }),
      assignee: t.expose('assignee', { type: Person, nullable: true, description: 'Null to the applicant.' }),
      overdue: t.exposeBoolean('overdue', { nullable: true, description: 'Null to the applicant.' }),
      attention: t.exposeInt('attention', {
        nullable: true,
        description: 'Checks that ask a reviewer to look; null to the applicant.',
      }),
      waiting: t.exposeInt('waiting', {
        nullable: true,
        description: 'Checks that have not answered; null to the applicant.',
      }),
      version: t.exposeInt('version'),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    }),
  })

  const ApplicationsResponse = pageOf(writing, 'ApplicationsResponse', refs.Application)
  const ApplicationFilters = builder.inputType('ApplicationFilters', {
    fields: t => ({
      status: t.field({ type: ApplicationStatus }),
      open: t.boolean({ description: 'Neither decided nor withdrawn.' }),
      assigned: t.string({ description: 'me, none, or the id of a person.' }),
      overdue: t.boolean(),
      attention: t.boolean(),
      search: t.string(),
    }),
  })
  const ApplicationSort = builder.enumType('ApplicationSort', {
    values: {
      submittedAt: { value: 'submittedAt' },
      submittedAt_desc: { value: '-submittedAt' },
      dueAt: { value: 'dueAt' },
      dueAt_desc: { value: '-dueAt' },
    } as const,
  })
  builder.queryFields(t => ({
    applications: t.field({
      type: ApplicationsResponse,
      description: 'Those that were submitted; drafts are their applicants’ own.',
      args: {
        filters: t.arg({ type: ApplicationFilters }),
        pagination: t.arg({ type: inputs.Pagination }),
        sort: t.arg({ type: ApplicationSort }),
      },
      ...asks(['application:read']),
      resolve: (_root, { filters, pagination: page, sort }, call) => {
        const wanted = Object.entries(given(filters)).map(([name, value]) => [name, String(value)])
        const query = checked(listRoute.query!, { ...Object.fromEntries(wanted), ...given(page), ...given({ sort }) })
        const nowMs = call.needs.nowMs()
        return call.read(async tx => {
          const { rows, total } = await listQueue(tx, { ...query, me: call.who.userId, nowMs })
          await look(tx, call.actor(), {
            action: 'application.list',
            studentIds: rows.map(({ student_id }) => student_id),
            after: { ...asked(query), shown: rows.length },
          })
          return { data: rows.map(row => applicationShown(call.who, row, nowMs)), pagination: pagination(query, total) }
        })
      },
    }),
    application: t.field({
      type: refs.Application,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['application:read'], { own: 'my:apply' }),
      resolve: (_root, { id }, call) => readApplication(call, id),
    }),
  }))
  writeReviews(writing)
  writeOwn(writing)
}

/** One application as this person may see it: of the applicant their own, of a reviewer what was submitted. */
export async function readApplication(call: Call, id: string): Promise<ApplicationShown | null> {
  const applicationId = idOf(id)
  return call.read(async tx => {
    const isOwn = call.who.role === 'student'
    const row =
      applicationId === null
        ? undefined
        : isOwn
          ? await own(tx, call, applicationId)
          : await findQueued(tx, applicationId)
    await look(tx, call.actor(), {
      action: 'application.read',
      subject: { kind: 'application', id: applicationId ?? 'none' },
      ...(row !== undefined && { studentId: row.student_id }),
    })
    return row === undefined ? null : applicationShown(call.who, row, call.needs.nowMs())
  })
}

async function own(tx: Tx, { who }: Call, applicationId: string) {
  const applicant = await applicantOf(tx, who.userId)
  return applicant === undefined ? undefined : findOfStudent(tx, { applicationId, studentId: applicant.id })
}

const idOfApplication = (id: string) => idOf(id) ?? refused(PROBLEMS.no_such_application)
type Done = { readonly ok: true } | { readonly ok: false; readonly failure: keyof typeof PROBLEMS }

function writeReviews({ builder, refs }: Writing): void {
  const Decision = builder.enumType('Decision', { values: DECISIONS })
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
  }))
}

type Turned =
  | { readonly ok: true; readonly value: { readonly id: string } }
  | { readonly ok: false; readonly failure: keyof typeof PROBLEMS }
  | { readonly mistakes: Parameters<typeof mistaken>[0] }

function writeOwn({ builder, refs }: Writing): void {
  const mine = (call: Call, work: (tx: Tx, applicant: Applicant) => Promise<Turned>) =>
    call.change(async tx => {
      const applicant = await applicantOf(tx, call.who.userId)
      if (applicant === undefined) return refused(PROBLEMS.no_student)
      const done = await work(tx, applicant)
      if ('mistakes' in done) return refused(mistaken(done.mistakes))
      if (!done.ok) return refused(PROBLEMS[done.failure])
      const row = await findOfStudent(tx, { applicationId: done.value.id, studentId: applicant.id })
      return applicationShown(call.who, row!, call.needs.nowMs())
    })
  builder.mutationFields(t => ({
    beginApplication: t.field({
      type: refs.Application,
      description: 'Begin an application of one’s own. One at a time is open.',
      ...asks(['my:apply']),
      resolve: (_root, _args, call) => mine(call, (tx, applicant) => beginApplication(tx, call.actor(), applicant)),
    }),
    submitApplication: t.field({
      type: refs.Application,
      description: 'Submit a draft of one’s own, or hand in what was asked for.',
      args: { id: t.arg.id({ required: true }), version: t.arg.int() },
      ...asks(['my:apply']),
      resolve: (_root, { id: text, version }, call) => {
        const asked = { id: idOfApplication(text), ifVersion: version ?? null }
        return mine(call, (tx, applicant) => submit(tx, call.needs, call.actor(), applicant, asked))
      },
    }),
    ...Object.fromEntries(
      (['withdraw', 'reopen'] as const).map(event => [
        `${event}Application`,
        t.field({
          type: refs.Application,
          description: event === 'withdraw' ? 'Withdraw one’s own.' : 'Go on with one’s own that was withdrawn.',
          args: { id: t.arg.id({ required: true }), version: t.arg.int() },
          ...asks(['my:apply']),
          resolve: (_root, { id: text, version }, call) => {
            const asked = { id: idOfApplication(text), event, ifVersion: version ?? null }
            return mine(call, (tx, applicant) => turnOwn(tx, call.actor(), applicant, asked))
          },
        }),
      ]),
    ),
  }))
}
