import { listApplications as listRoute } from '@gatehouse/shared/wire/api/applications.ts'
import { applicantOf } from '../../applications/my-applications.repo.ts'
import { PROBLEMS } from '../../applications/problems.ts'
import { findOfStudent, findQueued, listQueue } from '../../applications/queue.repo.ts'
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

/** Applications for a pass, and their queue. */
export function writeApplications(writing: Writing): void {
  const { builder, refs, inputs, enums } = writing
  refs.Application.implement({
    fields: t => ({
      id: t.exposeID('id'),
      status: t.expose('status', { type: enums.ApplicationStatus }),
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
      assignee: t.expose('assignee', { type: refs.Person, nullable: true, description: 'Null to the applicant.' }),
      overdue: t.exposeBoolean('overdue', { nullable: true, description: 'Null to the applicant.' }),
      attention: t.exposeInt('attention', {
        nullable: true,
        description: 'Checks that ask a reviewer to look; null to the applicant.',
      }),
      waiting: t.exposeInt('waiting', {
        nullable: true,
        description: 'Checks that have not answered; null to the applicant.',
      }),
      own: t.exposeBoolean('own', { description: 'It is the caller’s own: somebody else decides.' }),
      version: t.exposeInt('version'),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    }),
  })

  const ApplicationsResponse = pageOf(writing, 'ApplicationsResponse', refs.Application)
  const ApplicationFilters = builder.inputType('ApplicationFilters', {
    fields: t => ({
      status: t.field({ type: enums.ApplicationStatus }),
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

export const idOfApplication = (id: string) => idOf(id) ?? refused(PROBLEMS.no_such_application)
