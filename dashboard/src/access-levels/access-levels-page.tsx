import { type AccessLevel, listAccessLevels } from '@gatehouse/shared/wire/api/access-levels.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { capital } from '../passes/pass-words.ts'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { ListTools } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { DefaultsPanel } from './defaults-panel.tsx'
import { LevelForm } from './level-form.tsx'

/** Named sets of groups, hours and kind, and which of them new passes take. */
export function AccessLevelsPage() {
  const address = useAddress()
  const isArchived = address.get('show') === 'archived'
  const levels = useAsk(listAccessLevels, { query: { archived: isArchived ? 'true' : 'false' } })
  const mayWrite = useMay('settings:update')
  const [adding, setAdding] = useState(false)
  const rows = levels.data?.data ?? []
  const opened = rows.find(({ id }) => id === address.get('open')) ?? null
  const add = mayWrite && (
    <Button tone="primary" icon="plus" onClick={() => setAdding(true)}>
      New access level
    </Button>
  )
  return (
    <Page title="Access levels" acts={(rows.length > 0 || isArchived) && add}>
      <div className="flex flex-col gap-4">
        <div className="panel">
          <ListTools>
            <Chips name="Which levels">
              <Chip on={!isArchived} onPress={() => address.set({ show: null, open: null })}>
                In use
              </Chip>
              <Chip on={isArchived} onPress={() => address.set({ show: 'archived', open: null })}>
                Archived
              </Chip>
            </Chips>
          </ListTools>
          {levels.isPending && <Waiting rows={6} />}
          {levels.isError && <Failed error={levels.error} retry={() => void levels.refetch()} />}
          {levels.data && rows.length === 0 && !isArchived && (
            <Empty title="No access levels yet" act={add}>
              A level says in one name what a pass opens and when: “Student, weekdays”. Change the level, and every pass
              that follows it changes with it.
            </Empty>
          )}
          {levels.data && rows.length === 0 && isArchived && (
            <Empty title="None is archived">Levels that are given to nobody any more are kept here.</Empty>
          )}
          {rows.length > 0 && (
            <Table
              name="Access levels"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ id }) => id}
              rowTo={mayWrite ? ({ id }) => address.with('open', id) : () => null}
            />
          )}
        </div>
        {!isArchived && rows.length > 0 && <DefaultsPanel levels={rows} mayWrite={mayWrite} />}
      </div>
      <LevelForm open={adding} level={null} onClose={() => setAdding(false)} />
      <LevelForm
        key={opened?.id}
        open={opened !== null && mayWrite}
        level={opened}
        onClose={() => address.set({ open: null }, true)}
      />
    </Page>
  )
}

const COLUMNS: readonly Column<AccessLevel>[] = [
  { name: 'Level', cell: ({ name }) => <bdi>{name}</bdi> },
  { name: 'Kind', cell: level => capital(level.class), className: 'w-28 hidden md:table-cell' },
  {
    name: 'Groups',
    cell: ({ groups }) => (
      <bdi className="text-muted" title={groups.map(({ name }) => name).join('\n')}>
        {groups.map(({ name }) => name).join(', ')}
      </bdi>
    ),
    className: 'hidden md:table-cell',
  },
  {
    name: 'Hours',
    cell: ({ profileName }) => <bdi className="text-muted">{profileName ?? 'Always'}</bdi>,
    className: 'w-48 hidden lg:table-cell',
  },
  { name: 'Passes', cell: ({ passes }) => passes.toLocaleString('en'), className: 'w-20 md:w-28' },
]
