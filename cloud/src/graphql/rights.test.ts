import { listAccessEvents } from '@gatehouse/shared/wire/api/access-events.ts'
import { listAccessLevels } from '@gatehouse/shared/wire/api/access-levels.ts'
import * as applications from '@gatehouse/shared/wire/api/applications.ts'
import * as departments from '@gatehouse/shared/wire/api/departments.ts'
import { getGate, listGates } from '@gatehouse/shared/wire/api/gates.ts'
import { listGroups } from '@gatehouse/shared/wire/api/groups.ts'
import * as jobs from '@gatehouse/shared/wire/api/jobs.ts'
import * as notifications from '@gatehouse/shared/wire/api/notifications.ts'
import * as passes from '@gatehouse/shared/wire/api/passes.ts'
import * as students from '@gatehouse/shared/wire/api/students.ts'
import { listTerms } from '@gatehouse/shared/wire/api/terms.ts'
import * as users from '@gatehouse/shared/wire/api/users.ts'
import * as visitors from '@gatehouse/shared/wire/api/visitors.ts'
import type { Can } from '@gatehouse/shared/wire/contract.ts'
import { may, type Operation, ROLES, type Role } from '@gatehouse/shared/wire/rights.ts'
import type { GraphQLField } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterSuperAdmin, enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'
import { argumentsFor, ask, codesOf, selectionFor } from '../testing/graphql-stand.ts'
import { graphqlSchema } from './schema/schema.ts'

/** What REST asks for the same: any of these. Where there are several in brackets, all of them. */
const SAME_AS: Readonly<Record<string, readonly (Can | readonly Can[])[]>> = {
  me: ['signed-in'],
  school: ['signed-in'],
  departments: [departments.listDepartments.can],
  createDepartment: [departments.createDepartment.can],
  renameDepartment: [departments.renameDepartment.can],
  deleteDepartment: [departments.deleteDepartment.can],
  students: [students.listStudents.can],
  student: [students.getStudent.can],
  createStudent: [students.createStudent.can],
  updateStudent: [students.updateStudent.can],
  deleteStudent: [students.archiveStudent.can],
  passes: [passes.listPasses.can],
  pass: [passes.getPass.can],
  issuePass: [passes.issuePass.can],
  renewPass: [passes.renewPass.can],
  suspendPass: [passes.suspendPass.can],
  resumePass: [passes.resumePass.can],
  revokePass: [passes.revokePass.can],
  addCredential: [passes.addCredential.can],
  removeCredential: [passes.removeCredential.can],
  replaceLost: [passes.replaceLost.can],
  visitors: [visitors.listVisitors.can],
  visitor: [visitors.getVisitor.can],
  visitorHosts: [visitors.listVisitorHosts.can],
  receiveVisitor: [visitors.createVisitor.can],
  updateVisitor: [visitors.updateVisitor.can],
  beginVisit: [visitors.beginVisit.can],
  endVisit: [visitors.endVisit.can],
  applications: [applications.listApplications.can],
  application: [applications.getApplication.can, applications.getMyApplication.can],
  decideApplication: [applications.decideApplication.can],
  assignApplication: [applications.assignApplication.can],
  askDocuments: [applications.askDocuments.can],
  commentApplication: [applications.commentApplication.can],
  nextApplication: [applications.nextApplication.can],
  recheckApplication: [applications.recheckApplication.can],
  decideApplications: [applications.decideApplications.can],
  saveApplication: [applications.saveMyApplication.can],
  beginApplication: [applications.beginApplication.can],
  submitApplication: [applications.submitMyApplication.can],
  withdrawApplication: [applications.withdrawMyApplication.can],
  reopenApplication: [applications.reopenMyApplication.can],
  users: [users.listUsers.can],
  user: [users.getUser.can],
  groups: [listGroups.can],
  accessLevels: [listAccessLevels.can],
  terms: [listTerms.can],
  gates: [listGates.can],
  gate: [getGate.can],
  accessLog: [listAccessEvents.can],
  jobs: [jobs.listJobs.can],
  job: [jobs.getJob.can],
  cancelJob: [jobs.cancelJob.can],
  retryJob: [jobs.retryJob.can],
  notifications: [notifications.listNotifications.can],
  unreadNotifications: [notifications.unreadNotifications.can],
  readNotification: [notifications.readNotification.can],
  analytics: [
    [students.listStudents.can, applications.listApplications.can, passes.listPasses.can, listAccessEvents.can],
  ],
  applicationUpdated: [[applications.listApplications.can, 'feed:read'], applications.getMyApplication.can],
  accessLogged: [[listAccessEvents.can, 'feed:read']],
  systemMetricsUpdated: ['feed:read'],
}

let database: Database
let cloud: TestCloud
let school: TestSchool
const tokens = new Map<Role, string>()
beforeAll(async () => {
  database = await freshPglite()
  cloud = await startCloud(database)
  school = await enterTestSchool(database, cloud.vault)
  const users = new Map([...school.users, ['super_admin' as const, await enterSuperAdmin(database)]])
  for (const role of ROLES) tokens.set(role, await cloud.signIn({ ...school, users }, role))
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const schema = graphqlSchema()
const roots = [
  ['query', schema.getQueryType()!],
  ['mutation', schema.getMutationType()!],
  ['subscription', schema.getSubscriptionType()!],
] as const

const isAllowed = (role: Role, name: string) =>
  SAME_AS[name]!.some(one => [one].flat().every(can => can === 'signed-in' || may(role, can as Operation)))

const asked = (kind: string, name: string, field: GraphQLField<unknown, unknown>) =>
  `${kind} { ${name}${argumentsFor(field, () => crypto.randomUUID())} ${selectionFor(field)} }`

test('every role and every field: let in and refused as over REST', { timeout: 60_000 }, async () => {
  const headers = { 'x-gatehouse-school': school.tenant }
  for (const [kind, type] of roots) {
    for (const [name, field] of Object.entries(type.getFields())) {
      const query = asked(kind, name, field)
      expect((await ask(cloud, undefined, query, undefined, headers)).status).toBe(401)
      for (const role of ROLES) {
        const said = await ask(cloud, tokens.get(role), query, undefined, headers)
        const refused = codesOf(said).includes('not_allowed')
        expect([name, role, refused ? 'not_allowed' : 'let in']).toEqual([
          name,
          role,
          isAllowed(role, name) ? 'let in' : 'not_allowed',
        ])
        expect([name, role, codesOf(said)]).not.toContainEqual([name, role, ['internal_error']])
        expect(said.status, JSON.stringify(said.errors)).toBeLessThan(500)
        if (refused) expect(said.data).toBeUndefined()
      }
    }
  }
})

test('what stands beside a row has the right of its own, wherever it is asked for', async () => {
  for (const [query, role] of [
    ['{ students { data { applications { id } } } }', 'security'],
    ['{ passes { data { student { applications { id } } } } }', 'security'],
    [
      '{ accessLog { data { ...F } } } fragment F on AccessLog { student { ... on Student { applications { id } } } }',
      'security',
    ],
    ['{ departments { studentCount } }', 'facilities'],
    ['{ passes { data { holder { visitor { id } } } } }', 'facilities'],
    ['{ me { student { passes { groups { accessPoints } } } } }', 'student'],
    ['{ me { student { passes { level { groups { name } } } } } }', 'student'],
    ['{ passes { data { history { id } } } }', 'security'],
    ['{ visitors { data { visit { pass { history { id } } } } } }', 'security'],
    ['{ visitor(id: "v") { visits { pass { student { applications { id } } } } } }', 'security'],
    ['{ me { student { passes { history { id } } } } }', 'student'],
    ['{ me { student { passes { holder { visitor { id } } } } } }', 'student'],
    ['subscription { systemMetricsUpdated { jobsDead } }', 'staff'],
    ['subscription { systemMetricsUpdated { sessions } }', 'facilities'],
    ['query ($yes: Boolean = false) { students { data { applications @include(if: $yes) { id } } } }', 'security'],
  ] as const) {
    const said = await ask(cloud, tokens.get(role), query)
    expect([query, said.status, said.data, codesOf(said)]).toEqual([query, 403, undefined, ['not_allowed']])
    expect(said.errors![0].message).toMatch(/needs the right \w+:\w+/)
  }
})

test('a key opens what its scopes say, and nothing of its person', async () => {
  const made = await cloud.call('POST', '/api/v1/auth/access-keys', {
    token: tokens.get('staff')!,
    body: { name: 'a wall screen', scopes: ['student:read'] },
  })
  const { key } = made.body.data
  expect((await ask(cloud, key, '{ students { data { id } } }')).errors).toBeUndefined()
  const beyond = await ask(cloud, key, '{ students { data { passes { id } } } }')
  expect([beyond.status, codesOf(beyond)]).toEqual([403, ['not_allowed']])
  expect(beyond.errors![0].message).toContain('scope pass:read')
  expect(codesOf(await ask(cloud, key, '{ me { email } }'))).toEqual(['not_for_keys'])
})

test('a super_admin names the school, and is in its log; to others the name is nothing', async () => {
  const other = await enterTestSchool(database, cloud.vault)
  const token = tokens.get('super_admin')!
  const without = await ask(cloud, token, '{ school { tenant } }')
  expect([without.status, codesOf(without)]).toEqual([400, ['school_not_chosen']])
  const headers = { 'x-gatehouse-school': other.tenant }
  expect((await ask(cloud, token, '{ school { tenant } }', undefined, headers)).data.school.tenant).toBe(other.tenant)
  const log = await cloud.call('GET', '/api/v1/audit', { token, headers })
  expect(log.body.data.map(({ action }: { action: string }) => action)).toContain('school.entered')
  const admin = await ask(cloud, tokens.get('school_admin'), '{ school { tenant } }', undefined, headers)
  expect(admin.data.school.tenant).toBe(school.tenant)
})

test('a token that has ended is refused at once', async () => {
  const token = await cloud.signIn(school, 'facilities')
  expect((await ask(cloud, token, '{ gates { id } }')).status).toBe(200)
  await cloud.call('POST', '/api/v1/auth/logout-everywhere', { token })
  expect((await ask(cloud, token, '{ gates { id } }')).status).toBe(401)
})
