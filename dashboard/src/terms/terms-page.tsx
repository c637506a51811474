import { listTerms, type Term } from '@gatehouse/shared/wire/api/terms.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { dateField, sayDate } from '../ui/when.ts'
import { TermForm } from './term-form.tsx'
import { ValidityPanel } from './validity-panel.tsx'

/** Terms and school years, and how long passes are valid by them. */
export function TermsPage() {
  const terms = useAsk(listTerms, {})
  const mayWrite = useMay('settings:update')
  const [adding, setAdding] = useState(false)
  const address = useAddress()
  const { timeZone } = useZone()
  const today = dateField(Date.now(), timeZone)
  const rows = terms.data?.data ?? []
  const opened = rows.find(({ id }) => id === address.get('open')) ?? null
  const add = mayWrite && (
    <Button tone="primary" icon="plus" onClick={() => setAdding(true)}>
      New term
    </Button>
  )
  return (
    <Page title="Terms" acts={rows.length > 0 && add}>
      <div className="flex flex-col gap-4">
        <div className="panel">
          {terms.isPending && <Waiting rows={4} />}
          {terms.isError && <Failed error={terms.error} retry={() => void terms.refetch()} />}
          {terms.data && rows.length === 0 && (
            <Empty title="No terms yet" act={add}>
              Passes can end with the term or the school year. Enter them here; an import from the student
              administration enters them too.
            </Empty>
          )}
          {rows.length > 0 && (
            <Table
              name="Terms and school years"
              columns={columns(today)}
              rows={rows}
              rowKey={({ id }) => id}
              rowTo={mayWrite ? ({ id }) => address.with('open', id) : () => null}
            />
          )}
        </div>
        <ValidityPanel hasTerms={rows.length > 0} mayWrite={mayWrite} />
      </div>
      <TermForm open={adding} term={null} onClose={() => setAdding(false)} />
      <TermForm
        key={opened?.id}
        open={opened !== null && mayWrite}
        term={opened}
        onClose={() => address.set({ open: null }, true)}
      />
    </Page>
  )
}

function columns(today: string): readonly Column<Term>[] {
  return [
    { name: 'Name', cell: ({ name }) => <bdi>{name}</bdi> },
    {
      name: 'Kind',
      cell: ({ kind }) => (kind === 'term' ? 'Term' : 'School year'),
      className: 'w-32 hidden md:table-cell',
    },
    { name: 'First day', cell: ({ firstDay }) => sayDate(firstDay), className: 'w-32 hidden md:table-cell' },
    { name: 'Last day', cell: ({ lastDay }) => sayDate(lastDay), className: 'w-32' },
    {
      name: 'Now',
      cell: term => <Standing term={term} today={today} />,
      className: 'w-24 md:w-28',
    },
    {
      name: 'From',
      cell: ({ imported }) => <span className="text-muted">{imported ? 'an import' : 'by hand'}</span>,
      className: 'w-28 hidden lg:table-cell',
    },
  ]
}

function Standing({ term: { firstDay, lastDay }, today }: { readonly term: Term; readonly today: string }) {
  if (lastDay < today) return <Badge tone="quiet">Over</Badge>
  return firstDay <= today ? <Badge tone="granted">Now</Badge> : <Badge tone="warning">To come</Badge>
}
