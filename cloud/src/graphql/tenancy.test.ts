import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { type GraphQLField, type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { enterSuperAdmin, enterTestSchool, startCloud } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { furnish } from '../testing/furnish.ts'
import { argumentsFor, ask, enterPupils, giveAccount, selectionFor } from '../testing/graphql-stand.ts'
import { countingNothing, hashOf, idsIn, rowsOf } from '../testing/tenancy-walk.ts'
import { LIMITS } from './limits.ts'
import { graphqlSchema } from './schema/schema.ts'

const schema = graphqlSchema()
const fields = [
  ...Object.values(schema.getQueryType()!.getFields()).map(field => ['query', field] as const),
  ...Object.values(schema.getMutationType()!.getFields()).map(field => ['mutation', field] as const),
]

const takesId = (type: GraphQLInputType): boolean => {
  const named = getNamedType(type)
  return isInputObjectType(named)
    ? Object.values(named.getFields()).some(field => takesId(field.type))
    : named.name === 'ID'
}
const isAboutIds = (field: GraphQLField<unknown, unknown>) => field.args.some(({ type }) => takesId(type))

onBothEngines('every field by every role with every id of another school', engine => {
  test('tells nothing of it and changes nothing in it', async () => {
    await using database = await engine.fresh()
    await using cloud = await startCloud(database, { counters: countingNothing })
    const own = await enterTestSchool(database, cloud.vault)
    const theirs = await enterTestSchool(database, cloud.vault)
    await furnish(database, theirs)
    await enterPupils(database, cloud, theirs, 1)
    const [pupil] = (await enterPupils(database, cloud, own, 1)) as [string]
    await giveAccount(database, own, pupil)
    const users = new Map([...own.users, ['super_admin' as const, await enterSuperAdmin(database)]])
    const before = await rowsOf(database, theirs.schoolId)
    const ids = idsIn(before, own)
    // One of each column: rows of one table are found, or not, by one statement.
    const kinds = [...new Map(ids.map(id => [`${id.table}.${id.column}`, id])).values()]
    expect(kinds.length).toBeGreaterThan(30)

    let asked = 0
    for (const role of ['super_admin', 'school_admin', 'student'] as const satisfies readonly Role[]) {
      const token = await cloud.signIn({ ...own, users }, role)
      for (const [kind, field] of fields.filter(([, field]) => isAboutIds(field))) {
        for (let at = 0; at < kinds.length; at += LIMITS.rootFields) {
          const some = kinds.slice(at, at + LIMITS.rootFields)
          const calls = some.map(
            ({ value }, number) =>
              `f${number}: ${field.name}${argumentsFor(field, () => value)} ${selectionFor(field)}`,
          )
          const query = `${kind} { ${calls.join('\n')} }`
          const said = await ask(cloud, token, query, undefined, { 'x-gatehouse-school': own.tenant })
          asked += some.length
          const text = JSON.stringify(said)
          expect([field.name, said.status < 500, text.includes('internal_error') ? text : '']).toEqual([
            field.name,
            true,
            '',
          ])
          expect(text).not.toContain(theirs.tenant)
          const told = ids.filter(({ value }) => text.includes(value) && !query.includes(value))
          expect([role, field.name, told]).toEqual([role, field.name, []])
        }
      }
    }
    expect(asked).toBeGreaterThan(2_000)
    const after = await rowsOf(database, theirs.schoolId)
    const changed = [...before].filter(([table, rows]) => hashOf(rows) !== hashOf(after.get(table)!))
    expect(changed.map(([table]) => table)).toEqual([])
    const seen = await inSchool(database.db, own.schoolId, tx => tx.selectFrom('students').select('id').execute())
    expect(seen).toEqual([{ id: pupil }])
  }, 180_000)
})
