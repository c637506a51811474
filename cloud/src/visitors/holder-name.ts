import { sql } from 'kysely'

/** Of a query that left-joins both: the name of the student or of the visitor, in the columns that both have. */
export const HOLDER_NAME = [
  sql<string>`coalesce(students.first_name, visitors.first_name)`.as('first_name'),
  sql<string>`coalesce(students.last_name, visitors.last_name)`.as('last_name'),
] as const
