import { PASS_CLASSES } from '@gatehouse/shared/pass/body.ts'
import { listAccessLevels } from '@gatehouse/shared/wire/api/access-levels.ts'
import { issuePass, proposePass } from '@gatehouse/shared/wire/api/passes.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { fullName } from '../students/student-words.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useZone } from '../ui/use-zone.ts'
import { dateField, sayLastDay, startOfDay } from '../ui/when.ts'
import { type OwnOpens, OwnOpensFields } from './own-opens.tsx'
import { capital } from './pass-words.ts'
import { groundWords } from './proposal-words.ts'
import { StudentPicker } from './student-picker.tsx'

type Holder = Pick<Student, 'id' | 'firstName' | 'lastName' | 'status'>

const YEAR_DAYS = 365
const DAY_MS = 86_400_000
/** In place of a level's id. */
const BY_DEFAULT = 'default'
const OWN = 'own'

/** Issues a pass: to the student of the page, or to one who is looked up. */
export function IssuePass({
  open,
  onClose,
  student,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly student: Holder | null
}) {
  return (
    <Dialog open={open} onClose={onClose} title="Issue a pass">
      <Fields onClose={onClose} given={student} />
    </Dialog>
  )
}

function Fields({ onClose, given }: { readonly onClose: () => void; readonly given: Holder | null }) {
  const issue = useDo(issuePass, ['students', 'access-levels', 'groups', 'profiles'])
  const levels = useAsk(listAccessLevels, {})
  const say = useSay()
  const zone = useZone()
  const [picked, setPicked] = useState<Holder | null>(given)
  const [kind, setKind] = useState<(typeof PASS_CLASSES)[number]>('student')
  const [chosen, setChosen] = useState<string | null>(null)
  const [own, setOwn] = useState<OwnOpens>({ groups: null, profile: 0 })
  const [ends, setEnds] = useState<'proposed' | 'date'>('proposed')
  const [missing, setMissing] = useState<string | null>(null)
  const asked = useAsk(
    proposePass,
    { query: { studentId: picked?.id ?? '', class: kind } },
    { enabled: picked !== null, keep: true },
  )
  const proposal = asked.data?.data ?? null
  const problems = issue.error ? fieldProblems(failureOf(issue.error)) : {}
  const ofKind = (levels.data?.data ?? []).filter(level => level.class === kind)
  const opens = chosen ?? (proposal?.level ? BY_DEFAULT : (ofKind[0]?.id ?? OWN))
  const hasEnd = proposal !== null && proposal.expires !== null
  const isDated = ends === 'date' || !hasEnd

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (picked === null) return setMissing('Choose who the pass is for.')
    if (opens === OWN && !own.groups?.length) return setMissing('Choose at least one entrance.')
    const first = String(form.get('notBefore'))
    const last = String(form.get('expires'))
    if (isDated && last < first) return setMissing('The last day is before the first.')
    setMissing(null)
    issue.mutate(
      {
        body: {
          studentId: picked.id,
          class: kind,
          notBefore: await startOfDay(first, zone.timeZone),
          ...(isDated && { expires: await startOfDay(last, zone.timeZone, 1) }),
          ...(opens === OWN && { groups: [...(own.groups ?? [])], profile: own.profile }),
          ...(opens !== OWN && opens !== BY_DEFAULT && { levelId: opens }),
        },
      },
      {
        onSuccess: pass => {
          say({ text: `Pass ${pass.serial} issued to ${pass.holder.name}` })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={event => void submit(event)} className="flex flex-col gap-4">
      {given === null ? (
        <StudentPicker picked={picked} onPick={setPicked} />
      ) : (
        <p>
          For <bdi className="font-medium">{fullName(given)}</bdi>
        </p>
      )}
      {picked && picked.status !== 'active' && (
        <Warning>This student is {picked.status}; the pass may be refused by the service.</Warning>
      )}
      <Choice
        label="Kind"
        value={kind}
        onChange={event => {
          setKind(PASS_CLASSES.find(each => each === event.target.value) ?? 'student')
          setChosen(null)
        }}
        problem={problems.class}
      >
        {PASS_CLASSES.map(each => (
          <option key={each} value={each}>
            {capital(each)}
          </option>
        ))}
      </Choice>
      <Choice
        label="Access level"
        value={opens}
        onChange={event => setChosen(event.target.value)}
        hint={opens === BY_DEFAULT && proposal?.level ? groundWords(proposal.level.because) : undefined}
        problem={problems.levelId}
      >
        {proposal?.level && <option value={BY_DEFAULT}>{proposal.level.name}</option>}
        {ofKind
          .filter(({ id }) => id !== proposal?.level?.id)
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        <option value={OWN}>For this pass alone …</option>
      </Choice>
      {opens === OWN && <OwnOpensFields own={own} onChange={setOwn} problem={problems.profile} />}
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="First day"
          name="notBefore"
          type="date"
          required
          defaultValue={dateField(Date.now(), zone.timeZone)}
          problem={problems.notBefore}
        />
        {hasEnd && (
          <Choice
            label="Ends"
            value={ends}
            onChange={event => setEnds(event.target.value === 'date' ? 'date' : 'proposed')}
          >
            <option value="proposed">
              {proposal.term === null ? '' : `${proposal.term}, `}
              {sayLastDay(proposal.expires!, zone)}
            </option>
            <option value="date">on another day …</option>
          </Choice>
        )}
        {isDated && (
          <Field
            label="Last day"
            name="expires"
            type="date"
            required
            defaultValue={dateField(Date.now() + YEAR_DAYS * DAY_MS, zone.timeZone)}
            hint="To the end of that day"
            problem={problems.expires}
          />
        )}
      </div>
      <Problem error={missing ?? issue.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={issue.isPending && 'Issuing …'}>
          Issue
        </Button>
      </Acts>
    </form>
  )
}
