import {
  CALENDAR_BYTES_MAX,
  type CalendarPlan,
  importCalendar,
  type PlannedDay,
  previewCalendar,
} from '@gatehouse/shared/wire/api/holidays.ts'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { failureOf } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { sayDate } from '../ui/when.ts'
import { opensWords } from './week-bars.tsx'

type Asked = { readonly calendar: string; readonly allDay: 'holiday' | 'closed'; readonly text: string }

/** A calendar file: chosen, shown as what it would change, entered. */
export function CalendarUpload({
  open,
  known,
  onClose,
}: {
  readonly open: boolean
  /** Calendars that days came from before. */
  readonly known: readonly string[]
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title="Days from a calendar file" wide>
      <Steps known={known} onClose={onClose} />
    </Dialog>
  )
}

function Steps({ known, onClose }: { readonly known: readonly string[]; readonly onClose: () => void }) {
  const preview = useDo(previewCalendar)
  const enter = useDo(importCalendar, ['settings', 'lists'])
  const say = useSay()
  const [asked, setAsked] = useState<Asked | null>(null)
  const plan = preview.data

  const show = (next: Asked) => {
    setAsked(next)
    enter.reset()
    preview.mutate({ query: { calendar: next.calendar, allDay: next.allDay }, body: next.text })
  }
  if (asked === null || plan === undefined) {
    return <Choose known={known} busy={preview.isPending} error={preview.error} onShow={show} onClose={onClose} />
  }

  const changes = plan.added.length + plan.changed.length + plan.removed.length
  const failure = enter.error && failureOf(enter.error)
  const isOvertaken = failure?.kind === 'problem' && failure.problem.code === 'changed_meanwhile'
  const { calendar, allDay, text } = asked
  return (
    <div className="flex flex-col gap-4">
      <Plan plan={plan} />
      <Problem error={enter.error} />
      <Acts>
        <Button
          className="mr-auto"
          onClick={() => {
            preview.reset()
            setAsked(null)
          }}
        >
          Another file
        </Button>
        <Button onClick={onClose}>Cancel</Button>
        {isOvertaken ? (
          <Button tone="primary" busy={preview.isPending && 'Looking …'} onClick={() => show(asked)}>
            Look again
          </Button>
        ) : (
          <Button
            tone="primary"
            disabled={changes === 0}
            busy={enter.isPending && 'Entering …'}
            onClick={() =>
              enter.mutate(
                { query: { calendar, allDay }, body: text, ifMatch: plan.version },
                {
                  onSuccess: () => {
                    say({ text: `${countWords(changes, 'day', 'days')} changed from ${calendar}` })
                    onClose()
                  },
                },
              )
            }
          >
            {changes === 0 ? 'Nothing to change' : `Change ${countWords(changes, 'day', 'days')}`}
          </Button>
        )}
      </Acts>
    </div>
  )
}

function Choose({
  known,
  busy,
  error,
  onShow,
  onClose,
}: {
  readonly known: readonly string[]
  readonly busy: boolean
  readonly error: unknown
  readonly onShow: (asked: Asked) => void
  readonly onClose: () => void
}) {
  const list = useId()
  const [problem, setProblem] = useState<string | null>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const file = form.get('file')
    if (!(file instanceof File) || file.size === 0) return setProblem('Choose a calendar file (.ics).')
    if (file.size > CALENDAR_BYTES_MAX) return setProblem('The file is larger than 1 MB.')
    setProblem(null)
    onShow({
      calendar: String(form.get('calendar')).trim(),
      allDay: form.get('allDay') === 'closed' ? 'closed' : 'holiday',
      text: await file.text(),
    })
  }

  return (
    <form onSubmit={event => void submit(event)} className="flex flex-col gap-4">
      <Field
        label="File"
        name="file"
        type="file"
        accept=".ics,text/calendar"
        required
        hint="iCalendar (.ics), at most 1 MB"
      />
      <Field
        label="Name of the calendar"
        name="calendar"
        required
        maxLength={100}
        list={list}
        defaultValue={known[0] ?? 'School holidays'}
        hint="Uploaded again under this name, days that are no longer in the file are taken away"
        dir="auto"
      />
      <datalist id={list}>
        {known.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Choice
        label="An event of a whole day means"
        name="allDay"
        hint="An event with times is a day with just these hours."
      >
        <option value="holiday">a holiday: each opens as its hours say for holidays</option>
        <option value="closed">closed for all with hours</option>
      </Choice>
      <Problem error={problem ?? error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={busy && 'Reading …'}>
          Show what it changes
        </Button>
      </Acts>
    </form>
  )
}

/** What the file would change, in numbers and day by day. */
function Plan({ plan }: { readonly plan: CalendarPlan }) {
  const { from, to, events, added, changed, removed, kept, same, skipped } = plan
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted">
        {countWords(events, 'event', 'events')}, read from {sayDate(from)} to {sayDate(to)}.{' '}
        {same > 0 && `${countWords(same, 'day stays', 'days stay')} as they are.`}
      </p>
      <DayList title="New" days={added} />
      <DayList
        title="Changed"
        days={changed.map(({ after }) => after)}
        beside={(_, at) => (
          <>
            was <bdi>{changed[at]!.before.name}</bdi>, {opensWords(changed[at]!.before.hours)}
          </>
        )}
      />
      <DayList title="Taken away" days={removed} />
      <DayList title="Left alone, because they come from elsewhere" days={kept} />
      {skipped.length > 0 && (
        <Warning>
          Left out:{' '}
          {skipped.map(({ event, why }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two events may have one name.
            <span key={at}>
              {at > 0 && '; '}
              <bdi>{event || 'an event without a name'}</bdi> ({why})
            </span>
          ))}
        </Warning>
      )}
    </div>
  )
}

function DayList({
  title,
  days,
  beside,
}: {
  readonly title: string
  readonly days: readonly PlannedDay[]
  readonly beside?: (day: PlannedDay, at: number) => ReactNode
}) {
  if (days.length === 0) return null
  return (
    <section aria-label={title}>
      <h3 className="font-medium">
        {title}: {countWords(days.length, 'day', 'days')}
      </h3>
      <ul className="max-h-48 overflow-y-auto">
        {days.map((day, at) => (
          <li key={day.date} className="flex flex-wrap gap-x-3 border-line border-b py-1 last:border-b-0">
            <span className="figures w-28">{sayDate(day.date)}</span>
            <bdi className="min-w-0 flex-1 break-words">{day.name}</bdi>
            <span className="text-muted">{opensWords(day.hours)}</span>
            {beside && <span className="w-full text-13 text-muted">{beside(day, at)}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}
