import { HOLIDAYS_MAX, type Holiday, type listHolidays } from '@gatehouse/shared/wire/api/holidays.ts'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import type { Good } from '../api/use-api.ts'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { dateField, sayDate } from '../ui/when.ts'
import { CalendarUpload } from './calendar-upload.tsx'
import { DayForm } from './day-form.tsx'
import { opensWords } from './week-bars.tsx'

/** Days that are not like their weekday, the coming ones first shown alone. */
export function DaysPanel({
  holidays,
  mayWrite,
}: {
  readonly holidays: UseQueryResult<Good<typeof listHolidays>>
  readonly mayWrite: boolean
}) {
  const address = useAddress()
  const { timeZone } = useZone()
  const today = dateField(Date.now(), timeZone)
  const [doing, setDoing] = useState<'adding' | 'uploading' | null>(null)
  const all = holidays.data?.data ?? []
  const isPast = address.get('days') === 'all'
  const rows = isPast ? all : all.filter(({ date }) => date >= today)
  const opened = all.find(({ date }) => date === address.get('day')) ?? null
  const acts = mayWrite && (
    <div className="flex flex-wrap justify-center gap-2">
      <Button icon="plus" onClick={() => setDoing('adding')}>
        New day
      </Button>
      <Button icon="calendar" onClick={() => setDoing('uploading')}>
        From a calendar file
      </Button>
    </div>
  )
  return (
    <section aria-labelledby="days" className="panel">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3 border-line border-b px-4 py-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id="days" className="text-16 font-strong">
            Holidays and other days
          </h2>
          <p className="text-muted">
            On these days the hours of the week do not count. Passes without hours open as always.
          </p>
        </div>
        {all.length > 0 && acts}
      </div>
      {all.length > 0 && (
        <div className="flex flex-wrap items-center gap-3 border-line border-b px-4 py-3">
          <Chips name="Which days">
            <Chip on={!isPast} onPress={() => address.set({ days: null })}>
              To come
            </Chip>
            <Chip on={isPast} onPress={() => address.set({ days: 'all' })}>
              All
            </Chip>
          </Chips>
          <span className="text-13 text-muted">
            {all.length} of {HOLIDAYS_MAX} days
          </span>
        </div>
      )}
      {holidays.isPending && <Waiting rows={4} />}
      {holidays.isError && <Failed error={holidays.error} retry={() => void holidays.refetch()} />}
      {holidays.data && all.length === 0 && (
        <Empty title="No days yet" act={acts}>
          Every week is like the other. Enter holidays and days with hours of their own, or upload the school’s
          calendar.
        </Empty>
      )}
      {all.length > 0 && rows.length === 0 && <Empty title="No days to come">All that are entered are over.</Empty>}
      {rows.length > 0 && (
        <Table
          name="Holidays and other days"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ date }) => date}
          rowTo={mayWrite ? ({ date }) => address.with('day', date) : () => null}
        />
      )}
      <DayForm open={doing === 'adding'} day={null} onClose={() => setDoing(null)} />
      <DayForm
        key={opened?.date}
        open={opened !== null && mayWrite}
        day={opened}
        onClose={() => address.set({ day: null }, true)}
      />
      <CalendarUpload
        open={doing === 'uploading'}
        known={[...new Set(all.flatMap(({ calendar }) => calendar ?? []))]}
        onClose={() => setDoing(null)}
      />
    </section>
  )
}

const COLUMNS: readonly Column<Holiday>[] = [
  { name: 'Day', cell: ({ date }) => sayDate(date), className: 'w-32' },
  { name: 'Name', cell: ({ name }) => <bdi>{name}</bdi> },
  { name: 'Opens', cell: ({ hours }) => opensWords(hours), className: 'w-32 md:w-56' },
  {
    name: 'From',
    cell: ({ calendar }) => <bdi className="text-muted">{calendar ?? 'by hand'}</bdi>,
    className: 'w-48 hidden lg:table-cell',
  },
]
