import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { lineKey } from '../live/lines.ts'
import { KIND_WORDS, outcomeOf, who, why } from '../live/words.ts'
import { holderPath } from '../ui/holder-path.ts'
import { OUTCOME_TEXT, Shape } from '../ui/shape.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment, sayTime, type Zone } from '../ui/when.ts'

const NOW_MS = 60_000

/** What happened at gates, one line each. */
export function EventTable({
  lines,
  withHolder = true,
  withGate = true,
}: {
  readonly lines: readonly AccessLine[]
  readonly withHolder?: boolean
  readonly withGate?: boolean
}) {
  const nowMs = useNow(NOW_MS)
  const zone = useZone()
  const mayRead = useMay('student:read')
  return (
    <Table
      name="Events, newest first"
      columns={columns({ withHolder, withGate, mayRead, nowMs, zone })}
      rows={lines}
      rowKey={lineKey}
    />
  )
}

function columns({
  withHolder,
  withGate,
  mayRead,
  nowMs,
  zone,
}: {
  readonly withHolder: boolean
  readonly withGate: boolean
  readonly mayRead: boolean
  readonly nowMs: number
  readonly zone: Zone
}): readonly Column<AccessLine>[] {
  return [
    {
      name: 'What',
      cell: line => (
        <span className="flex items-center gap-2">
          <Shape outcome={outcomeOf(line)} className="size-4" />
          <span className={`truncate font-medium ${OUTCOME_TEXT[outcomeOf(line)]}`}>{KIND_WORDS[line.kind]}</span>
        </span>
      ),
      className: 'w-28 md:w-44',
    },
    ...(withHolder ? [holder(mayRead)] : []),
    {
      name: 'Where',
      cell: ({ gateName, laneName }) => (
        <bdi>{withGate ? [gateName, laneName].filter(Boolean).join(', ') : (laneName ?? gateName)}</bdi>
      ),
      ...(withHolder ? { className: 'hidden md:table-cell' } : {}),
    },
    { name: 'Why', cell: line => <span className="text-muted">{why(line)}</span>, className: 'hidden lg:table-cell' },
    {
      name: 'When',
      cell: ({ at }) => (
        <time dateTime={at} title={sayTime(at, zone)}>
          {sayMoment(at, nowMs, zone)}
        </time>
      ),
      className: 'w-26 md:w-36',
    },
  ]
}

function holder(mayRead: boolean): Column<AccessLine> {
  return {
    name: 'Who',
    cell: line =>
      mayRead && holderPath(line.holder) !== null ? (
        <Link data-row to={holderPath(line.holder)!} className="font-medium hover:underline">
          <bdi>{line.holder?.name}</bdi>
        </Link>
      ) : (
        <bdi className="text-muted">{who(line)}</bdi>
      ),
  }
}
