import { cancelJob, getJob, type Job, retryJob } from '@gatehouse/shared/wire/api/jobs.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'
import { JOB_STATE_TONES, JOB_STATE_WORDS, sayProgress, shareDone } from './job-words.ts'

export function JobDetails({ jobId }: { readonly jobId: string }) {
  const job = useAsk(getJob, { params: { jobId } }, { refetchMs: 2_000 })
  if (job.isPending) return <Waiting rows={5} />
  if (job.isError) return <Failed error={job.error} retry={() => void job.refetch()} />
  return <Details job={job.data.data} />
}

function Details({ job }: { readonly job: Job }) {
  const nowMs = useNow()
  const zone = useZone()
  const moment = (at: string) => sayMoment(at, nowMs, zone)
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center gap-3">
        <Badge tone={JOB_STATE_TONES[job.state]}>{job.cancelAsked ? 'Stopping' : JOB_STATE_WORDS[job.state]}</Badge>
        <span>{sayProgress(job.progress)}</span>
      </div>
      <Bar job={job} />
      {job.error !== null && job.state !== 'done' && (
        <p className="rounded-6 bg-refused-on px-3 py-2 break-words text-refused" dir="auto">
          {job.error}
        </p>
      )}
      <Acts job={job} />
      <Facts>
        <Fact name="Asked for by">
          <bdi>{job.madeBy?.name ?? 'Gatehouse'}</bdi>
        </Fact>
        <Fact name="Asked for">{moment(job.madeAt)}</Fact>
        {job.state === 'waiting' && <Fact name="Not before">{moment(job.runAfter)}</Fact>}
        {job.startedAt && <Fact name="Begun">{moment(job.startedAt)}</Fact>}
        {job.endedAt && <Fact name="Ended">{moment(job.endedAt)}</Fact>}
        <Fact name="Tries">{job.tries}</Fact>
        {Object.entries(job.result ?? {})
          .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
          .map(([name, value]) => (
            <Fact key={name} name={name}>
              <bdi>{String(value)}</bdi>
            </Fact>
          ))}
      </Facts>
    </div>
  )
}

function Bar({ job }: { readonly job: Job }) {
  const share = shareDone(job.progress)
  if (job.state !== 'running' || share === null) return null
  return (
    <progress className="h-2 w-full accent-accent" max={1} value={share} aria-label="How far">
      {Math.round(share * 100)} %
    </progress>
  )
}

/** What can be done about it, and what that does. */
function Acts({ job }: { readonly job: Job }) {
  const may = useMay('job:manage')
  const cancel = useDo(cancelJob, ['outbox'])
  const retry = useDo(retryJob, ['outbox'])
  const say = useSay()
  if (!may || job.state === 'done' || job.state === 'cancelled') return null
  const params = { jobId: job.id }
  const failed = job.state === 'failed'
  return (
    <div className="flex flex-col gap-2">
      <Problem error={cancel.error ?? retry.error} />
      <div className="flex flex-wrap gap-2">
        {failed && (
          <Button
            tone="primary"
            busy={retry.isPending && 'Asking …'}
            onClick={() =>
              retry.mutate({ params }, { onSuccess: () => say({ text: 'It is done again from the start' }) })
            }
          >
            Do it again
          </Button>
        )}
        <Button
          disabled={job.cancelAsked}
          busy={cancel.isPending && 'Asking …'}
          onClick={() =>
            cancel.mutate({ params }, { onSuccess: () => say({ text: failed ? 'Put away' : 'Asked to stop' }) })
          }
        >
          {failed ? 'Put it away' : 'Cancel'}
        </Button>
      </div>
      <p className="text-13 text-muted">
        {failed
          ? 'Put away, it is kept a week more and then gone.'
          : 'What it has done stays done; what is left is not begun.'}
      </p>
    </div>
  )
}
