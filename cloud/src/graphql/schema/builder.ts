import type { Operation } from '@gatehouse/shared/wire/rights.ts'
import SchemaBuilder from '@pothos/core'
import { GraphQLError } from 'graphql'
import type { Call } from '../call.ts'

type Text = { Input: string; Output: string }

/** The one file that knows `@pothos/core`. Nothing is null that does not say so. */
export function schemaBuilder() {
  const builder = new SchemaBuilder<{
    Context: Call
    DefaultFieldNullability: false
    Scalars: { ID: Text; DateTime: Text; Date: Text }
  }>({ defaultFieldNullability: false })
  const text = (name: 'DateTime' | 'Date', description: string) =>
    builder.scalarType(name, {
      description,
      serialize: value => value,
      parseValue: value => {
        if (typeof value === 'string' && value.length <= TIME_CHARACTERS_MAX) return value
        throw new GraphQLError(`${name} is written as text, such as ${description.split(' ').at(-1)}`)
      },
    })
  text('DateTime', 'A time in ISO 8601 with its offset, such as 2026-09-01T08:00:00.000Z')
  text('Date', 'A day, such as 2026-09-01')
  return builder
}

/** Longer is neither a day nor a time. */
const TIME_CHARACTERS_MAX = 64

export type Builder = ReturnType<typeof schemaBuilder>

/** What a field asks of who asks for it, and how much it may be. */
export type Asks = {
  /** Every one of these; `signed-in`: what a person sees and does for themselves, and no key does for them. */
  readonly needs: readonly Operation[] | 'signed-in'
  /** Or this one: then it is the caller's own, as everything that leads to it is. */
  readonly own?: Operation
  /** Nothing to tell the audit log, and why that is right. */
  readonly unnoted?: string
}

export type FieldFacts = Partial<Asks> & {
  /** How many a list holds at most: a number, as many as its argument `limit` says, or a page of what it is in. */
  readonly atMost?: number | 'limit' | 'page'
}

/** The right that a field asks for, checked before anything is done: `limits.ts`. */
export function asks(needs: Asks['needs'], more: Omit<FieldFacts, 'needs'> = {}): { extensions: FieldFacts } {
  return { extensions: { needs, ...more } }
}

/** How many a list of what its parent holds has at most. */
export const atMost = (most: NonNullable<FieldFacts['atMost']>): { extensions: FieldFacts } => ({
  extensions: { atMost: most },
})
