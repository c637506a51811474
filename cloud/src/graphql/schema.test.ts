import { readFileSync, writeFileSync } from 'node:fs'
import { OPERATIONS } from '@gatehouse/shared/wire/rights.ts'
import {
  buildSchema,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isObjectType,
  parse,
  printSchema,
  validate,
} from 'graphql'
import { expect, test } from 'vitest'
import type { FieldFacts } from './schema/builder.ts'
import { graphqlSchema } from './schema/schema.ts'

const schema = graphqlSchema()
const types = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
)
const fields = types.flatMap(type =>
  Object.values(type.getFields()).map(field => ({ name: `${type.name}.${field.name}`, type, field })),
)
const factsOf = (field: (typeof fields)[number]['field']) => field.extensions as FieldFacts

test('schema.graphql is what the schema says; GATEHOUSE_WRITE_SCHEMA=1 writes it anew', () => {
  const path = new URL('./schema.graphql', import.meta.url)
  if (process.env.GATEHOUSE_WRITE_SCHEMA === '1') writeFileSync(path, `${printSchema(schema)}\n`)
  // Read and written anew: how it is laid out is the formatter's.
  expect(printSchema(buildSchema(readFileSync(path, 'utf8')))).toBe(printSchema(schema))
})

test('the examples of docs/integrator.md are operations of this schema', () => {
  const text = readFileSync(new URL('../../../docs/integrator.md', import.meta.url), 'utf8')
  const examples = [...text.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, example]) => example!)
  expect(examples).toHaveLength(2)
  for (const example of examples) expect(validate(schema, parse(example))).toEqual([])
})

test('the names and nullability that others rely on', () => {
  const told = (name: string) => {
    const [type, field] = name.split('.') as [string, string]
    return String((schema.getType(type) as GraphQLObjectType).getFields()[field]?.type)
  }
  const promised = {
    'Student.id': 'ID!',
    'Student.studentId': 'String!',
    'Student.firstName': 'String!',
    'Student.lastName': 'String!',
    'Student.email': 'String',
    'Student.phone': 'String',
    'Student.school': 'School!',
    'Student.department': 'Department',
    'Student.status': 'StudentStatus!',
    'Student.passes': '[Pass!]!',
    'Student.applications': '[Application!]!',
    'Student.createdAt': 'DateTime!',
    'Student.updatedAt': 'DateTime!',
    'Application.answers': '[Answer!]!',
    'Application.masked': '[String!]!',
    'Application.files': '[ApplicationFile!]!',
    'Application.checks': '[ApplicationCheck!]!',
    'Application.entries': '[ApplicationEntry!]!',
    'Application.wanted': '[WantedDocument!]!',
    'Holder.visitor': 'Visitor',
    'Pass.history': '[HistoryEntry!]!',
    'Query.visitors': 'VisitorsResponse!',
    'Query.visitor': 'Visitor',
    'Query.visitorHosts': '[Person!]!',
    'Mutation.receiveVisitor': 'Visitor!',
    'Mutation.decideApplications': '[DecidedApplication!]!',
    'Query.students': 'StudentsResponse!',
    'Query.student': 'Student',
    'Query.analytics': 'AnalyticsData!',
    'Mutation.createStudent': 'Student!',
    'Mutation.updateStudent': 'Student!',
    'Mutation.deleteStudent': 'Boolean!',
    'Subscription.applicationUpdated': 'Application!',
    'Subscription.accessLogged': 'AccessLog!',
    'Subscription.systemMetricsUpdated': 'SystemMetrics!',
  }
  for (const [name, type] of Object.entries(promised)) expect([name, told(name)]).toEqual([name, type])
  const names = (type: string) => Object.keys((schema.getType(type) as GraphQLObjectType).getFields()).toSorted()
  expect(names('AnalyticsData')).toEqual(
    'totalApplications activeStudents passDistribution accessEvents trends generatedAt'.split(' ').toSorted(),
  )
  expect(names('SystemMetrics')).toEqual(
    'gatesOnline gatesTotal eventsPerSecond ingestLagMs oldestListAgeS jobsWaiting jobsDead sessions at'
      .split(' ')
      .toSorted(),
  )
  for (const input of [
    'StudentFilters',
    'PaginationInput',
    'AnalyticsFilters',
    'DateRangeInput',
    'CreateStudentInput',
    'UpdateStudentInput',
  ]) {
    expect(schema.getType(input), input).toBeDefined()
  }
})

test('every field one can begin with says what right it needs, by the one table of rights', () => {
  const roots = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!]
  for (const { name, type, field } of fields) {
    const { needs, own } = factsOf(field)
    if (roots.includes(type)) expect([name, needs !== undefined]).toEqual([name, true])
    for (const operation of [...(Array.isArray(needs) ? needs : []), ...(own === undefined ? [] : [own])]) {
      expect(OPERATIONS).toContain(operation)
    }
  }
})

/** What of another type's rows is part of a row, and shown with it over REST too. */
const PART_OF_A_ROW = ['Student.school', 'Student.department', 'Me.school', 'Answer.file']

test('a field that leads to rows of another kind needs their right', () => {
  const guarded =
    'Student Pass Application Gate AccessLog Notification Job Department School Visitor Answer ApplicationFile ApplicationCheck ApplicationEntry WantedDocument HistoryEntry'.split(
      ' ',
    )
  for (const { name, type, field } of fields) {
    const leads = getNamedType(field.type).name
    if (!guarded.includes(leads) || type.name.endsWith('Response') || PART_OF_A_ROW.includes(name)) continue
    expect([name, factsOf(field).needs !== undefined]).toEqual([name, true])
  }
})

test('every type with fields is an object: the limits look into nothing else', () => {
  const others = Object.values(schema.getTypeMap()).filter(type => isAbstractType(type))
  expect(others.map(({ name }) => name)).toEqual([])
})

test('every list of rows says how many it holds at most', () => {
  const lists = fields.filter(
    ({ field }) => String(field.type).startsWith('[') && isObjectType(getNamedType(field.type)),
  )
  expect(lists.length).toBeGreaterThan(10)
  for (const { name, field } of lists) expect([name, factsOf(field).atMost !== undefined]).toEqual([name, true])
})
