import { type Group, listGroups } from '@gatehouse/shared/wire/api/groups.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { GroupForm } from './group-form.tsx'

/** As many as a pass has bits for. */
const GROUPS_MAX = 31

/** Access points that are granted together. */
export function GroupsPage() {
  const groups = useAsk(listGroups, {})
  const mayWrite = useMay('settings:update')
  const [adding, setAdding] = useState(false)
  const address = useAddress()
  const rows = groups.data?.data ?? []
  const opened = rows.find(({ number }) => String(number) === address.get('open')) ?? null
  const add = mayWrite && (
    <Button tone="primary" icon="plus" disabled={rows.length >= GROUPS_MAX} onClick={() => setAdding(true)}>
      New group
    </Button>
  )
  return (
    <Page title="Groups" acts={rows.length > 0 && add}>
      <div className="panel">
        {groups.isPending && <Waiting rows={6} />}
        {groups.isError && <Failed error={groups.error} retry={() => void groups.refetch()} />}
        {groups.data && rows.length === 0 && (
          <Empty title="No groups yet" act={add}>
            A group is a set of access points that are granted together: the campus, the laboratories, the car park.
            Enter a gate first, then say which of its access points belong together.
          </Empty>
        )}
        {rows.length > 0 && (
          <>
            <p className="border-line border-b px-4 py-3 text-muted">
              {rows.length} of {GROUPS_MAX} groups. A pass opens the access points of its groups.
            </p>
            <Table
              name="Groups"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ number }) => String(number)}
              rowTo={mayWrite ? ({ number }) => address.with('open', String(number)) : () => null}
            />
          </>
        )}
      </div>
      <GroupForm open={adding} group={null} onClose={() => setAdding(false)} />
      <GroupForm
        key={opened?.number}
        open={opened !== null && mayWrite}
        group={opened}
        onClose={() => address.set({ open: null }, true)}
      />
    </Page>
  )
}

const COLUMNS: readonly Column<Group>[] = [
  { name: 'Group', cell: ({ name }) => <bdi>{name}</bdi> },
  {
    name: 'Opens',
    cell: ({ accessPoints }) =>
      accessPoints.length === 0 ? (
        <span className="text-warning">nothing yet</span>
      ) : (
        <span className="text-muted" title={accessPoints.join('\n')}>
          {accessPoints.length === 1 ? <bdi>{accessPoints[0]}</bdi> : `${accessPoints.length} access points`}
        </span>
      ),
  },
  { name: 'Passes', cell: ({ passes }) => passes.toLocaleString('en'), className: 'w-20 md:w-28' },
  { name: 'Levels', cell: ({ levels }) => levels, className: 'w-24 hidden md:table-cell' },
  { name: 'Number', cell: ({ number }) => number, className: 'w-24 hidden lg:table-cell' },
]
