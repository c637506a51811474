import type { Sql } from './connect.ts'

/**
 * The schema as one readable text, the same from PGlite and from any PostgreSQL: our own questions to the catalogue,
 * because pg_dump's words differ between versions. Monthly partitions are left out; they come and go.
 */
export async function dumpSchema(sql: Sql): Promise<string> {
  const tables = await sql.rows<{ name: string; oid: number; secured: string; partition: string | null }>(`
    select relname as name, pg_class.oid::int as oid,
      case when relrowsecurity and relforcerowsecurity then 'forced row-level security'
           when relrowsecurity then 'row-level security' else 'no row-level security' end as secured,
      pg_get_partkeydef(pg_class.oid) as partition
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = 'public' and relkind in ('r', 'p') and not relispartition order by relname`)
  const parts = ['-- The sum of the migrations, written by a test. Read it in review; never edit it.\n']
  for (const table of tables) parts.push(await dumpTable(sql, table))
  parts.push(await dumpFunctions(sql))
  return parts.join('\n')
}

type Line = { readonly line: string }

async function dumpTable(
  sql: Sql,
  { name, oid, secured, partition }: { name: string; oid: number; secured: string; partition: string | null },
): Promise<string> {
  const ask = async (text: string) => (await sql.rows<Line>(text, [oid])).map(row => row.line)
  const columns = await ask(`
    select '  ' || attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
      || case attidentity when 'a' then ' generated always as identity' else '' end
      || coalesce(' default ' || pg_get_expr(adbin, adrelid), '') as line
    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attrelid = $1 and attnum > 0 and not attisdropped order by attnum`)
  // PostgreSQL 18 keeps NOT NULL as constraints too; the columns say it already.
  const constraints = await ask(`
    select '  constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
    from pg_constraint where conrelid = $1 and contype <> 'n' order by contype desc, conname`)
  const indexes = await ask(`
    select replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') || ';' as line from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = $1 and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
    order by relname`)
  const policies = await ask(`
    select 'policy ' || polname || ' for ' || case polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert'
        when 'w' then 'update' else 'delete' end
      || ' to ' || (select string_agg(rolname, ', ' order by rolname) from pg_roles where oid = any (polroles))
      || coalesce(' using ' || pg_get_expr(polqual, polrelid), '')
      || coalesce(' with check ' || pg_get_expr(polwithcheck, polrelid), '') || ';' as line
    from pg_policy where polrelid = $1 order by polname`)
  const grants = await ask(`
    select 'grant ' || string_agg(lower(privilege_type), ', ' order by privilege_type) || ' to ' || rolname || ';' as line
    from pg_class, aclexplode(relacl) join pg_roles on pg_roles.oid = grantee
    where pg_class.oid = $1 and rolname like 'gatehouse_%' and grantee <> relowner group by rolname order by rolname`)
  const triggers = await ask(`
    select pg_get_triggerdef(oid) || ';' as line from pg_trigger where tgrelid = $1 and not tgisinternal order by tgname`)
  const comments = await ask(`
    select '-- ' || coalesce(attname || ': ', '') || description as line
    from pg_description left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0
    where objoid = $1 and classoid = 'pg_class'::regclass order by objsubid`)

  const body = [...columns, ...constraints].join(',\n')
  const end = partition === null ? ');' : `) partition by ${partition};`
  return [
    ...comments,
    `table ${name} (`,
    body,
    end,
    `-- ${secured}`,
    ...indexes,
    ...policies,
    ...grants,
    ...triggers,
    '',
  ].join('\n')
}

/** Functions with their text; who may call the ones that run as somebody else. */
async function dumpFunctions(sql: Sql): Promise<string> {
  const functions = await sql.rows<Line>(`
    select 'function ' || proname || '(' || pg_get_function_arguments(pg_proc.oid) || ') returns ' || pg_get_function_result(pg_proc.oid)
      || case when prosecdef then ' security definer, owner ' || pg_get_userbyid(proowner) else '' end
      || coalesce(' set ' || array_to_string(proconfig, ', '), '')
      || case when prosecdef then ', for ' || coalesce((select string_agg(coalesce(rolname, 'everybody'), ', ' order by rolname)
          from aclexplode(proacl) left join pg_roles on pg_roles.oid = grantee where grantee <> proowner), 'nobody') else '' end
      || E'\n' || trim(both E' \n' from prosrc) || E'\n' as line
    from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
    where nspname = 'public' and not exists (
      select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
    order by proname`)
  return functions.map(row => row.line).join('\n')
}
