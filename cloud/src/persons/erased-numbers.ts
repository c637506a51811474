import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import type { Opening } from '../keys/data-keys.ts'

/** By what an import knows a number that was somebody's who was erased. */
export function erasedNumberIndex(opening: Opening, studentNumber: string): string {
  return opening.blindIndex({ table: 'erased_numbers', column: 'number_index' }, studentNumber)
}

/** Which of these numbers were of people who were erased. */
export async function erasedAmong(tx: Tx, opening: Opening, numbers: readonly string[]): Promise<ReadonlySet<string>> {
  const some = await tx.selectFrom('erased_numbers').select('number_index').limit(1).executeTakeFirst()
  if (some === undefined) return new Set()
  const byIndex = new Map(numbers.map(number => [erasedNumberIndex(opening, number), number]))
  const found = await tx
    .selectFrom('erased_numbers')
    .select('number_index')
    .where('number_index', '=', sql<string>`any (${[...byIndex.keys()]}::text[])`)
    .execute()
  return new Set(found.map(({ number_index }) => byIndex.get(number_index)!))
}
