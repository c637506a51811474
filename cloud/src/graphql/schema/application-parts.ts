import { FIELD_KINDS, FIELDS_MAX } from '@gatehouse/shared/applications/form.ts'
import { APPLICATION_EVENTS } from '@gatehouse/shared/applications/machine.ts'
import {
  type ApplicationEntry,
  CHECK_KINDS,
  CHECK_STATES,
  type Finding,
} from '@gatehouse/shared/wire/api/applications.ts'
import { FILE_REFUSALS, FILE_STATES } from '@gatehouse/shared/wire/api/files.ts'
import type { Check, Wanted } from '../../applications/told.ts'
import { type AnswerShown, answersShown, type FileShown } from '../answers-shown.ts'
import { asks, atMost } from './builder.ts'
import { limitOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** Of who may read the application, and of its applicant: as everything of it. */
const ofApplication = (most: number | 'limit') => asks(['application:read'], { own: 'my:apply', atMost: most })

/** What was answered in an application, what was found, and what happened with it. */
export function writeApplicationParts(writing: Writing): void {
  const { builder, refs } = writing
  const ApplicationFile = writeFile(writing)
  const Answer = writeAnswer(writing, ApplicationFile)
  const ApplicationCheck = writeCheck(writing)
  const ApplicationEntry = writeEntry(writing)
  const WantedDocument = builder.objectRef<Wanted>('WantedDocument').implement({
    fields: t => ({
      field: t.exposeString('field', { nullable: true, description: 'Null: in the words of a reviewer.' }),
      message: t.exposeString('message'),
    }),
  })
  const all = { defaultValue: FIELDS_MAX }
  builder.objectFields(refs.Application, t => ({
    answers: t.field({
      type: [Answer],
      description: 'Every field of its form in order, answered or not.',
      args: { limit: t.arg.int(all) },
      ...ofApplication('limit'),
      resolve: async (row, { limit }, { load }) =>
        answersShown(await load.ofApplication.told.load(row)).slice(0, limitOf(limit)),
    }),
    masked: t.stringList({
      description: 'Fields of which this caller sees a part or nothing.',
      ...asks(['application:read'], { own: 'my:apply' }),
      resolve: async (row, _args, { load }) => (await load.ofApplication.told.load(row)).masked,
    }),
    files: t.field({
      type: [ApplicationFile],
      description: 'What was handed in.',
      args: { limit: t.arg.int(all) },
      ...ofApplication('limit'),
      resolve: async (row, { limit }, { load }) =>
        (await load.ofApplication.told.load(row)).files.slice(0, limitOf(limit)),
    }),
    checks: t.field({
      type: [ApplicationCheck],
      description: 'Empty to the applicant.',
      ...ofApplication(CHECK_KINDS.length),
      resolve: (row, _args, { who, load }) => (who.role === 'student' ? [] : load.ofApplication.checks.load(row)),
    }),
    entries: t.field({
      type: [ApplicationEntry],
      description: 'What happened and what was said, the newest first. What is internal is not told to the applicant.',
      args: { limit: t.arg.int({ defaultValue: 10 }) },
      ...ofApplication('limit'),
      resolve: (row, { limit }, { load }) => load.ofApplication.entries.load({ of: row, limit: limitOf(limit) }),
    }),
    wanted: t.field({
      type: [WantedDocument],
      description: 'What is asked for, where documents are.',
      args: { limit: t.arg.int(all) },
      ...ofApplication('limit'),
      resolve: async (row, { limit }, { load }) => (await load.ofApplication.wanted.load(row)).slice(0, limitOf(limit)),
    }),
  }))
}

function writeFile({ builder }: Writing) {
  const FileState = builder.enumType('FileState', { values: FILE_STATES })
  const FileRefusal = builder.enumType('FileRefusal', { values: FILE_REFUSALS })
  return builder.objectRef<FileShown>('ApplicationFile').implement({
    fields: t => ({
      field: t.exposeString('field'),
      fileId: t.exposeID('fileId'),
      name: t.exposeString('name'),
      state: t.expose('state', { type: FileState }),
      refusal: t.expose('refusal', { type: FileRefusal, nullable: true }),
      expiresOn: t.expose('expiresOn', { type: 'Date', nullable: true, description: 'As the applicant says.' }),
    }),
  })
}

function writeAnswer({ builder }: Writing, ApplicationFile: ReturnType<typeof writeFile>) {
  const FieldKind = builder.enumType('FieldKind', { values: FIELD_KINDS })
  return builder.objectRef<AnswerShown>('Answer').implement({
    description:
      'A field of the form, and its answer. Value, values and file are null where there is none, or where it is masked whole.',
    fields: t => ({
      field: t.exposeString('field'),
      label: t.exposeString('label'),
      kind: t.expose('kind', { type: FieldKind }),
      required: t.exposeBoolean('required'),
      choices: t.exposeStringList('choices', { description: 'Of choice and many.' }),
      masked: t.exposeBoolean('masked', { description: 'This caller sees a part of it or nothing.' }),
      value: t.exposeString('value', { nullable: true, description: 'A date is 2026-09-01; yes_no is true or false.' }),
      values: t.exposeStringList('values', { nullable: true, description: 'Of many.' }),
      file: t.expose('file', { type: ApplicationFile, nullable: true, description: 'Of document and photo.' }),
    }),
  })
}

function writeCheck({ builder, enums }: Writing) {
  const CheckState = builder.enumType('CheckState', { values: CHECK_STATES })
  const FindingLink = builder.objectRef<NonNullable<Finding['link']>>('FindingLink').implement({
    fields: t => ({
      kind: t.exposeString('kind', { description: 'student, application or pass.' }),
      id: t.exposeID('id'),
    }),
  })
  const CheckFinding = builder.objectRef<Finding>('Finding').implement({
    fields: t => ({
      message: t.exposeString('message'),
      field: t.exposeString('field', { nullable: true }),
      link: t.expose('link', { type: FindingLink, nullable: true, description: 'What it leads to.' }),
    }),
  })
  return builder.objectRef<Check>('ApplicationCheck').implement({
    fields: t => ({
      kind: t.expose('kind', { type: enums.CheckKind }),
      state: t.expose('state', { type: CheckState }),
      read: t.exposeStringList('read', { description: 'Names of the facts that were read.' }),
      findings: t.field({
        type: [CheckFinding],
        args: { limit: t.arg.int({ defaultValue: FIELDS_MAX }) },
        ...atMost('limit'),
        resolve: ({ findings }, { limit }) => findings.slice(0, limitOf(limit)),
      }),
      askedAt: t.expose('askedAt', { type: 'DateTime' }),
      doneAt: t.expose('doneAt', { type: 'DateTime', nullable: true }),
    }),
  })
}

function writeEntry({ builder, enums }: Writing) {
  const ApplicationSide = builder.enumType('ApplicationSide', { values: ['applicant', 'reviewer', 'system'] as const })
  const ApplicationEvent = builder.enumType('ApplicationEvent', { values: APPLICATION_EVENTS })
  return builder.objectRef<ApplicationEntry>('ApplicationEntry').implement({
    fields: t => ({
      id: t.exposeID('id'),
      at: t.expose('at', { type: 'DateTime' }),
      side: t.expose('side', { type: ApplicationSide }),
      by: t.exposeString('by', {
        nullable: true,
        description: 'Null: the service, somebody of the platform, and to the applicant who reviews.',
      }),
      event: t.expose('event', { type: ApplicationEvent, nullable: true, description: 'Null: a comment.' }),
      toStatus: t.expose('toStatus', { type: enums.ApplicationStatus, nullable: true }),
      internal: t.exposeBoolean('internal'),
      text: t.exposeString('text', { nullable: true }),
    }),
  })
}
