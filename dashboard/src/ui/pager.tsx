import type { Pagination } from '@gatehouse/shared/wire/api/envelope.ts'
import { Button } from './button.tsx'
import type { Address } from './use-address.ts'

/** Which rows of how many, and the way to the others. */
export function Pager({ pagination, address }: { readonly pagination: Pagination | null; readonly address: Address }) {
  if (pagination === null || pagination.total === 0) return null
  const { page, limit, total, hasNext, hasPrevious } = pagination
  const go = (to: number) => address.set({ page: to === 1 ? null : String(to) }, true)
  return (
    <nav aria-label="Pages" className="flex items-center gap-2 border-line border-t px-4 py-2">
      <p className="flex-1 text-13 text-muted">
        {((page - 1) * limit + 1).toLocaleString()}–{Math.min(page * limit, total).toLocaleString()} of{' '}
        {saidTotal(pagination)}
      </p>
      <Button icon="left" disabled={!hasPrevious} onClick={() => go(page - 1)}>
        Back
      </Button>
      <Button disabled={!hasNext} onClick={() => go(page + 1)}>
        Next
      </Button>
    </nav>
  )
}

/** `1,234`; of a search that finds too many to page through `more than 1,000`. */
export function saidTotal({ total, more = false }: Pick<Pagination, 'total' | 'more'>): string {
  return more ? `more than ${total.toLocaleString()}` : total.toLocaleString()
}

/** The page an address asks for; anything else is the first. */
export function pageOf(address: Address): number {
  const page = Number(address.get('page') ?? '1')
  return Number.isInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1
}
