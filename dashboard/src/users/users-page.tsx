import { listUsers, type UserAccount } from '@gatehouse/shared/wire/api/users.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { ListFrame, ListTools, SidePanel } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, type Zone } from '../ui/when.ts'
import { ROLE_SHORT } from './role-words.ts'
import { UserForm } from './user-form.tsx'
import { UserPanel } from './user-panel.tsx'

const SORTS = ['name', '-name', 'email', '-email', 'createdAt', '-createdAt'] as const
/** A super_admin is of no school, so in no list of one. */
const LISTED: readonly Role[] = ['school_admin', 'staff', 'security', 'facilities', 'student']

/** Everybody of the school who can sign in, and what each may. */
export function UsersPage() {
  const address = useAddress()
  const zone = useZone()
  const mayCreate = useMay('user:create')
  const [entering, setEntering] = useState(false)
  const role = LISTED.find(known => known === address.get('role'))
  const active = address.get('active') === 'false' ? ('false' as const) : undefined
  const sort = SORTS.find(known => known === address.get('sort')) ?? 'name'
  const search = address.get('search')
  const users = useAsk(listUsers, { query: { page: pageOf(address), search, role, active, sort } }, { keep: true })
  const rows = users.data?.data ?? []
  const opened = address.get('open')
  const enter = mayCreate && (
    <Button tone="primary" icon="plus" onClick={() => setEntering(true)}>
      Enter somebody
    </Button>
  )
  return (
    <Page title="People" acts={enter}>
      <ListFrame
        side={
          opened && (
            <SidePanel title={rows.find(({ id }) => id === opened)?.displayName ?? 'Somebody'}>
              <UserPanel key={opened} userId={opened} onGone={() => address.set({ open: null }, true)} />
            </SidePanel>
          )
        }
      >
        <ListTools>
          <SearchField address={address} label="Name or e-mail" />
          <Chips name="Role">
            <Chip
              on={role === undefined && active === undefined}
              onPress={() => address.set({ role: null, active: null })}
            >
              All
            </Chip>
            {LISTED.map(each => (
              <Chip key={each} on={role === each} onPress={() => address.set({ role: role === each ? null : each })}>
                {ROLE_SHORT[each]}
              </Chip>
            ))}
            <Chip
              on={active !== undefined}
              onPress={() => address.set({ active: active === undefined ? 'false' : null })}
            >
              Without access
            </Chip>
          </Chips>
        </ListTools>
        {users.isPending && <Waiting rows={12} />}
        {users.isError && <Failed error={users.error} retry={() => void users.refetch()} />}
        {users.data && rows.length === 0 && (
          <Empty
            title="Nobody fits"
            act={
              <Button onClick={() => address.set({ search: null, role: null, active: null })}>Show everybody</Button>
            }
          >
            Try a part of the name or the e-mail address, or another role.
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            name="People who can sign in"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => address.with('open', id)}
            openKey={opened}
            sort={sort}
            onSort={next => address.set({ sort: next })}
          />
        )}
        <Pager pagination={users.data?.pagination ?? null} address={address} />
      </ListFrame>
      <UserForm open={entering} onClose={() => setEntering(false)} user={null} />
    </Page>
  )
}

function columns(zone: Zone): readonly Column<UserAccount>[] {
  return [
    { name: 'Name', sort: 'name', cell: ({ displayName }) => <bdi>{displayName}</bdi> },
    {
      name: 'E-mail',
      sort: 'email',
      cell: ({ email }) => <bdi className="text-muted">{email}</bdi>,
      className: 'hidden md:table-cell',
    },
    { name: 'Role', cell: user => <RoleCell user={user} />, className: 'w-32 md:w-36' },
    {
      name: 'Access',
      cell: ({ active }) => <Access active={active} />,
      className: 'w-24 hidden md:table-cell',
    },
    {
      name: 'Entered',
      sort: 'createdAt',
      cell: ({ createdAt }) => <span className="text-muted">{sayDay(createdAt, zone)}</span>,
      className: 'w-36 hidden lg:table-cell',
    },
  ]
}

/** A phone has no room for both: there the missing access is said in place of the role. */
function RoleCell({ user: { role, active } }: { readonly user: UserAccount }) {
  if (active) return ROLE_SHORT[role]
  return (
    <>
      <span className="max-md:hidden">{ROLE_SHORT[role]}</span>
      <span className="md:hidden">
        <Badge tone="quiet">No access</Badge>
      </span>
    </>
  )
}

function Access({ active }: { readonly active: boolean }) {
  return <Badge tone={active ? 'granted' : 'quiet'}>{active ? 'Yes' : 'None'}</Badge>
}
