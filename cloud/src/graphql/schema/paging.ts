import type { Pagination } from '@gatehouse/shared/wire/api/envelope.ts'
import type { ObjectRef } from '@pothos/core'
import { refused } from '../refusal.ts'
import { atMost } from './builder.ts'
import type { Writing } from './refs.ts'

export type Page<Row> = { readonly data: readonly Row[]; readonly pagination: Pagination }
export type CursorPage<Row> = { readonly data: readonly Row[]; readonly nextCursor: string | null }

/** A page of rows and where it stands. */
export function pageOf<Row>({ builder, refs }: Pick<Writing, 'builder' | 'refs'>, name: string, row: Row_<Row>) {
  return builder.objectRef<Page<Row>>(name).implement({
    fields: t => ({
      data: t.field({ type: [row], ...atMost('page'), resolve: ({ data }) => data as never }),
      pagination: t.expose('pagination', { type: refs.Pagination } as never) as never,
    }),
  })
}

/** Rows newest first, and where the next begin. */
export function cursorPageOf<Row>({ builder }: Pick<Writing, 'builder'>, name: string, row: Row_<Row>) {
  return builder.objectRef<CursorPage<Row>>(name).implement({
    fields: t => ({
      data: t.field({ type: [row], ...atMost('page'), resolve: ({ data }) => data as never }),
      nextCursor: t.string({ nullable: true, resolve: ({ nextCursor }) => nextCursor }),
    }),
  })
}

// biome-ignore lint/suspicious/noExplicitAny: a reference of whichever schema
type Row_<Row> = ObjectRef<any, Row>

const OF_ONE_MAX = 100

/** Of a list beside a row. */
export function limitOf(limit: number | null | undefined): number {
  const most = limit ?? 10
  if (most >= 1 && most <= OF_ONE_MAX) return most
  return refused({
    status: 422,
    code: 'validation_failed',
    message: `limit must be 1 to ${OF_ONE_MAX}.`,
    details: [{ path: 'limit', message: `must be 1 to ${OF_ONE_MAX}` }],
  })
}

export function writePagination({ builder: _, refs }: Writing): void {
  refs.Pagination.implement({
    fields: t => ({
      page: t.exposeInt('page'),
      limit: t.exposeInt('limit'),
      total: t.exposeInt('total'),
      more: t.boolean({
        description: 'There are more than total, and these are the first of them.',
        resolve: ({ more }) => more ?? false,
      }),
      totalPages: t.exposeInt('totalPages'),
      hasNext: t.exposeBoolean('hasNext'),
      hasPrevious: t.exposeBoolean('hasPrevious'),
    }),
  })
}
