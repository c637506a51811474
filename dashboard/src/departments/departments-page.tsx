import { type Department, listDepartments } from '@gatehouse/shared/wire/api/departments.ts'
import { useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Button } from '../ui/button.tsx'
import { ListTools } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, type Zone } from '../ui/when.ts'
import { DepartmentForm } from './department-form.tsx'

/** So few are seen at a glance. */
const SEARCHED_FROM = 12

/** The departments that students are of: they say which access level is proposed, and lists are narrowed by them. */
export function DepartmentsPage() {
  const departments = useAsk(listDepartments, {})
  const mayWrite = useMay('settings:update')
  const [adding, setAdding] = useState(false)
  const address = useAddress()
  const zone = useZone()
  const all = departments.data?.data ?? []
  const search = address.get('search')?.toLocaleLowerCase() ?? ''
  const rows = all.filter(({ name }) => name.toLocaleLowerCase().includes(search))
  const opened = all.find(({ id }) => id === address.get('open')) ?? null
  const close = () => address.set({ open: null }, true)
  const add = mayWrite && (
    <Button tone="primary" icon="plus" onClick={() => setAdding(true)}>
      New department
    </Button>
  )
  return (
    <Page title="Departments" acts={all.length > 0 && add}>
      <div className="panel">
        {all.length > SEARCHED_FROM && (
          <ListTools>
            <SearchField address={address} label="Name of a department" />
          </ListTools>
        )}
        {departments.isPending && <Waiting rows={6} />}
        {departments.isError && <Failed error={departments.error} retry={() => void departments.refetch()} />}
        {departments.data && all.length === 0 && (
          <Empty title="No departments yet" act={add}>
            Students are of a department, and a department can have an access level of its own. An import enters the
            ones it finds.
          </Empty>
        )}
        {all.length > 0 && rows.length === 0 && (
          <Empty
            title="No department fits"
            act={<Button onClick={() => address.set({ search: null })}>Show all</Button>}
          />
        )}
        {rows.length > 0 && (
          <Table
            name="Departments"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={mayWrite ? ({ id }) => address.with('open', id) : () => null}
          />
        )}
      </div>
      <DepartmentForm open={adding} department={null} others={all} onClose={() => setAdding(false)} />
      <DepartmentForm
        key={opened?.id}
        open={opened !== null && mayWrite}
        department={opened}
        others={all.filter(({ id }) => id !== opened?.id)}
        onClose={close}
      />
    </Page>
  )
}

function columns(zone: Zone): readonly Column<Department>[] {
  return [
    { name: 'Name', cell: ({ name }) => <bdi>{name}</bdi> },
    {
      name: 'Students',
      cell: ({ id, studentCount }) => (
        // Above the link that covers its row.
        <Link to={`/students?department=${id}`} className="quiet-link relative z-1">
          {studentCount.toLocaleString()}
        </Link>
      ),
      className: 'w-28',
    },
    {
      name: 'Changed',
      cell: ({ updatedAt }) => <span className="text-muted">{sayDay(updatedAt, zone)}</span>,
      className: 'w-36 hidden md:table-cell',
    },
  ]
}
