import { defaultFieldResolver, type GraphQLSchema } from 'graphql'
import { noting } from '../../audit/noted.ts'
import type { Call } from '../call.ts'
import { writeAccessLog } from './access-log.ts'
import { writeAnalytics } from './analytics.ts'
import { writeApplicationParts } from './application-parts.ts'
import { writeApplications } from './applications.ts'
import { type FieldFacts, schemaBuilder } from './builder.ts'
import { writeCards } from './cards.ts'
import { writeDepartments } from './departments.ts'
import { writeGates } from './gates.ts'
import { writeJobs } from './jobs.ts'
import { writeMe } from './me.ts'
import { writeMyApplications } from './my-applications.ts'
import { writePagination } from './paging.ts'
import { writePassHistory } from './pass-history.ts'
import { writePasses } from './passes.ts'
import { enumsOf, inputsOf, refsOf, type Writing } from './refs.ts'
import { writeReviews } from './reviews.ts'
import { writeStudents } from './students.ts'
import { writeSubscriptions } from './subscriptions.ts'
import { writeUsers } from './users.ts'
import { writeVisitorChanges } from './visitor-changes.ts'
import { writeVisitors } from './visitors.ts'
import { writeWhatOpens } from './what-opens.ts'

/** The schema, written out: `schema.graphql` is what it says. */
export function graphqlSchema(): GraphQLSchema {
  const builder = schemaBuilder()
  const writing: Writing = { builder, refs: refsOf(builder), inputs: inputsOf(builder), enums: enumsOf(builder) }
  builder.queryType({})
  builder.mutationType({})
  builder.subscriptionType({})
  writePagination(writing)
  writeMe(writing)
  writeStudents(writing)
  writePasses(writing)
  writePassHistory(writing)
  writeCards(writing)
  writeApplications(writing)
  writeApplicationParts(writing)
  writeReviews(writing)
  writeMyApplications(writing)
  writeVisitors(writing)
  writeVisitorChanges(writing)
  writeDepartments(writing)
  writeUsers(writing)
  writeWhatOpens(writing)
  writeGates(writing)
  writeAccessLog(writing)
  writeJobs(writing)
  writeAnalytics(writing)
  writeSubscriptions(writing)
  const schema = builder.toSchema()
  for (const type of [schema.getQueryType()!, schema.getMutationType()!]) {
    for (const field of Object.values(type.getFields())) {
      const resolve = field.resolve ?? defaultFieldResolver
      const { unnoted } = field.extensions as FieldFacts
      field.resolve = async (root, args, call: Call, info) => {
        const { answer, noted } = await noting(async () => resolve(root, args, call, info))
        if (call.needs.checkAnswers && !noted && unnoted === undefined) {
          throw new Error(`${type.name}.${field.name} told the audit log nothing`)
        }
        return answer
      }
    }
  }
  return schema
}
