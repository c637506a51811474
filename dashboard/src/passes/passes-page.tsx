import { exportPasses } from '@gatehouse/shared/wire/api/exports.ts'
import { getPass, listPasses, type Pass } from '@gatehouse/shared/wire/api/passes.ts'
import { type ReactNode, useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { TICKED_MAX, useTicked } from '../students/ticked.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { ExportButtons } from '../ui/export-buttons.tsx'
import { ListFrame, ListTools, SidePanel } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting, Warning } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayLastDay, type Zone } from '../ui/when.ts'
import { IssuePass } from './issue-pass.tsx'
import { PassDetails } from './pass-details.tsx'
import { PASS_STATUS_TONES, PASS_STATUS_WORDS, PASS_STATUSES, statusOf } from './pass-words.ts'
import { RenewMany } from './renew-many.tsx'

export function PassesPage() {
  const address = useAddress()
  const zone = useZone()
  const mayIssue = useMay('pass:create')
  const mayRenew = useMay('pass:update')
  const [issuing, setIssuing] = useState(false)
  const [renewing, setRenewing] = useState<'ticked' | 'some' | null>(null)
  const ticked = useTicked()
  const status = PASS_STATUSES.find(known => known === address.get('status'))
  const search = address.get('search')
  const passes = useAsk(listPasses, { query: { page: pageOf(address), search, status } }, { keep: true })
  const rows = passes.data?.data ?? []
  const opened = address.get('open')

  return (
    <Page
      title="Passes"
      acts={
        <>
          <ExportButtons route={exportPasses} input={{ query: { search, status } }} disabled={rows.length === 0} />
          {mayRenew && (
            <Button disabled={rows.length === 0} onClick={() => setRenewing('some')}>
              Renew passes
            </Button>
          )}
          {mayIssue && (
            <Button tone="primary" icon="plus" onClick={() => setIssuing(true)}>
              Issue a pass
            </Button>
          )}
        </>
      }
    >
      <ListFrame side={opened && <OpenPass passId={opened} />}>
        <ListTools>
          <SearchField address={address} label="Holder or pass number" />
          <Chips name="Status">
            <Chip on={status === undefined} onPress={() => address.set({ status: null })}>
              All
            </Chip>
            {PASS_STATUSES.map(each => (
              <Chip key={each} on={status === each} onPress={() => address.set({ status: each })}>
                {PASS_STATUS_WORDS[each]}
              </Chip>
            ))}
          </Chips>
        </ListTools>
        {passes.isPending && <Waiting rows={12} />}
        {passes.isError && <Failed error={passes.error} retry={() => void passes.refetch()} />}
        {passes.data && rows.length === 0 && (
          <NoPasses
            narrowed={search !== undefined || status !== undefined}
            clear={() => address.set({ search: null, status: null })}
            issue={mayIssue && <Button onClick={() => setIssuing(true)}>Issue a pass</Button>}
          />
        )}
        {rows.length > 0 && (
          <Table
            name="Passes, newest first"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ passId }) => passId}
            rowTo={({ passId }) => address.with('open', passId)}
            openKey={opened}
            ticks={mayRenew ? { ticked: ticked.ids, onTick: ticked.put, nameOf: sayPass } : undefined}
          />
        )}
        {ticked.ids.size > 0 && (
          <TickedPasses count={ticked.ids.size} onClear={ticked.clear} onRenew={() => setRenewing('ticked')} />
        )}
        <Pager pagination={passes.data?.pagination ?? null} address={address} />
      </ListFrame>
      {renewing !== null && (
        <RenewMany
          passIds={renewing === 'ticked' ? [...ticked.ids] : null}
          onClose={() => setRenewing(null)}
          onRenewed={ticked.clear}
        />
      )}
      <IssuePass open={issuing} onClose={() => setIssuing(false)} student={null} />
    </Page>
  )
}

function columns(zone: Zone): readonly Column<Pass>[] {
  return [
    { name: 'Holder', cell: ({ holder }) => <bdi>{holder.name}</bdi> },
    { name: 'Pass', cell: ({ serial }) => serial, className: 'w-24 hidden md:table-cell' },
    {
      name: 'Status',
      cell: pass => <Badge tone={PASS_STATUS_TONES[statusOf(pass)]}>{PASS_STATUS_WORDS[statusOf(pass)]}</Badge>,
      className: 'w-28 md:w-32',
    },
    {
      name: 'Opens',
      cell: ({ groups }) => <bdi className="text-muted">{groups.map(({ name }) => name).join(', ')}</bdi>,
      className: 'hidden lg:table-cell',
    },
    { name: 'Cards', cell: ({ credentials }) => credentials.length, className: 'w-20 hidden md:table-cell' },
    { name: 'Until', cell: ({ expires }) => sayLastDay(expires, zone), className: 'w-36 hidden md:table-cell' },
  ]
}

const sayPass = ({ serial, holder }: Pass) => `pass ${serial} of ${holder.name}`

/** What can be done with the passes that are ticked; it comes with the first. */
function TickedPasses({
  count,
  onClear,
  onRenew,
}: {
  readonly count: number
  readonly onClear: () => void
  readonly onRenew: () => void
}) {
  const tooMany = count > TICKED_MAX
  return (
    <div className="sticky bottom-14 z-20 flex flex-wrap items-center gap-2 border-line border-t bg-surface px-4 py-2 md:bottom-0">
      <p role="status" className="mr-auto font-medium">
        {countWords(count, 'pass', 'passes')} ticked
      </p>
      {tooMany && <Warning>At most {TICKED_MAX.toLocaleString()} by name. Renew them by kind and end.</Warning>}
      <Button onClick={onClear}>Tick none</Button>
      <Button tone="primary" disabled={tooMany} onClick={onRenew}>
        Renew them
      </Button>
    </div>
  )
}

function OpenPass({ passId }: { readonly passId: string }) {
  const pass = useAsk(getPass, { params: { passId } })
  return (
    <SidePanel title={pass.data ? pass.data.data.holder.name : 'Pass'}>
      {pass.isPending && <Waiting rows={4} />}
      {pass.isError && <Failed error={pass.error} retry={() => void pass.refetch()} />}
      {pass.data && <PassDetails pass={pass.data.data} withHolder />}
    </SidePanel>
  )
}

function NoPasses({
  narrowed,
  clear,
  issue,
}: {
  readonly narrowed: boolean
  readonly clear: () => void
  readonly issue: ReactNode
}) {
  if (narrowed) {
    return (
      <Empty title="No pass fits" act={<Button onClick={clear}>Show all passes</Button>}>
        Try a part of the holder’s name, the number on the pass, or another status.
      </Empty>
    )
  }
  return (
    <Empty title="No passes yet" act={issue}>
      A pass opens entrances for its holder, by card or by code. Issue the first one.
    </Empty>
  )
}
