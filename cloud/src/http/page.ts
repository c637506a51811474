import type { Pagination } from '@gatehouse/shared/wire/api/envelope.ts'

/** An e-mail address, or digits of a phone or of a birth date. */
const PERSONAL = /@|\d[\d\s./()-]{4,}\d/

/** What a list was asked for, as the audit log keeps it: nothing that was left out, and of what is personal that it was. */
export function asked(query: object): { readonly [name: string]: string | number | boolean } {
  const said = Object.entries(query).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    said.map(([name, value]) => [name, name === 'search' && PERSONAL.test(String(value)) ? 'personal data' : value]),
  )
}

export function pagination({ page, limit }: { page: number; limit: number }, total: number): Pagination {
  const totalPages = Math.ceil(total / limit)
  return { page, limit, total, totalPages, hasNext: page < totalPages, hasPrevious: page > 1 }
}
