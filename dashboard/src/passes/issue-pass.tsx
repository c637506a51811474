import { PASS_CLASSES } from '@gatehouse/shared/pass/body.ts'
import { listGroups } from '@gatehouse/shared/wire/api/groups.ts'
import { issuePass } from '@gatehouse/shared/wire/api/passes.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { useProfiles } from '../gate-rules/use-profiles.ts'
import { fullName } from '../students/student-words.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field, Tick } from '../ui/field.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useZone } from '../ui/use-zone.ts'
import { dateField, startOfDay } from '../ui/when.ts'
import { capital } from './pass-words.ts'
import { StudentPicker } from './student-picker.tsx'

type Holder = Pick<Student, 'id' | 'firstName' | 'lastName' | 'status'>

const YEAR_DAYS = 365
const DAY_MS = 86_400_000

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
  const issue = useDo(issuePass, ['students'])
  const groups = useAsk(listGroups, {})
  const profiles = Object.entries(useProfiles())
  const say = useSay()
  const { timeZone } = useZone()
  const [picked, setPicked] = useState<Holder | null>(given)
  const [chosen, setChosen] = useState<readonly number[] | null>(null)
  const [missing, setMissing] = useState<string | null>(null)
  const problems = issue.error ? fieldProblems(failureOf(issue.error)) : {}
  const known = groups.data?.data ?? []
  // One group is no choice.
  const wanted = chosen ?? (known.length === 1 ? [known[0]!.number] : [])

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (picked === null) return setMissing('Choose who the pass is for.')
    if (wanted.length === 0) return setMissing('Choose at least one entrance.')
    setMissing(null)
    const first = String(form.get('notBefore'))
    const last = String(form.get('expires'))
    if (last < first) return setMissing('The last day is before the first.')
    issue.mutate(
      {
        body: {
          studentId: picked.id,
          class: PASS_CLASSES.find(each => each === form.get('class')) ?? 'student',
          notBefore: await startOfDay(first, timeZone),
          expires: await startOfDay(last, timeZone, 1),
          groups: [...wanted],
          profile: Number(form.get('profile') ?? 0),
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
      <fieldset>
        <legend className="mb-1 text-13 font-medium">Entrances</legend>
        {groups.isPending && <Waiting rows={2} />}
        {groups.isError && <Failed error={groups.error} retry={() => void groups.refetch()} />}
        {groups.data && known.length === 0 && <p className="text-muted">No entrances yet: enter a gate first.</p>}
        {known.map(({ number, name, accessPoints }) => (
          <Tick
            key={number}
            checked={wanted.includes(number)}
            onChange={event =>
              setChosen(event.target.checked ? [...wanted, number] : wanted.filter(each => each !== number))
            }
            label={
              <>
                <bdi className="font-medium">{name}</bdi>{' '}
                <span className="text-13 text-muted">{accessPoints.join(', ')}</span>
              </>
            }
          />
        ))}
      </fieldset>
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="First day"
          name="notBefore"
          type="date"
          required
          defaultValue={dateField(Date.now(), timeZone)}
          problem={problems.notBefore}
        />
        <Field
          label="Last day"
          name="expires"
          type="date"
          required
          defaultValue={dateField(Date.now() + YEAR_DAYS * DAY_MS, timeZone)}
          hint="To the end of that day"
          problem={problems.expires}
        />
      </div>
      <Choice label="Kind" name="class" defaultValue="student">
        {PASS_CLASSES.map(each => (
          <option key={each} value={each}>
            {capital(each)}
          </option>
        ))}
      </Choice>
      {profiles.length > 0 && (
        <Choice label="Hours" name="profile" defaultValue="0" problem={problems.profile}>
          <option value="0">Always</option>
          {profiles.map(([number, { name }]) => (
            <option key={number} value={number}>
              {name}
            </option>
          ))}
        </Choice>
      )}
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
