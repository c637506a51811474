import { exportImportRows } from '@gatehouse/shared/wire/api/exports.ts'
import { type ImportInFull, type ImportRow, listImportRows, ROW_ACTIONS } from '@gatehouse/shared/wire/api/imports.ts'
import { useAsk } from '../api/use-api.ts'
import { Badge } from '../ui/badge.tsx'
import { Chip, Chips } from '../ui/button.tsx'
import { ExportButtons } from '../ui/export-buttons.tsx'
import { ListTools } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { ACTION_WORDS, FIELD_WORDS } from './import-words.ts'

/** What becomes of each row; the refused ones first, because somebody has to put them right. */
export function ImportRows({ one }: { readonly one: ImportInFull }) {
  const address = useAddress()
  const usual = one.plan!.refused > 0 ? 'refuse' : undefined
  const told = address.get('action')
  const action = told === 'all' ? undefined : (ROW_ACTIONS.find(known => known === told) ?? usual)
  const params = { importId: one.id }
  const rows = useAsk(listImportRows, { params, query: { page: pageOf(address), action } }, { keep: true })
  const found = rows.data?.data ?? []
  return (
    <section className="panel" aria-label="Rows">
      <ListTools>
        <Chips name="What becomes of it">
          <Chip on={action === undefined} onPress={() => address.set({ action: 'all' })}>
            All
          </Chip>
          {ROW_ACTIONS.map(each => (
            <Chip key={each} on={action === each} onPress={() => address.set({ action: each })}>
              {ACTION_WORDS[each]}
            </Chip>
          ))}
        </Chips>
        <ExportButtons route={exportImportRows} input={{ params, query: { action } }} disabled={found.length === 0} />
      </ListTools>
      {rows.isPending && <Waiting rows={8} />}
      {rows.isError && <Failed error={rows.error} retry={() => void rows.refetch()} />}
      {rows.data && found.length === 0 && <Empty title="No such row" />}
      {found.length > 0 && (
        <Table
          name="Rows"
          columns={COLUMNS}
          rows={found}
          rowKey={({ row, studentNumber }) => `${row ?? '-'} ${studentNumber}`}
        />
      )}
      <Pager pagination={rows.data?.pagination ?? null} address={address} />
    </section>
  )
}

const COLUMNS: readonly Column<ImportRow>[] = [
  { name: 'Row', cell: ({ row }) => row?.toLocaleString() ?? 'not in it', className: 'w-20 md:w-24' },
  {
    name: 'Number',
    cell: ({ studentNumber }) => <span className="font-mono text-13">{studentNumber}</span>,
    className: 'w-36 hidden md:table-cell',
  },
  {
    name: 'What',
    cell: ({ action, outcome }) => (
      <Badge tone={action === 'refuse' || outcome === 'passed_over' ? 'refused' : 'quiet'}>
        {outcome === 'passed_over' ? 'Passed over' : ACTION_WORDS[action]}
      </Badge>
    ),
    className: 'w-24 md:w-32',
  },
  { name: 'Why', cell: row => <Why row={row} /> },
]

/** On a phone the number stands here, too: it has no column of its own. */
function Why({ row: { studentNumber, faults, fields } }: { readonly row: ImportRow }) {
  return (
    <span className="block py-1.5 break-words whitespace-normal">
      <span className="block font-mono text-13 md:hidden">{studentNumber}</span>
      {faults.length > 0 ? (
        faults.map(({ column, message }) => (column ? `${column}: ${message}` : message)).join('; ')
      ) : (
        <span className="text-muted">{fields.map(field => FIELD_WORDS[field]).join(', ')}</span>
      )}
    </span>
  )
}
