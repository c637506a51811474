import { explain } from '@gatehouse/shared/decision/explain.ts'
import { REFUSALS } from '@gatehouse/shared/decision/refusals.ts'
import { EVENT_KINDS } from '@gatehouse/shared/events/record.ts'
import { exportAccessEvents } from '@gatehouse/shared/wire/api/exports.ts'
import { getStudent } from '@gatehouse/shared/wire/api/students.ts'
import { useQuery } from '@tanstack/react-query'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { useGateChoices } from '../live/use-gate-choices.ts'
import { KIND_WORDS } from '../live/words.ts'
import { fullName } from '../students/student-words.ts'
import { Button, Chip } from '../ui/button.tsx'
import { ExportButtons } from '../ui/export-buttons.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Address, useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { startOfDay, type Zone } from '../ui/when.ts'
import { EventTable } from './event-table.tsx'
import { useEventPages } from './use-event-pages.ts'

const FILTERS = ['search', 'gate', 'kind', 'refusal', 'from', 'to', 'student']
const DATE = /^\d{4}-\d{2}-\d{2}$/

export function EventsPage() {
  const address = useAddress()
  const zone = useZone()
  const days = useDays(address, zone)
  const filters = {
    gateId: address.get('gate'),
    kind: EVENT_KINDS.find(each => each === address.get('kind')),
    refusal: REFUSALS.find(each => each === address.get('refusal')),
    search: address.get('search'),
    studentId: address.get('student'),
    from: days.data?.from,
    to: days.data?.to,
  }
  const events = useEventPages(filters, days.data !== undefined)
  const lines = events.data?.pages.flatMap(page => page.data) ?? []
  const narrowed = FILTERS.some(name => address.get(name) !== undefined)

  return (
    <Page
      title="Events"
      acts={<ExportButtons route={exportAccessEvents} input={{ query: filters }} disabled={lines.length === 0} />}
    >
      <div className="panel">
        <Filters address={address} />
        {events.isPending && <Waiting rows={12} />}
        {events.isError && <Failed error={events.error} retry={() => void events.refetch()} />}
        {events.data && lines.length === 0 && <NoEvents narrowed={narrowed} address={address} />}
        {lines.length > 0 && <EventTable lines={lines} />}
        {lines.length > 0 && (
          <div className="flex items-center justify-between gap-4 border-line border-t px-4 py-2">
            <p className="text-13 text-muted">
              {lines.length.toLocaleString()} shown{events.hasNextPage ? '' : '; there are no more'}
            </p>
            {events.hasNextPage && (
              <Button busy={events.isFetchingNextPage && 'Fetching …'} onClick={() => void events.fetchNextPage()}>
                More
              </Button>
            )}
          </div>
        )}
      </div>
    </Page>
  )
}

/** Whole days of the school's zone, as the instants that the service asks for. */
function useDays(address: Address, { timeZone }: Zone) {
  const first = address.get('from')
  const last = address.get('to')
  return useQuery({
    queryKey: ['days', first, last, timeZone],
    queryFn: async () => ({
      from: first && DATE.test(first) ? await startOfDay(first, timeZone) : undefined,
      to: last && DATE.test(last) ? await startOfDay(last, timeZone, 1) : undefined,
    }),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

function Filters({ address }: { readonly address: Address }) {
  const gates = useGateChoices()
  return (
    <div className="border-line border-b px-4 py-3">
      <div className="flex flex-wrap items-end gap-3">
        <SearchField address={address} label="Holder’s name or number" />
        {address.get('student') && <OfStudent address={address} />}
      </div>
      <div className="mt-3 grid grid-cols-2 gap-3 lg:grid-cols-5">
        <Choice
          label="Gate"
          value={address.get('gate') ?? ''}
          onChange={event => address.set({ gate: event.target.value })}
        >
          <option value="">All gates</option>
          {gates.map(({ gateId, name }) => (
            <option key={gateId} value={gateId}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice
          label="What happened"
          value={address.get('kind') ?? ''}
          onChange={event => address.set({ kind: event.target.value })}
        >
          <option value="">Everything</option>
          {EVENT_KINDS.map(kind => (
            <option key={kind} value={kind}>
              {KIND_WORDS[kind]}
            </option>
          ))}
        </Choice>
        <Choice
          label="Refused because"
          value={address.get('refusal') ?? ''}
          onChange={event => address.set({ refusal: event.target.value })}
        >
          <option value="">Any reason</option>
          {REFUSALS.map(refusal => (
            <option key={refusal} value={refusal}>
              {explain(refusal).visitor}
            </option>
          ))}
        </Choice>
        <Field
          label="From"
          type="date"
          value={address.get('from') ?? ''}
          onChange={event => address.set({ from: event.target.value })}
        />
        <Field
          label="To the end of"
          type="date"
          value={address.get('to') ?? ''}
          onChange={event => address.set({ to: event.target.value })}
        />
      </div>
    </div>
  )
}

function OfStudent({ address }: { readonly address: Address }) {
  const studentId = address.get('student') ?? ''
  const student = useAsk(getStudent, { params: { studentId } }, { enabled: useMay('student:read') })
  return (
    <Chip on onPress={() => address.set({ student: null })}>
      <bdi>{student.data ? fullName(student.data.data) : 'One student'}</bdi>
      <span className="text-muted">× show all</span>
    </Chip>
  )
}

function NoEvents({ narrowed, address }: { readonly narrowed: boolean; readonly address: Address }) {
  if (!narrowed) {
    return (
      <Empty title="Nothing has happened yet">
        Every scan, opened door and alarm at a gate is kept here, from the first one on.
      </Empty>
    )
  }
  const clear = () => address.set(Object.fromEntries(FILTERS.map(name => [name, null])))
  return (
    <Empty title="No event fits" act={<Button onClick={clear}>Show all events</Button>}>
      Try other days, another gate, or a part of the name.
    </Empty>
  )
}
