import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { usersFound } from '../users/users.repo.ts'

/** As many as a picker shows. */
export const HOSTS_SHOWN_MAX = 20

/** The same of a `users` that is joined. */
export const HOST_MAY = sql<boolean>`(users.active and users.deleted_at is null and users.role <> 'student')`

/** Who can be visited: anybody of the school with an active account who is no student. */
const hosts = (tx: Tx) =>
  tx.selectFrom('users').where('active', '=', true).where('deleted_at', 'is', null).where('role', '!=', 'student')

export async function mayHost(tx: Tx, userId: string): Promise<boolean> {
  return (await hosts(tx).select('id').where('id', '=', userId).executeTakeFirst()) !== undefined
}

/** Those whose name or address has every word, by name; the first 20. */
export function findHosts(tx: Tx, search: string): Promise<{ id: string; display_name: string }[]> {
  return hosts(tx)
    .select(['id', 'display_name'])
    .$if(search !== '', users => users.where('id', 'in', usersFound(search)))
    .orderBy(sql`lower(display_name)`)
    .orderBy('id')
    .limit(HOSTS_SHOWN_MAX)
    .execute()
}
