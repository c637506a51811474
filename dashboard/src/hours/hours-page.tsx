import { listHolidays } from '@gatehouse/shared/wire/api/holidays.ts'
import { listProfiles, type TimeProfile } from '@gatehouse/shared/wire/api/profiles.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { DaysPanel } from './days-panel.tsx'
import { ProfileForm } from './profile-form.tsx'
import { hoursWords, WeekBars } from './week-bars.tsx'

/** When passes open: hours of the week, and the days that are otherwise. */
export function HoursPage() {
  const profiles = useAsk(listProfiles, {})
  const holidays = useAsk(listHolidays, {})
  const mayWrite = useMay('settings:update')
  const [adding, setAdding] = useState(false)
  const address = useAddress()
  const rows = profiles.data?.data ?? []
  const opened = rows.find(({ number }) => String(number) === address.get('open')) ?? null
  const add = mayWrite && (
    <Button tone="primary" icon="plus" onClick={() => setAdding(true)}>
      New hours
    </Button>
  )
  return (
    <Page title="Hours and days" acts={rows.length > 0 && add}>
      <div className="flex flex-col gap-4">
        <div className="panel">
          {profiles.isPending && <Waiting rows={4} />}
          {profiles.isError && <Failed error={profiles.error} retry={() => void profiles.refetch()} />}
          {profiles.data && rows.length === 0 && (
            <Empty title="No hours yet" act={add}>
              A pass without hours opens at any time. Enter hours of the week where some passes should open only then.
            </Empty>
          )}
          {rows.length > 0 && (
            <Table
              name="Hours"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ number }) => String(number)}
              rowTo={mayWrite ? ({ number }) => address.with('open', String(number)) : () => null}
            />
          )}
        </div>
        <DaysPanel holidays={holidays} mayWrite={mayWrite} />
      </div>
      <ProfileForm open={adding} profile={null} onClose={() => setAdding(false)} />
      <ProfileForm
        key={opened?.number}
        open={opened !== null && mayWrite}
        profile={opened}
        onClose={() => address.set({ open: null }, true)}
      />
    </Page>
  )
}

const COLUMNS: readonly Column<TimeProfile>[] = [
  { name: 'Hours', cell: ({ name }) => <bdi>{name}</bdi> },
  { name: 'Week', cell: ({ windows }) => <WeekBars windows={windows} />, className: 'w-64 hidden md:table-cell' },
  {
    name: 'On holidays',
    cell: ({ onHolidays }) => (
      <span className="text-muted">{onHolidays.length === 0 ? 'closed' : hoursWords(onHolidays)}</span>
    ),
    className: 'w-40 hidden lg:table-cell',
  },
  { name: 'Passes', cell: ({ passes }) => passes.toLocaleString('en'), className: 'w-20 md:w-28' },
  { name: 'Levels', cell: ({ levels }) => levels, className: 'w-24 hidden md:table-cell' },
]
