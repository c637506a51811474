import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'
import type { StudentStatus } from '../students/tables.ts'

export type Version = {
  readonly id: string
  readonly version: number
  readonly status: StudentStatus
  readonly student_number: string
  readonly archived: boolean
}

/** The students that rows mean, living and archived, as they are now and held until the transaction ends. */
export async function versionsOf(
  tx: Tx,
  rows: readonly Pick<Row<'import_rows'>, 'student_id'>[],
): Promise<ReadonlyMap<string, Version>> {
  const ids = rows.flatMap(row => row.student_id ?? [])
  const found = await tx
    .selectFrom('students')
    .select(['id', 'version', 'status', 'student_number', sql<boolean>`archived_at is not null`.as('archived')])
    .where('id', '=', sql<string>`any (${ids}::uuid[])`)
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(found.map(student => [student.id, student]))
}
