import { exportVisitors } from '@gatehouse/shared/wire/api/exports.ts'
import { listVisitors, VISIT_STATES, type Visitor } from '@gatehouse/shared/wire/api/visitors.ts'
import { type ReactNode, useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { ExportButtons } from '../ui/export-buttons.tsx'
import { ListFrame, ListTools } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import type { Zone } from '../ui/when.ts'
import { NewVisitor } from './new-visitor.tsx'
import { OpenVisitor } from './visitor-details.tsx'
import { sayVisit, VISIT_STATE_TONES, VISIT_STATE_WORDS, visitorName } from './visitor-words.ts'

/** Reception looks at it all day: who came and went since is asked for by itself. */
const REFETCH_MS = 15_000

const SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const

export function VisitorsPage() {
  const address = useAddress()
  const zone = useZone()
  const mayReceive = useMay('visitor:create')
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<string | null>(null)
  const state = VISIT_STATES.find(known => known === address.get('state'))
  const sort = SORTS.find(known => known === address.get('sort')) ?? '-createdAt'
  const search = address.get('search')
  const query = { page: pageOf(address), search, state, sort }
  const visitors = useAsk(listVisitors, { query }, { keep: true, refetchMs: REFETCH_MS })
  const rows = visitors.data?.data ?? []
  const opened = address.get('open')

  return (
    <Page
      title="Visitors"
      acts={
        <>
          <ExportButtons route={exportVisitors} input={{ query: { search, state } }} disabled={rows.length === 0} />
          {mayReceive && (
            <Button tone="primary" icon="plus" onClick={() => setAdding(true)}>
              New visitor
            </Button>
          )}
        </>
      }
    >
      <ListFrame side={opened && <OpenVisitor key={opened} visitorId={opened} showCode={opened === made} />}>
        <ListTools>
          <SearchField address={address} label="Name or organisation" />
          <Chips name="Visit">
            <Chip on={state === undefined} onPress={() => address.set({ state: null })}>
              All
            </Chip>
            {VISIT_STATES.map(each => (
              <Chip key={each} on={state === each} onPress={() => address.set({ state: each })}>
                {VISIT_STATE_WORDS[each]}
              </Chip>
            ))}
          </Chips>
        </ListTools>
        {visitors.isPending && <Waiting rows={12} />}
        {visitors.isError && <Failed error={visitors.error} retry={() => void visitors.refetch()} />}
        {visitors.data && rows.length === 0 && (
          <NoVisitors
            narrowed={search !== undefined || state !== undefined}
            clear={() => address.set({ search: null, state: null })}
            receive={mayReceive && <Button onClick={() => setAdding(true)}>New visitor</Button>}
          />
        )}
        {rows.length > 0 && (
          <Table
            name="Visitors"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => address.with('open', id)}
            openKey={opened}
            sort={sort}
            onSort={next => address.set({ sort: next })}
          />
        )}
        <Pager pagination={visitors.data?.pagination ?? null} address={address} />
      </ListFrame>
      {adding && (
        <NewVisitor
          onClose={() => setAdding(false)}
          onMade={({ id }) => {
            setAdding(false)
            setMade(id)
            address.set({ open: id })
          }}
        />
      )}
    </Page>
  )
}

function columns(zone: Zone): readonly Column<Visitor>[] {
  return [
    { name: 'Name', sort: 'name', cell: visitor => <bdi>{visitorName(visitor)}</bdi> },
    {
      name: 'From',
      cell: ({ organisation }) => <bdi className="text-muted">{organisation}</bdi>,
      className: 'hidden lg:table-cell',
    },
    { name: 'Host', cell: ({ host }) => <bdi>{host.name}</bdi>, className: 'hidden md:table-cell' },
    {
      name: 'Visit',
      cell: ({ visit }) =>
        visit && <Badge tone={VISIT_STATE_TONES[visit.state]}>{VISIT_STATE_WORDS[visit.state]}</Badge>,
      className: 'w-28 md:w-32',
    },
    {
      name: 'When',
      cell: ({ visit }) => <span className="text-muted">{visit && sayVisit(visit, zone)}</span>,
      className: 'hidden xl:table-cell',
    },
  ]
}

function NoVisitors({
  narrowed,
  clear,
  receive,
}: {
  readonly narrowed: boolean
  readonly clear: () => void
  readonly receive: ReactNode
}) {
  if (narrowed) {
    return (
      <Empty title="No visitor fits" act={<Button onClick={clear}>Show all visitors</Button>}>
        Try a part of the name or the organisation, or visits of another kind.
      </Empty>
    )
  }
  return (
    <Empty title="No visitors yet" act={receive}>
      A visitor has a host, comes for a while, and gets a pass for that time.
    </Empty>
  )
}
