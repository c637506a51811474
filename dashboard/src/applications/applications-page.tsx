import { APPLICATION_STATUSES } from '@gatehouse/shared/applications/machine.ts'
import { type ApplicationRow, listApplications, nextApplication } from '@gatehouse/shared/wire/api/applications.ts'
import { exportApplications } from '@gatehouse/shared/wire/api/exports.ts'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { ExportButtons } from '../ui/export-buttons.tsx'
import { ListTools } from '../ui/list-frame.tsx'
import { Empty, Failed, Problem, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { useSay } from '../ui/said.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, type Zone } from '../ui/when.ts'
import { STATUS_TONES, STATUS_WORDS } from './application-words.ts'
import { DecideMany } from './decide-many.tsx'

const FILTERS = APPLICATION_STATUSES.filter(status => status !== 'draft')

/** What waits for a decision, longest first. */
export function ApplicationsPage() {
  const address = useAddress()
  const navigate = useNavigate()
  const zone = useZone()
  const say = useSay()
  const next = useDo(nextApplication)
  const mayDecide = useMay('application:decide')
  const [deciding, setDeciding] = useState(false)
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const status = FILTERS.find(known => known === address.get('status'))
  const mine = address.get('assigned') === 'me'
  const query = {
    page: pageOf(address),
    ...(status === undefined ? { open: 'true' as const } : { status }),
    ...(mine && { assigned: 'me' as const }),
    ...(address.get('search') !== undefined && { search: address.get('search') }),
  }
  const asked = useAsk(listApplications, { query }, { keep: true })
  const rows = asked.data?.data ?? []
  const chosen = rows.filter(({ id }) => ticked.has(id)).map(({ id }) => id)

  function take() {
    next.mutate(
      {},
      {
        onSuccess: ({ applicationId }) =>
          applicationId === null ? say({ text: 'Nothing waits' }) : void navigate(`/applications/${applicationId}`),
      },
    )
  }
  return (
    <Page
      title="Applications"
      acts={
        <>
          <ExportButtons
            route={exportApplications}
            input={{ query: Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'page')) as never }}
            disabled={rows.length === 0}
          />
          {chosen.length > 0 && <Button onClick={() => setDeciding(true)}>Decide {chosen.length}</Button>}
          {mayDecide && (
            <Button tone="primary" busy={next.isPending && 'Looking …'} onClick={take}>
              Take the next one
            </Button>
          )}
        </>
      }
    >
      <Problem error={next.error} />
      {deciding && (
        <DecideMany
          applicationIds={chosen}
          onDone={left => setTicked(new Set(left))}
          onClose={() => setDeciding(false)}
        />
      )}
      <div className="panel">
        <ListTools>
          <SearchField address={address} label="Name or student number" />
          <Chips name="Status">
            <Chip on={status === undefined} onPress={() => address.set({ status: null })}>
              Open
            </Chip>
            {FILTERS.map(each => (
              <Chip key={each} on={status === each} onPress={() => address.set({ status: each })}>
                {STATUS_WORDS[each]}
              </Chip>
            ))}
            <Chip on={mine} onPress={() => address.set({ assigned: mine ? null : 'me' })}>
              Mine
            </Chip>
          </Chips>
        </ListTools>
        {asked.isPending && <Waiting rows={8} />}
        {asked.isError && <Failed error={asked.error} retry={() => void asked.refetch()} />}
        {asked.data && rows.length === 0 && (
          <Empty title="No applications here">Students apply on the page Apply; what they submit comes here.</Empty>
        )}
        {rows.length > 0 && (
          <Table
            name="Applications"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => `/applications/${id}`}
            ticks={
              mayDecide
                ? {
                    ticked,
                    nameOf: ({ student }) => student.name,
                    onTick: (keys, on) =>
                      setTicked(before => {
                        const after = new Set(before)
                        for (const key of keys) on ? after.add(key) : after.delete(key)
                        return after
                      }),
                  }
                : undefined
            }
          />
        )}
        <Pager pagination={asked.data?.pagination ?? null} address={address} />
      </div>
    </Page>
  )
}

function columns(zone: Zone): readonly Column<ApplicationRow>[] {
  return [
    { name: 'Student', cell: ({ student }) => <bdi>{student.name}</bdi> },
    {
      name: 'Status',
      cell: ({ status }) => <Badge tone={STATUS_TONES[status]}>{STATUS_WORDS[status]}</Badge>,
      className: 'w-44',
    },
    {
      name: 'Checks',
      cell: ({ attention, waiting }) =>
        attention > 0 ? (
          <Badge tone="warning">{attention} to look at</Badge>
        ) : waiting > 0 ? (
          'Waiting'
        ) : (
          'Nothing found'
        ),
      className: 'w-36 hidden md:table-cell',
    },
    {
      name: 'Reviewer',
      cell: ({ assignee }) => <bdi className="text-muted">{assignee?.name ?? '–'}</bdi>,
      className: 'w-40 hidden lg:table-cell',
    },
    {
      name: 'Decide by',
      cell: ({ dueAt, overdue }) =>
        dueAt === null ? '–' : <span className={overdue ? 'text-refused' : ''}>{sayDay(dueAt, zone)}</span>,
      className: 'w-32 hidden md:table-cell',
    },
  ]
}
