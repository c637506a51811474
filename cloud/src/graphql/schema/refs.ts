import { APPLICATION_STATUSES } from '@gatehouse/shared/applications/machine.ts'
import { ROW_STATUSES } from '@gatehouse/shared/list/snapshot.ts'
import { PASS_CLASSES } from '@gatehouse/shared/pass/body.ts'
import type { AccessLevel } from '@gatehouse/shared/wire/api/access-levels.ts'
import { CHECK_KINDS } from '@gatehouse/shared/wire/api/applications.ts'
import type { Department } from '@gatehouse/shared/wire/api/departments.ts'
import type { Pagination } from '@gatehouse/shared/wire/api/envelope.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import type { Group } from '@gatehouse/shared/wire/api/groups.ts'
import type { Job } from '@gatehouse/shared/wire/api/jobs.ts'
import type { Notification } from '@gatehouse/shared/wire/api/notifications.ts'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { TERM_KINDS, type Term } from '@gatehouse/shared/wire/api/terms.ts'
import type { UserAccount } from '@gatehouse/shared/wire/api/users.ts'
import { VISIT_STATES, type Visitor } from '@gatehouse/shared/wire/api/visitors.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { ROLES } from '@gatehouse/shared/wire/rights.ts'
import type { Analytics } from '../../analytics/analytics.repo.ts'
import type { SystemMetrics } from '../../analytics/system-metrics.repo.ts'
import type { School } from '../../auth/identity.ts'
import type { ApplicationShown } from '../applications-shown.ts'
import type { Builder } from './builder.ts'

/** As they stand beside a pass. */
export type NamedGroup = Pick<Group, 'number' | 'name'>
export type NamedLevel = Pick<AccessLevel, 'id' | 'name'>

/** The types by name, before any of them says its fields: they lead to each other. Values are those of the REST contract. */
export function refsOf(builder: Builder) {
  return {
    Student: builder.objectRef<Student>('Student'),
    School: builder.objectRef<School>('School'),
    Department: builder.objectRef<{ readonly id: string; readonly name: string } & Partial<Department>>('Department'),
    Pass: builder.objectRef<Pass>('Pass'),
    Application: builder.objectRef<ApplicationShown>('Application'),
    Person: builder.objectRef<{ readonly id: string; readonly name: string }>('Person'),
    Visitor: builder.objectRef<Visitor>('Visitor'),
    Gate: builder.objectRef<Gate>('Gate'),
    Group: builder.objectRef<Group | NamedGroup>('Group'),
    AccessLevel: builder.objectRef<AccessLevel | NamedLevel>('AccessLevel'),
    Term: builder.objectRef<Term>('Term'),
    User: builder.objectRef<UserAccount>('User'),
    AccessLog: builder.objectRef<AccessLine>('AccessLog'),
    Notification: builder.objectRef<Notification>('Notification'),
    Job: builder.objectRef<Job>('Job'),
    AnalyticsData: builder.objectRef<Analytics>('AnalyticsData'),
    SystemMetrics: builder.objectRef<SystemMetrics>('SystemMetrics'),
    Pagination: builder.objectRef<Pagination>('Pagination'),
  }
}

export type Refs = ReturnType<typeof refsOf>

/** What every part of the schema is written with. */
export type Writing = { readonly builder: Builder; readonly refs: Refs; readonly inputs: Inputs; readonly enums: Enums }

/** Words that several types have. */
export function enumsOf(builder: Builder) {
  return {
    ApplicationStatus: builder.enumType('ApplicationStatus', { values: APPLICATION_STATUSES }),
    CheckKind: builder.enumType('CheckKind', { values: CHECK_KINDS }),
    PassClass: builder.enumType('PassClass', { values: PASS_CLASSES }),
    PassStatus: builder.enumType('PassStatus', { values: ROW_STATUSES }),
    VisitState: builder.enumType('VisitState', { values: VISIT_STATES }),
    Role: builder.enumType('Role', { values: ROLES }),
    TermKind: builder.enumType('TermKind', { values: TERM_KINDS }),
  }
}

export type Enums = ReturnType<typeof enumsOf>

export function inputsOf(builder: Builder) {
  return {
    Pagination: builder.inputType('PaginationInput', {
      fields: t => ({
        page: t.int({ defaultValue: 1, description: 'From 1 on.' }),
        limit: t.int({ defaultValue: 25, description: '1 to 100.' }),
      }),
    }),
    Cursor: builder.inputType('CursorInput', {
      fields: t => ({
        limit: t.int({ defaultValue: 25, description: '1 to 100.' }),
        cursor: t.string({ description: 'The nextCursor of an earlier answer; without it from the newest on.' }),
      }),
    }),
  }
}

export type Inputs = ReturnType<typeof inputsOf>
