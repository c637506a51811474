import { type Gate, listGates } from '@gatehouse/shared/wire/api/gates.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { useFeed } from '../live/use-feed.ts'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Waiting, Warning } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAge, sayAgo, sayMoment, type Zone } from '../ui/when.ts'
import { CreateGate } from './create-gate.tsx'
import { GateMark } from './gate-mark.tsx'
import { troublesOf } from './trouble.ts'

export function GatesPage() {
  const feed = useFeed({})
  const gates = useAsk(listGates, {}, { refetchMs: 20_000 })
  const mayCreate = useMay('gate:create')
  const [creating, setCreating] = useState(false)
  const nowMs = useNow()
  const zone = useZone()
  const rows = gates.data?.data ?? []
  const enter = mayCreate && (
    <Button tone="primary" icon="plus" onClick={() => setCreating(true)}>
      Enter a gate
    </Button>
  )

  return (
    <Page title="Gates" acts={rows.length > 0 && enter}>
      {feed === 'reconnecting' && (
        <div role="status" className="mb-4">
          <Warning>Reconnecting; what is shown may be some seconds old.</Warning>
        </div>
      )}
      <div className="panel">
        {gates.isPending && <Waiting rows={4} />}
        {gates.isError && <Failed error={gates.error} retry={() => void gates.refetch()} />}
        {gates.data && rows.length === 0 && (
          <Empty title="No gates yet" act={enter}>
            A gate is a mini-PC and the doors it opens. Enter it here, then enrol the mini-PC with a code.
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            name="Gates"
            columns={columns(nowMs, zone)}
            rows={rows}
            rowKey={({ gateId }) => gateId}
            rowTo={({ gateId }) => `/gates/${gateId}`}
          />
        )}
      </div>
      <CreateGate open={creating} onClose={() => setCreating(false)} />
    </Page>
  )
}

function columns(nowMs: number, zone: Zone): readonly Column<Gate>[] {
  return [
    { name: 'Gate', cell: ({ name }) => <bdi>{name}</bdi> },
    {
      name: 'Short name',
      cell: ({ shortName }) => <span className="font-mono text-13">{shortName}</span>,
      className: 'w-32 hidden md:table-cell',
    },
    { name: 'Health', cell: gate => <GateMark gate={gate} />, className: 'w-32' },
    {
      name: 'What is wrong',
      cell: gate => <span className="text-warning">{wrong(gate, nowMs, zone)}</span>,
      className: 'hidden lg:table-cell',
    },
    {
      name: 'List',
      cell: ({ listVersion, listIssuedAt }) =>
        listVersion === null || listIssuedAt === null ? (
          <span className="text-muted">none yet</span>
        ) : (
          `version ${listVersion}, ${sayAge(nowMs - Date.parse(listIssuedAt))} old`
        ),
      className: 'w-48 hidden md:table-cell',
    },
    {
      name: 'Last scan',
      cell: ({ lastEventAt }) =>
        lastEventAt ? sayAgo(lastEventAt, nowMs) : <span className="text-muted">none yet</span>,
      className: 'w-36 hidden md:table-cell',
    },
  ]
}

function wrong(gate: Gate, nowMs: number, zone: Zone): string {
  if (!gate.enrolled) return 'No mini-PC yet: make a code and enrol it'
  if (!gate.online) return gate.since ? `Since ${sayMoment(gate.since, nowMs, zone)}` : 'Never seen'
  return troublesOf(gate).join('; ')
}
