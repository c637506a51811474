import {
  beginApplication,
  getMyApplication,
  listMyApplications,
  type MyApplication,
} from '@gatehouse/shared/wire/api/applications.ts'
import { Link, useNavigate, useParams } from 'react-router'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDay } from '../ui/when.ts'
import { STATUS_TONES, STATUS_WORDS } from './application-words.ts'
import { ApplyForm } from './apply-form.tsx'

/** The checks may ask for documents some seconds after it was submitted. */
const LOOK_EVERY_MS = 5_000

const DONE: readonly MyApplication['status'][] = ['approved', 'rejected', 'withdrawn']

/** A student's own applications, and the way to a new one. */
export function ApplyPage() {
  const asked = useAsk(listMyApplications, {})
  const begin = useDo(beginApplication)
  const navigate = useNavigate()
  const zone = useZone()
  const rows = asked.data?.data ?? []
  const start = (
    <Button
      tone="primary"
      busy={begin.isPending && 'Beginning …'}
      onClick={() => begin.mutate({}, { onSuccess: ({ id }) => void navigate(`/apply/${id}`) })}
    >
      Apply for a pass
    </Button>
  )
  const mayBegin = rows.every(({ status }) => DONE.includes(status))
  return (
    <Page title="Apply" acts={rows.length > 0 && mayBegin && start}>
      <div className="panel mx-auto w-full max-w-[640px]">
        {asked.isPending && <Waiting rows={3} />}
        {asked.isError && <Failed error={asked.error} retry={() => void asked.refetch()} />}
        {asked.data && rows.length === 0 && (
          <Empty title="You have not applied yet" act={start}>
            Say who you are and hand in what the school asks for. You can stop at any time and go on later.
          </Empty>
        )}
        <Problem error={begin.error} />
        {rows.length > 0 && (
          <ul>
            {rows.map(({ id, status, begunAt }) => (
              <li key={id} className="flex min-h-11 items-center gap-3 border-line border-b px-4 py-2">
                <Link to={`/apply/${id}`} className="flex-1 underline">
                  Application of {sayDay(begunAt, zone)}
                </Link>
                <Badge tone={STATUS_TONES[status]}>{STATUS_WORDS[status]}</Badge>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Page>
  )
}

/** One application of one's own. */
export function MyApplicationPage() {
  const { applicationId = '' } = useParams()
  const asked = useAsk(getMyApplication, { params: { applicationId } }, { refetchMs: LOOK_EVERY_MS })
  const application = asked.data?.data
  return (
    <Page title={application?.form.title ?? 'Application'}>
      <div className="mx-auto w-full max-w-[640px]">
        {asked.isPending && <Waiting rows={6} />}
        {asked.isError && <Failed error={asked.error} retry={() => void asked.refetch()} />}
        {application && <ApplyForm key={application.id} application={application} />}
      </div>
    </Page>
  )
}
