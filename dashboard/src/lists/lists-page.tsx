import type { PendingList } from '@gatehouse/shared/wire/api/lists.ts'
import { useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { Page } from '../frame/page.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAge, sayMoment } from '../ui/when.ts'
import { ApproveHold } from './approve-hold.tsx'
import { partsOf, sayEffect, sayMakers, sayUsed } from './hold-words.ts'
import { useWaitingLists } from './use-waiting-lists.ts'

/** Changes that take more than the school lets through at once, until a second administrator lets them go. */
export function ListsPage() {
  const waiting = useWaitingLists()
  const rows = waiting.data?.data ?? []
  return (
    <Page title="Waiting changes">
      {waiting.isPending && (
        <div className="panel">
          <Waiting rows={4} />
        </div>
      )}
      {waiting.isError && (
        <div className="panel">
          <Failed error={waiting.error} retry={() => void waiting.refetch()} />
        </div>
      )}
      {waiting.data && rows.length === 0 && <NothingWaits />}
      <div className="flex flex-col gap-4">
        {rows.map(hold => (
          <Held key={hold.id} hold={hold} />
        ))}
      </div>
    </Page>
  )
}

function NothingWaits() {
  const mayRead = useMay('settings:read')
  return (
    <div className="panel">
      <Empty title="Nothing waits">
        Every change has gone to the gates. One that would take more passes away at once than the school lets through
        waits here, so that a mistake or a stolen account cannot lock everybody out; a second administrator looks at it
        and lets it go.{' '}
        {mayRead && (
          <Link to="/settings/gate-rules" className="quiet-link">
            How much that is stands in the gate rules.
          </Link>
        )}
      </Empty>
    </div>
  )
}

function Held({ hold }: { readonly hold: PendingList }) {
  const [approving, setApproving] = useState(false)
  const nowMs = useNow()
  const zone = useZone()
  const { numbers, makers, madeAt, cannot } = hold
  return (
    <section aria-label={sayEffect(numbers)} className="panel">
      <div className="flex flex-wrap items-start justify-between gap-4 p-4">
        <div className="flex min-w-0 flex-col gap-2">
          <h2 className="text-20 font-strong">{sayEffect(numbers)}</h2>
          <ul className="list-disc pl-5">
            {partsOf(numbers).map(part => (
              <li key={part}>{part}</li>
            ))}
          </ul>
          <p>{sayUsed(numbers.usedToday)}</p>
          {numbers.byPolicy > 0 && <p>The table counts entrances; hours and printed codes are not in it.</p>}
          <p className="text-muted">
            By <bdi>{sayMakers(makers)}</bdi>; waits since {sayMoment(madeAt, nowMs, zone)} (
            {sayAge(nowMs - Date.parse(madeAt))}). The school lets through {numbers.limit} at once. The gates keep to
            what was before; other changes go out as always.
          </p>
        </div>
        {cannot === null && (
          <Button tone="primary" icon="check" onClick={() => setApproving(true)}>
            Let it go
          </Button>
        )}
      </div>
      {cannot !== null && <p className="border-line border-t px-4 py-3">{CANNOT_WORDS[cannot]}</p>}
      {numbers.gates.length > 0 && (
        <div className="border-line border-t">
          <Table
            name="Passes that open each gate, before and after"
            columns={GATE_COLUMNS}
            rows={numbers.gates}
            rowKey={({ gateId }) => gateId}
          />
        </div>
      )}
      {approving && <ApproveHold hold={hold} onClose={() => setApproving(false)} />}
    </section>
  )
}

const CANNOT_WORDS: Record<NonNullable<PendingList['cannot']>, string> = {
  is_maker:
    'You made one of these changes, so another administrator has to look at them. Undo what was not meant: what is undone no longer waits.',
  not_allowed: 'An administrator of the school can let it go.',
  approved_already: 'Let go by an administrator; the gates get it in a moment.',
}

type GateNumbers = PendingList['numbers']['gates'][number]

const GATE_COLUMNS: readonly Column<GateNumbers>[] = [
  { name: 'Gate', cell: ({ name }) => <bdi>{name}</bdi> },
  { name: 'Opens it now', cell: ({ before }) => before, className: 'w-28 md:w-48' },
  {
    name: 'Afterwards',
    cell: ({ before, after }) => <span className={after < before ? 'font-medium text-refused' : ''}>{after}</span>,
    className: 'w-28 md:w-48',
  },
]
