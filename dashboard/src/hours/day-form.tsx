import type { DayHours } from '@gatehouse/shared/list/policy.ts'
import { deleteHoliday, type Holiday, putHoliday } from '@gatehouse/shared/wire/api/holidays.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { DayHoursEditor } from '../gate-rules/hours.tsx'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { sayDate } from '../ui/when.ts'

/** A new day, or one that is changed or made like its weekday again. */
export function DayForm({
  open,
  day,
  onClose,
}: {
  readonly open: boolean
  readonly day: Holiday | null
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={day === null ? 'New day' : sayDate(day.date)}>
      <Fields day={day} onClose={onClose} />
    </Dialog>
  )
}

const CHANGES = ['settings', 'lists']
const SHORT: readonly DayHours[] = [{ fromMinute: 600, untilMinute: 960 }]

function Fields({ day, onClose }: { readonly day: Holiday | null; readonly onClose: () => void }) {
  const put = useDo(putHoliday, CHANGES)
  const remove = useDo(deleteHoliday, CHANGES)
  const say = useSay()
  const [hours, setHours] = useState<readonly DayHours[] | null>(day?.hours ?? null)
  const how = hours === null ? 'by_hours' : hours.length === 0 ? 'closed' : 'own'
  const error = put.error ?? remove.error
  const problems = error ? fieldProblems(failureOf(error)) : {}
  const said = (path: string) => Object.entries(problems).find(([at]) => at === path || at.startsWith(`${path}.`))?.[1]

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const date = day?.date ?? String(form.get('date'))
    put.mutate(
      {
        params: { date },
        body: { name: String(form.get('name')), hours: hours && [...hours] },
        // A day that is there already is not overwritten by a new one.
        ifMatch: day?.version ?? 0,
      },
      {
        onSuccess: kept => {
          say({ text: `${kept.name} saved` })
          onClose()
        },
      },
    )
  }

  function takeAway({ date, name, hours: was, version }: Holiday) {
    remove.mutate(
      { params: { date }, ifMatch: version },
      {
        onSuccess: () => {
          const undo = () => put.mutate({ params: { date }, body: { name, hours: was }, ifMatch: 0 })
          say({ text: `${name} taken away`, undo })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {day === null && <Field label="Day" name="date" type="date" required problem={problems.date} />}
      <Field
        label="Name"
        name="name"
        defaultValue={day?.name}
        required
        maxLength={100}
        dir="auto"
        placeholder="Christmas"
        problem={problems.name}
      />
      <Choice
        label="What opens"
        value={how}
        onChange={event =>
          setHours(event.target.value === 'by_hours' ? null : event.target.value === 'closed' ? [] : SHORT)
        }
      >
        <option value="by_hours">Each as its hours say for holidays</option>
        <option value="closed">Closed for all with hours</option>
        <option value="own">Own hours for all with hours</option>
      </Choice>
      {hours !== null && hours.length > 0 && (
        <DayHoursEditor name="This day" hours={hours} onChange={setHours} said={said} path="hours" />
      )}
      {day?.calendar && (
        <p className="text-13 text-muted">
          It came from <bdi>{day.calendar}</bdi>. Changed by hand, the next upload leaves it as it is.
        </p>
      )}
      <Problem error={error} />
      <Acts>
        {day !== null && (
          <Button className="mr-auto" busy={remove.isPending && 'Taking away …'} onClick={() => takeAway(day)}>
            Take away
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={put.isPending && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}
