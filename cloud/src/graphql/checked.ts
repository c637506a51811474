import { Id } from '@gatehouse/shared/wire/api/envelope.ts'
import type { z } from 'zod'
import { unreadable } from '../http/bind.ts'
import { refused } from './refusal.ts'

/** What was given, read by the schema of the REST contract, or the same refusal as there. `names`: fields that are called otherwise here. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  names: Readonly<Record<string, string>> = {},
): z.output<Schema> {
  const read = schema.safeParse(given)
  if (read.success) return read.data
  const wrong = unreadable(read.error).map(({ path, message }) => ({ path: names[path] ?? path, message }))
  const said = wrong.map(({ path, message }) => `${path || 'input'} ${message}`).join('; ')
  return refused({
    status: 422,
    code: 'validation_failed',
    message: `Something in the request is not right: ${said}.`.slice(0, 500),
    details: wrong.slice(0, 50),
  })
}

/** Without what was given as null: over GraphQL both mean that nothing is asked. */
export function given<Fields extends object>(
  fields: Fields | null | undefined,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  const said = Object.entries(fields ?? {}).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(said) as never
}

/** Null: nothing has such an id. */
export const idOf = (text: string): string | null => Id.safeParse(text).data ?? null
