import type { Database } from '../db/connect.ts'
import type { Db } from '../db/tables.ts'

/** Turns row-level security of every table off, or on again: what is left is the program's own filter. */
export async function allPolicies(database: Database, turn: 'enable' | 'disable'): Promise<void> {
  await database.asOwner(async owner => {
    const tables = await owner.rows<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and exists (select from pg_policy where polrelid = pg_class.oid)`,
    )
    await owner.run(tables.map(({ name }) => `alter table ${name} ${turn} row level security`).join(';'))
  })
}

/** The same database with the program's filter off: what is left are the policies. */
export function withoutFilter(db: Db): Db {
  return new Proxy(db, {
    get(target, name) {
      if (name !== 'transaction') return own(target, name)
      return () => {
        const begun = target.transaction()
        return new Proxy(begun, {
          get: (builder, verb) =>
            verb === 'execute'
              ? (work: (tx: object) => unknown) => builder.execute(async tx => work(unfiltered(tx)) as never)
              : own(builder, verb),
        })
      }
    },
  })
}

function unfiltered(tx: object): object {
  const same: object = new Proxy(tx, {
    get: (target, name) => (name === 'withPlugin' || name === 'withoutPlugins' ? () => same : own(target, name)),
  })
  return same
}

/** Private fields know their own object only. */
function own(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target)
  return typeof value === 'function' ? value.bind(target) : value
}
