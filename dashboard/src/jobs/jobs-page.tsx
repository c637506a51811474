import { JOB_STATES, type Job, jobsSummary, listJobs } from '@gatehouse/shared/wire/api/jobs.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { ListFrame, ListTools, SidePanel } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useNow } from '../ui/use-now.ts'
import { sayAgo } from '../ui/when.ts'
import { JobDetails } from './job-details.tsx'
import { JOB_STATE_TONES, JOB_STATE_WORDS, sayProgress } from './job-words.ts'

/** Somebody who looks at a job wants to see it move. */
const LOOK_EVERY_MS = 2_000

/** What the service does in the background, and what it gave up. */
export function JobsPage() {
  const address = useAddress()
  const nowMs = useNow(5_000)
  const state = JOB_STATES.find(known => known === address.get('state'))
  const jobs = useAsk(listJobs, { query: { page: pageOf(address), state } }, { keep: true, refetchMs: LOOK_EVERY_MS })
  const summary = useAsk(jobsSummary, {}, { refetchMs: LOOK_EVERY_MS })
  const rows = jobs.data?.data ?? []
  const opened = address.get('open')

  return (
    <Page title="Jobs">
      <ListFrame
        side={
          opened && (
            <SidePanel title={rows.find(({ id }) => id === opened)?.title ?? 'Job'}>
              <JobDetails jobId={opened} />
            </SidePanel>
          )
        }
      >
        <ListTools>
          <Chips name="State">
            <Chip on={state === undefined} onPress={() => address.set({ state: null })}>
              All
            </Chip>
            {JOB_STATES.map(each => (
              <Chip key={each} on={state === each} onPress={() => address.set({ state: each })}>
                {JOB_STATE_WORDS[each]} {summary.data?.data[each].toLocaleString()}
              </Chip>
            ))}
          </Chips>
        </ListTools>
        {jobs.isPending && <Waiting rows={8} />}
        {jobs.isError && <Failed error={jobs.error} retry={() => void jobs.refetch()} />}
        {jobs.data && rows.length === 0 && (
          <NoJobs narrowed={state !== undefined} clear={() => address.set({ state: null })} />
        )}
        {rows.length > 0 && (
          <Table
            name="Jobs, newest first"
            columns={columns(nowMs)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => address.with('open', id)}
            openKey={opened}
          />
        )}
        <Pager pagination={jobs.data?.pagination ?? null} address={address} />
      </ListFrame>
    </Page>
  )
}

function columns(nowMs: number): readonly Column<Job>[] {
  return [
    { name: 'What', cell: ({ title }) => <bdi>{title}</bdi> },
    {
      name: 'State',
      cell: ({ state, cancelAsked }) => (
        <Badge tone={JOB_STATE_TONES[state]}>{cancelAsked ? 'Stopping' : JOB_STATE_WORDS[state]}</Badge>
      ),
      className: 'w-28 md:w-32',
    },
    {
      name: 'How far',
      cell: ({ progress, error, state }) =>
        error !== null && state !== 'done' ? <bdi className="text-refused">{error}</bdi> : sayProgress(progress),
      className: 'hidden md:table-cell',
    },
    {
      name: 'By',
      cell: ({ madeBy }) => <bdi className="text-muted">{madeBy?.name ?? 'Gatehouse'}</bdi>,
      className: 'w-40 hidden lg:table-cell',
    },
    {
      name: 'Asked for',
      cell: ({ madeAt }) => <span className="text-muted">{sayAgo(madeAt, nowMs)}</span>,
      className: 'w-36 hidden lg:table-cell',
    },
  ]
}

function NoJobs({ narrowed, clear }: { readonly narrowed: boolean; readonly clear: () => void }) {
  if (narrowed) return <Empty title="No job is in this state" act={<Button onClick={clear}>Show all jobs</Button>} />
  return (
    <Empty title="Nothing to do">
      What takes long is done here in the background: imports, mail, invitations. What is done stays for a week, and
      what failed until somebody deals with it.
    </Empty>
  )
}
