import { sql } from 'kysely'
import { searchWords } from '../students/fold.ts'

/** Ids of visitors whose names or organisation have every word. A school has some thousands of them at most: they are forgotten. */
export function visitorsFound(search: string) {
  const patterns = searchWords(search).map(word => `%${word}%`)
  return sql<string>`(select visitors.id from visitors where visitors.school_id = current_school()
    and visitors.archived_at is null and visitors.search_text like all (${patterns}::text[]))`
}

/** Ids of students and visitors alike: of who may be the holder of a pass. */
export function holdersFound(search: string) {
  return sql<string>`(select id from search_students(${searchWords(search)}::text[]) union all ${visitorsFound(search)})`
}

/** Ids of the passes of these holders, each kind by its own index. */
export function passesOfFound(search: string) {
  return sql<string>`(
    select passes.pass_id from passes where passes.school_id = current_school()
      and passes.student_id in (select id from search_students(${searchWords(search)}::text[]))
    union all
    select passes.pass_id from passes where passes.school_id = current_school() and passes.visitor_id in ${visitorsFound(search)})`
}
