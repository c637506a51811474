import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Icon } from './icon.tsx'

export type Column<Row> = {
  readonly name: string
  readonly cell: (row: Row) => ReactNode
  /** The word of the address that sorts by it; `-word` is the other way round. */
  readonly sort?: string
  /** `hidden md:table-cell` for what a phone has no room for. */
  readonly className?: string
}

export type TableProps<Row> = {
  readonly name: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** Where the first cell leads; the whole row can be pressed. */
  readonly rowTo?: (row: Row) => string | null
  readonly openKey?: string | undefined
  readonly sort?: string
  readonly onSort?: (sort: string) => void
  /** A box before each row to tick it; the one in the head ticks what the page shows. */
  readonly ticks?: Ticks<Row> | undefined
}

export type Ticks<Row> = {
  readonly ticked: ReadonlySet<string>
  readonly onTick: (keys: readonly string[], on: boolean) => void
  /** What a row is called, for who does not see where the box stands. */
  readonly nameOf: (row: Row) => string
}

/** The one pattern of all lists: sticky head, rows of 40 px, the first cell is the link of its row. */
export function Table<Row>({ name, columns, rows, rowKey, rowTo, openKey, sort, onSort, ticks }: TableProps<Row>) {
  return (
    <table className="w-full table-fixed border-collapse text-left">
      <caption className="sr-only">{name}</caption>
      <thead>
        <tr>
          {ticks && (
            <th scope="col" className="sticky top-12 z-10 h-9 w-10 border-line border-b bg-sunken pl-4">
              <PageTick keys={rows.map(rowKey)} ticks={ticks} />
            </th>
          )}
          {columns.map(column => (
            <th
              key={column.name}
              scope="col"
              aria-sort={sortedAs(column, sort)}
              className={`sticky top-12 z-10 h-9 border-line border-b bg-sunken px-2 text-13 font-medium text-muted first:pl-4 last:pr-4 md:px-4 ${column.className ?? ''}`}
            >
              {column.sort && onSort ? <SortButton column={column} sort={sort} onSort={onSort} /> : column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => {
          const key = rowKey(row)
          const to = rowTo?.(row) ?? null
          return (
            <tr
              key={key}
              className={`relative h-10 border-line border-b last:border-b-0 pointer-coarse:h-12 ${key === openKey ? 'bg-accent-on' : to === null ? '' : 'hover:bg-page'}`}
            >
              {ticks && (
                <td className="w-10 pl-4">
                  <TickBox
                    label={`Tick ${ticks.nameOf(row)}`}
                    checked={ticks.ticked.has(key)}
                    onTick={on => ticks.onTick([key], on)}
                  />
                </td>
              )}
              {columns.map((column, at) => (
                <td key={column.name} className={`cut px-2 first:pl-4 last:pr-4 md:px-4 ${column.className ?? ''}`}>
                  {at === 0 && to !== null ? (
                    <Link
                      data-row
                      to={to}
                      aria-current={key === openKey ? 'true' : undefined}
                      className="font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                    >
                      {column.cell(row)}
                    </Link>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function PageTick<Row>({ keys, ticks }: { readonly keys: readonly string[]; readonly ticks: Ticks<Row> }) {
  const count = keys.filter(key => ticks.ticked.has(key)).length
  return (
    <TickBox
      label="Tick all on this page"
      checked={count > 0 && count === keys.length}
      some={count > 0 && count < keys.length}
      onTick={on => ticks.onTick(keys, on)}
    />
  )
}

/** Above the link that covers its row, and as large as a finger. */
function TickBox({
  label,
  checked,
  some = false,
  onTick,
}: {
  readonly label: string
  readonly checked: boolean
  readonly some?: boolean
  readonly onTick: (on: boolean) => void
}) {
  return (
    <label className="relative z-1 -ml-4 flex h-9 w-10 cursor-pointer items-center justify-center pointer-coarse:h-12">
      <span className="sr-only">{label}</span>
      <input
        type="checkbox"
        checked={checked}
        ref={box => {
          if (box) box.indeterminate = some
        }}
        onChange={event => onTick(event.target.checked)}
        className="size-4 accent-accent"
      />
    </label>
  )
}

function SortButton<Row>({
  column,
  sort,
  onSort,
}: {
  readonly column: Column<Row>
  readonly sort: string | undefined
  readonly onSort: (sort: string) => void
}) {
  const as = sortedAs(column, sort)
  return (
    <button
      type="button"
      onClick={() => onSort(as === 'ascending' ? `-${column.sort}` : column.sort!)}
      className={`-ml-1 inline-flex items-center gap-1 rounded-6 px-1 hover:text-text ${as ? 'text-text' : ''}`}
    >
      {column.name}
      {as && <Icon name="up" className={`size-3.5 ${as === 'descending' ? 'rotate-180' : ''}`} />}
    </button>
  )
}

function sortedAs<Row>({ sort: word }: Column<Row>, sort: string | undefined): 'ascending' | 'descending' | undefined {
  if (word === undefined || sort === undefined) return undefined
  if (sort === word) return 'ascending'
  return sort === `-${word}` ? 'descending' : undefined
}
