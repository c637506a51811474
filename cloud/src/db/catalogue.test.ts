import { afterAll, beforeAll, expect, test } from 'vitest'
import { onBothEngines } from '../testing/database.ts'
import type { Database, Sql } from './connect.ts'
import { DEFINERS } from './definer.ts'
import { OF_NO_SCHOOL } from './own-school.ts'

/** What the database itself says of its tables, views, functions and grants. Each question answers with what is wrong. */
const QUESTIONS = {
  'a table of a school without row-level security, forced': `
    select relname as wrong from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'school_id'
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and not (relrowsecurity and relforcerowsecurity)
    union all
    select 'schools' from pg_class where oid = 'public.schools'::regclass and not (relrowsecurity and relforcerowsecurity)`,
  'a table of a school without the policy of its own school': `
    select relname as wrong from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'school_id'
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and not exists (select from pg_policy where polrelid = pg_class.oid and polname = 'own_school'
        and pg_get_expr(polqual, polrelid) like '%school_id = current_school()%'
        and pg_get_expr(polwithcheck, polrelid) like '%school_id = current_school()%')`,
  // A second permissive policy widens what the first one allows.
  'a second policy for the runtime role': `
    select polrelid::regclass || '.' || polname as wrong from pg_policy
    where polname <> 'own_school' and (polroles @> array[(select oid from pg_roles where rolname = 'gatehouse_app')] or polroles @> array[0::oid])`,
  'a partition that the runtime role reaches past its parent': `
    select relname as wrong from pg_class where relnamespace = 'public'::regnamespace and relispartition
      and relkind = 'r' and has_table_privilege('gatehouse_app', oid, 'select, insert, update, delete, truncate')`,
  'a view that looks with the rights of its owner': `
    select relname as wrong from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
      and (relkind = 'm' or not coalesce(reloptions, '{}') && array['security_invoker=true', 'security_invoker=on'])`,
  'a definer function that is not listed': `
    select proname as wrong from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
      and proname not in (${DEFINERS.map(name => `'${name}'`).join(', ')})`,
  'a definer function without a search path of its own, or of another owner': `
    select proname as wrong from pg_proc join pg_roles on pg_roles.oid = proowner
    where pronamespace = 'public'::regnamespace and prosecdef
      and (rolname <> 'gatehouse_definer' or not coalesce(proconfig, '{}') @> array['search_path=public, pg_temp'])`,
  'a definer function that anybody may call': `
    select proname as wrong from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) as granted
    where pronamespace = 'public'::regnamespace and prosecdef and grantee = 0`,
  'a grant beyond reading and writing rows': `
    select relname || ' ' || privilege_type as wrong from pg_class, aclexplode(relacl) as granted
    where relnamespace = 'public'::regnamespace and grantee <> relowner
      and privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')`,
  'a grant to a role that is neither the program nor the definer': `
    select relname || ' ' || grantee::regrole as wrong from pg_class, aclexplode(relacl) as granted
    where relnamespace = 'public'::regnamespace and grantee <> relowner
      and (grantee = 0 or grantee::regrole::text not in ('gatehouse_app', 'gatehouse_definer'))`,
  'a grant that can be passed on': `
    select relname as wrong from pg_class, aclexplode(relacl) as granted
    where relnamespace = 'public'::regnamespace and grantee <> relowner and is_grantable`,
  // What is evidence is added to and never changed by the program.
  'a way for the program to change what is evidence': `
    select relname || ' ' || privilege_type as wrong from pg_class, aclexplode(relacl) as granted
    where relnamespace = 'public'::regnamespace and grantee = 'gatehouse_app'::regrole
      and relname in ('audit_log', 'audit_checkpoints', 'access_events', 'trust_bundles', 'gate_configurations')
      and privilege_type in ('UPDATE', 'DELETE')`,
  // To school_id alone, or with it: otherwise a row can hang on another school's.
  'a foreign key to a table of a school that leaves the school out': `
    select conname as wrong from pg_constraint join pg_attribute on attrelid = confrelid and attname = 'school_id'
    where contype = 'f' and connamespace = 'public'::regnamespace
      and not exists (select from unnest(conkey, confkey) as pair (here, there)
        join pg_attribute as ours on ours.attrelid = conrelid and ours.attnum = here
        join pg_attribute as theirs on theirs.attrelid = confrelid and theirs.attnum = there
        where ours.attname = 'school_id' and theirs.attname = 'school_id')
      and not exists (select from pg_constraint as whole where whole.contype = 'f'
        and whole.conrelid = pg_constraint.conrelid and whole.confrelid = pg_constraint.confrelid
        and whole.conkey @> pg_constraint.conkey and cardinality(whole.conkey) > cardinality(pg_constraint.conkey))`,
  'a table without a school that is not listed as such': `
    select relname as wrong from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not relispartition and relname not in ('schools', ${[...OF_NO_SCHOOL].map(name => `'${name}'`).join(', ')})
      and not exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'school_id')`,
} as const

/** One way to break each, to see that it is asked. */
const BROKEN: Record<keyof typeof QUESTIONS, string> = {
  'a table of a school without row-level security, forced': 'alter table groups no force row level security',
  'a table of a school without the policy of its own school': 'alter policy own_school on groups using (true)',
  'a second policy for the runtime role': 'create policy more on groups for select to gatehouse_app using (true)',
  'a partition that the runtime role reaches past its parent': 'grant select on access_events_default to gatehouse_app',
  'a view that looks with the rights of its owner': 'create view seen as select * from groups',
  'a definer function that is not listed':
    'create function new_one() returns int language sql security definer as $$ select 1 $$',
  'a definer function without a search path of its own, or of another owner':
    'create function new_one() returns int language sql security definer as $$ select 1 $$',
  'a definer function that anybody may call':
    'create function new_one() returns int language sql security definer as $$ select 1 $$',
  'a grant beyond reading and writing rows': 'grant truncate on groups to gatehouse_app',
  'a grant to a role that is neither the program nor the definer': 'grant select on groups to public',
  'a grant that can be passed on': 'grant select on groups to gatehouse_app with grant option',
  'a way for the program to change what is evidence': 'grant update on audit_log to gatehouse_app',
  'a foreign key to a table of a school that leaves the school out':
    'alter table groups add column gate_id uuid references gates (id)',
  'a table without a school that is not listed as such': 'create table loose (id int)',
}

onBothEngines('the catalogue', engine => {
  let database: Database
  beforeAll(async () => {
    database = await engine.fresh()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const wrong = async (owner: Sql, question: keyof typeof QUESTIONS) =>
    (await owner.rows<{ wrong: string }>(QUESTIONS[question])).map(row => row.wrong)

  for (const question of Object.keys(QUESTIONS) as (keyof typeof QUESTIONS)[]) {
    test(`has no such thing as ${question}`, async () => {
      expect(await database.asOwner(owner => wrong(owner, question))).toEqual([])
      // Broken in a transaction that is given up.
      await expect(
        database.asOwner(async owner => {
          await owner.run(BROKEN[question])
          throw Object.assign(new Error('given up'), { wrong: await wrong(owner, question) })
        }),
      ).rejects.toMatchObject({ message: 'given up', wrong: [expect.any(String)] })
    })
  }

  test('has every listed definer function', async () => {
    const there = await database.asOwner(owner =>
      owner.rows<{ name: string }>(
        `select proname as name from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`,
      ),
    )
    expect(there.map(({ name }) => name).toSorted()).toEqual([...DEFINERS].toSorted())
  })
})
