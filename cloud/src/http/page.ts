import type { Pagination } from '@gatehouse/shared/wire/api/envelope.ts'

/** What a list was asked for, as the audit log keeps it: nothing that was left out. */
export function asked(query: object): { readonly [name: string]: string | number | boolean } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

export function pagination({ page, limit }: { page: number; limit: number }, total: number): Pagination {
  const totalPages = Math.ceil(total / limit)
  return { page, limit, total, totalPages, hasNext: page < totalPages, hasPrevious: page > 1 }
}
