import type { Pagination } from '@gatehouse/shared/wire/api/envelope.ts'

export function pagination({ page, limit }: { page: number; limit: number }, total: number): Pagination {
  const totalPages = Math.ceil(total / limit)
  return { page, limit, total, totalPages, hasNext: page < totalPages, hasPrevious: page > 1 }
}
