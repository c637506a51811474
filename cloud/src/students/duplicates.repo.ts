import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'

const GROUPS_MAX = 100
const IN_A_GROUP_MAX = 10

export type Twins = {
  readonly because: 'person' | 'phone' | 'privateEmail'
  readonly students: readonly {
    readonly id: string
    readonly student_number: string
    readonly first_name: string
    readonly last_name: string
    readonly pass_count: number
    readonly created_at: Date
  }[]
}

const INDEXES = [
  ['person', 'person_index'],
  ['phone', 'phone_index'],
  ['privateEmail', 'private_email_index'],
] as const

/** Living students who share what only one person has: name with birth date first, then phone, then private e-mail. */
export async function listDuplicates(tx: Tx): Promise<Twins[]> {
  const found: Twins[] = []
  const told = new Set<string>()
  for (const [because, column] of INDEXES) {
    if (found.length >= GROUPS_MAX) break
    const groups = await sql<{ ids: string[] }>`
      select (array_agg(id order by created_at, id))[1:${sql.raw(String(IN_A_GROUP_MAX))}] as ids from students
      where archived_at is null and ${sql.ref(column)} is not null
      group by ${sql.ref(column)} having count(*) > 1 order by max(created_at) desc limit ${GROUPS_MAX}`.execute(tx)
    const ids = groups.rows.flatMap(group => group.ids)
    const rows = new Map((await readRows(tx, ids)).map(row => [row.id, row]))
    for (const group of groups.rows) {
      const key = group.ids.join()
      if (told.has(key)) continue
      told.add(key)
      found.push({ because, students: group.ids.map(id => rows.get(id)!) })
    }
  }
  return found.slice(0, GROUPS_MAX)
}

function readRows(tx: Tx, ids: readonly string[]) {
  return tx
    .selectFrom('students')
    .select(['id', 'student_number', 'first_name', 'last_name', 'created_at'])
    .select(
      sql<number>`(select count(*)::int from passes where passes.school_id = students.school_id and passes.student_id = students.id)`.as(
        'pass_count',
      ),
    )
    .where('id', '=', sql<string>`any (${[...ids]}::uuid[])`)
    .execute()
}
