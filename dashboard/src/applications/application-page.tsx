import {
  type ApplicationInFull,
  askDocuments,
  assignApplication,
  commentApplication,
  decideApplication,
  getApplication,
  recheckApplication,
} from '@gatehouse/shared/wire/api/applications.ts'
import { type ReactNode, useState } from 'react'
import { Link, useParams } from 'react-router'
import { useMay, useUser } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { LongField, Tick } from '../ui/field.tsx'
import { Fact } from '../ui/list-frame.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import {
  CHECK_STATE_TONES,
  CHECK_STATE_WORDS,
  CHECK_WORDS,
  STATUS_TONES,
  STATUS_WORDS,
  sayAnswer,
  sayFact,
} from './application-words.ts'
import { Entries } from './entries.tsx'
import { HandedInFile } from './handed-in-file.tsx'

const LOOK_EVERY_MS = 5_000
const LINKS = { student: '/students/', application: '/applications/', pass: '/passes?open=' } as const

/** One application as a reviewer sees it: who, what was found, what was said, and the decision. */
export function ApplicationPage() {
  const { applicationId = '' } = useParams()
  const asked = useAsk(getApplication, { params: { applicationId } }, { refetchMs: LOOK_EVERY_MS })
  const application = asked.data?.data
  return (
    <Page title={application ? `Application of ${application.student.name}` : 'Application'}>
      {asked.isPending && <Waiting rows={8} />}
      {asked.isError && <Failed error={asked.error} retry={() => void asked.refetch()} />}
      {application && (
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_380px]">
          <div className="flex min-w-0 flex-col gap-4">
            <Said application={application} />
            <Checks application={application} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <Decide application={application} />
            <Panel title="What happened">
              <Entries entries={application.entries} />
              <Comment application={application} />
            </Panel>
          </div>
        </div>
      )}
    </Page>
  )
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="panel flex flex-col gap-3 p-4">
      <h2 className="font-strong">{title}</h2>
      {children}
    </section>
  )
}

function Said({
  application: { student, form, answers, files, masked, status },
}: {
  readonly application: ApplicationInFull
}) {
  return (
    <Panel title={form.title}>
      <dl className="grid grid-cols-1 gap-x-4 md:grid-cols-[minmax(0,14rem)_minmax(0,1fr)] md:gap-y-2 [&>dd]:mb-3 md:[&>dd]:mb-0">
        <Fact name="Student">
          <Link to={`/students/${student.id}`} className="underline">
            <bdi>{student.name}</bdi>
          </Link>
          , {student.studentNumber}
        </Fact>
        <Fact name="Status">
          <Badge tone={STATUS_TONES[status]}>{STATUS_WORDS[status]}</Badge>
        </Fact>
        {form.fields.map(({ id, label, kind }) => {
          const file = files.find(({ field }) => field === id)
          const hidden = masked.includes(id) && answers[id] === undefined
          return (
            <Fact key={id} name={label}>
              {file ? (
                <HandedInFile file={file} isPhoto={kind === 'photo'} />
              ) : hidden ? (
                <span className="text-muted">Personal: not shown to you</span>
              ) : (
                <bdi>
                  {sayAnswer(typeof answers[id] === 'object' && !Array.isArray(answers[id]) ? null : answers[id])}
                </bdi>
              )}
            </Fact>
          )
        })}
      </dl>
    </Panel>
  )
}

function Checks({ application: { id, checks, form, decidedAt } }: { readonly application: ApplicationInFull }) {
  const again = useDo(recheckApplication, ['applications'])
  return (
    <Panel title="Checks">
      <ul className="flex flex-col gap-3">
        {checks.map(({ kind, state, read, findings }) => (
          <li key={kind}>
            <p className="flex items-center gap-2">
              {CHECK_WORDS[kind]} <Badge tone={CHECK_STATE_TONES[state]}>{CHECK_STATE_WORDS[state]}</Badge>
            </p>
            {findings.map(({ message, link }) => (
              <p key={`${message}${link?.id}`}>
                {link ? (
                  <Link to={`${LINKS[link.kind]}${link.id}`} className="underline">
                    {message}
                  </Link>
                ) : (
                  message
                )}
              </p>
            ))}
            {read.length > 0 && (
              <p className="text-13 text-muted">Read: {read.map(fact => sayFact(fact, form.fields)).join(', ')}</p>
            )}
          </li>
        ))}
      </ul>
      <Problem error={again.error} />
      {decidedAt === null && (
        <Button
          className="self-start"
          busy={again.isPending && 'Asking …'}
          onClick={() => again.mutate({ params: { applicationId: id }, body: {} })}
        >
          Check again
        </Button>
      )}
    </Panel>
  )
}

function Decide({ application }: { readonly application: ApplicationInFull }) {
  const { id, status, own, assignee, passId, reason: said, decidedAt, version } = application
  const changes = ['applications', 'passes']
  const decide = useDo(decideApplication, changes)
  const ask = useDo(askDocuments, changes)
  const assign = useDo(assignApplication, changes)
  const { id: me } = useUser()
  const mayDecide = useMay('application:decide')
  const [reason, setReason] = useState('')
  const params = { applicationId: id }
  const go = (decision: 'approve' | 'reject' | 'reopen') =>
    decide.mutate(
      { params, body: { decision, reason: reason.trim() || null }, ifMatch: version },
      { onSuccess: () => setReason('') },
    )
  const reviewable = mayDecide && (status === 'submitted' || status === 'under_review')
  const open = reviewable || (mayDecide && status === 'requires_documents')
  const busy = decide.isPending || ask.isPending || assign.isPending
  if (own) return <Warning>This is your own application. Somebody else of the school decides it.</Warning>
  return (
    <Panel title="Decision">
      <p className="text-muted">
        Reviewer: <bdi>{assignee?.name ?? 'nobody yet'}</bdi>
        {passId !== null && (
          <>
            {' · '}
            <Link to={`/passes?open=${passId}`} className="underline">
              The pass that was issued
            </Link>
          </>
        )}
      </p>
      {said && <p dir="auto">{said}</p>}
      {open && (
        <LongField
          label="Reason"
          hint="The applicant reads it. It is needed to reject and to ask for documents."
          maxLength={1_000}
          value={reason}
          onChange={event => setReason(event.target.value)}
        />
      )}
      {!mayDecide && decidedAt === null && (
        <p className="text-muted">
          Your account may read and comment. Who decides is said by an administrator, under People.
        </p>
      )}
      <Problem error={decide.error ?? ask.error ?? assign.error} />
      <div className="flex flex-wrap gap-2">
        {assignee?.id !== me && open && (
          <Button disabled={busy} onClick={() => assign.mutate({ params, body: { userId: me }, ifMatch: version })}>
            Take it
          </Button>
        )}
        {reviewable && (
          <Button
            disabled={busy || reason.trim().length < 3}
            onClick={() =>
              ask.mutate(
                { params, body: { reason: reason.trim() }, ifMatch: version },
                { onSuccess: () => setReason('') },
              )
            }
          >
            Ask for documents
          </Button>
        )}
        {open && (
          <Button tone="danger" disabled={busy || reason.trim().length < 3} onClick={() => go('reject')}>
            Reject
          </Button>
        )}
        {reviewable && (
          <Button tone="primary" disabled={busy} onClick={() => go('approve')}>
            Approve
          </Button>
        )}
        {mayDecide && status === 'rejected' && (
          <Button disabled={busy} onClick={() => go('reopen')}>
            Take the rejection back
          </Button>
        )}
      </div>
    </Panel>
  )
}

function Comment({ application: { id } }: { readonly application: ApplicationInFull }) {
  const comment = useDo(commentApplication)
  const [text, setText] = useState('')
  const [internal, setInternal] = useState(true)
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={event => {
        event.preventDefault()
        comment.mutate({ params: { applicationId: id }, body: { text, internal } }, { onSuccess: () => setText('') })
      }}
    >
      <LongField
        label="Comment"
        required
        maxLength={2_000}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <Tick label="Only for colleagues" checked={internal} onChange={event => setInternal(event.target.checked)} />
      <Problem error={comment.error} />
      <Button type="submit" className="self-end" busy={comment.isPending && 'Saving …'}>
        Comment
      </Button>
    </form>
  )
}
