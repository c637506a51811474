import { listAccessEvents } from '@gatehouse/shared/wire/api/access-events.ts'
import { listPasses } from '@gatehouse/shared/wire/api/passes.ts'
import { archiveStudent, getStudent, type StudentInFull as Student } from '@gatehouse/shared/wire/api/students.ts'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { EventTable } from '../events/event-table.tsx'
import { Page } from '../frame/page.tsx'
import { initials } from '../live/words.ts'
import { IssuePass } from '../passes/issue-pass.tsx'
import { PassDetails } from '../passes/pass-details.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Empty, Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDate, sayDay } from '../ui/when.ts'
import { StudentForm } from './student-form.tsx'
import { StudentHistory } from './student-history.tsx'
import { fullName, passCountWords, STATUS_TONES, STATUS_WORDS } from './student-words.ts'

export function StudentPage() {
  const { studentId = '' } = useParams()
  const student = useAsk(getStudent, { params: { studentId } })
  if (student.data) return <OneStudent student={student.data.data} />
  return (
    <Page title="Student">
      <div className="panel">
        {student.isPending ? (
          <Waiting rows={8} />
        ) : (
          <Failed error={student.error} retry={() => void student.refetch()} />
        )}
      </div>
    </Page>
  )
}

function OneStudent({ student }: { readonly student: Student }) {
  const [doing, setDoing] = useState<'edit' | 'archive' | 'issue' | null>(null)
  const mayUpdate = useMay('student:update')
  const mayArchive = useMay('student:archive')
  const mayIssue = useMay('pass:create')
  const close = () => setDoing(null)
  const name = fullName(student)

  return (
    <Page
      title={name}
      acts={
        <>
          {mayArchive && <Button onClick={() => setDoing('archive')}>Archive</Button>}
          {mayUpdate && <Button onClick={() => setDoing('edit')}>Change</Button>}
          {mayIssue && (
            <Button tone="primary" icon="plus" onClick={() => setDoing('issue')}>
              Issue a pass
            </Button>
          )}
        </>
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[360px_minmax(0,1fr)]">
        <Who student={student} />
        <div className="flex min-w-0 flex-col gap-4">
          <Passes student={student} />
          {useMay('event:read') && <Passages student={student} />}
          {mayUpdate && <StudentHistory studentId={student.id} />}
        </div>
      </div>
      <StudentForm open={doing === 'edit'} onClose={close} student={student} />
      <IssuePass open={doing === 'issue'} onClose={close} student={student} />
      <Archive open={doing === 'archive'} onClose={close} student={student} />
    </Page>
  )
}

function Who({ student }: { readonly student: Student }) {
  const zone = useZone()
  return (
    <section aria-label="Who" className="panel p-4">
      <div className="mb-4 flex items-center gap-3">
        <span
          aria-hidden="true"
          className="flex size-12 shrink-0 items-center justify-center rounded-full bg-sunken text-16 font-strong"
        >
          {initials(fullName(student))}
        </span>
        <div className="min-w-0">
          <p className="text-16 font-strong break-words">
            <bdi>{fullName(student)}</bdi>
          </p>
          <Badge tone={STATUS_TONES[student.status]}>{STATUS_WORDS[student.status]}</Badge>
        </div>
      </div>
      <Facts>
        <Fact name="Number">
          <span className="font-mono text-13">{student.studentNumber}</span>
        </Fact>
        <Fact name="E-mail">
          {student.email ? (
            <a className="quiet-link" href={`mailto:${student.email}`}>
              {student.email}
            </a>
          ) : (
            'none'
          )}
        </Fact>
        <Fact name="Department">
          <bdi>{student.department?.name ?? 'none'}</bdi>
        </Fact>
        {student.passesEndAt && <Fact name="Passes end">{sayDay(student.passesEndAt, zone)}</Fact>}
        {student.enrolledOn && <Fact name="Enrolled">{sayDate(student.enrolledOn)}</Fact>}
        <Personal student={student} />
        <Fact name="Entered">{sayDay(student.createdAt, zone)}</Fact>
        <Fact name="Changed">{sayDay(student.updatedAt, zone)}</Fact>
      </Facts>
    </section>
  )
}

/** What is sealed: in full, or as much of it as this role sees, and said so. */
function Personal({ student }: { readonly student: Student }) {
  const { birthDate, phone, privateEmail, address, notes, masked } = student
  const isMasked = masked.length > 0
  return (
    <>
      {birthDate && <Fact name="Born">{isMasked ? birthDate : sayDate(birthDate)}</Fact>}
      {phone && <Fact name="Phone">{isMasked ? `ends in ${phone.slice(-2)}` : phone}</Fact>}
      {privateEmail && <Fact name="Private e-mail">{privateEmail}</Fact>}
      {address && (
        <Fact name={isMasked ? 'Town' : 'Address'}>
          {[...address.lines, [address.postalCode, address.town].filter(Boolean).join(' '), address.country]
            .filter(Boolean)
            .map(line => (
              <bdi key={line} className="block">
                {line}
              </bdi>
            ))}
        </Fact>
      )}
      {notes && (
        <Fact name="Notes">
          <bdi className="whitespace-pre-wrap">{notes}</bdi>
        </Fact>
      )}
      {isMasked && (birthDate || phone || address) && (
        <Fact name="Hidden">
          <span className="text-muted">Personal data is shown in part to your role</span>
        </Fact>
      )}
    </>
  )
}

function Passes({ student }: { readonly student: Student }) {
  const passes = useAsk(listPasses, { query: { studentId: student.id, limit: 100 } }, { enabled: useMay('pass:read') })
  return (
    <section aria-label="Passes" className="panel">
      <h2 className="flex h-11 items-center border-line border-b px-4 font-strong">Passes</h2>
      {passes.isPending && passes.isFetching && <Waiting rows={3} />}
      {passes.isError && <Failed error={passes.error} retry={() => void passes.refetch()} />}
      {passes.data?.data.length === 0 && (
        <Empty title="No pass yet">A pass says which entrances open and until when. Issue one, then add a card.</Empty>
      )}
      <ul>
        {passes.data?.data.map(pass => (
          <li key={pass.passId} className="border-line border-b p-4 last:border-b-0">
            <PassDetails pass={pass} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Passages({ student }: { readonly student: Student }) {
  const events = useAsk(listAccessEvents, { query: { studentId: student.id, limit: 10 } })
  return (
    <section aria-label="Last passages" className="panel">
      <h2 className="flex h-11 items-center justify-between border-line border-b px-4 font-strong">
        Last passages
        <Link to={`/events?student=${student.id}`} className="text-13 font-medium text-accent hover:underline">
          All events
        </Link>
      </h2>
      {events.isPending && <Waiting rows={3} />}
      {events.isError && <Failed error={events.error} retry={() => void events.refetch()} />}
      {events.data?.data.length === 0 && <p className="p-4 text-muted">Not seen at any gate yet.</p>}
      {events.data && events.data.data.length > 0 && <EventTable lines={events.data.data} withHolder={false} />}
    </section>
  )
}

function Archive({
  open,
  onClose,
  student,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly student: Student
}) {
  const archive = useDo(archiveStudent, ['passes'])
  const navigate = useNavigate()
  const say = useSay()
  return (
    <Dialog open={open} onClose={onClose} title="Archive the student">
      <div className="flex flex-col gap-4">
        <p>
          <bdi className="font-medium">{fullName(student)}</bdi> leaves the lists. What happened at the gates is kept.
        </p>
        <Warning>
          {student.passCount === 0
            ? 'There is no pass to revoke.'
            : `Revokes ${passCountWords(student.passCount)} at once and for good: no gate opens for ${student.passCount === 1 ? 'it' : 'them'} any more.`}
        </Warning>
        <Problem error={archive.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="danger"
            busy={archive.isPending && 'Archiving …'}
            onClick={() =>
              archive.mutate(
                { params: { studentId: student.id } },
                {
                  onSuccess: ({ passesRevoked }) => {
                    say({ text: `Archived; ${passCountWords(passesRevoked)} revoked` })
                    void navigate('/students')
                  },
                },
              )
            }
          >
            Archive
          </Button>
        </Acts>
      </div>
    </Dialog>
  )
}
