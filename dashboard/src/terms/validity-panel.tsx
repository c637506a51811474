import { listPassValidity, type PassValidity, putPassValidity } from '@gatehouse/shared/wire/api/terms.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { capital } from '../passes/pass-words.ts'
import { Button } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { sayDate } from '../ui/when.ts'

/** How long a new pass of each kind is valid. */
export function ValidityPanel({ hasTerms, mayWrite }: { readonly hasTerms: boolean; readonly mayWrite: boolean }) {
  const validity = useAsk(listPassValidity, {})
  const [changing, setChanging] = useState<PassValidity | null>(null)
  return (
    <section aria-labelledby="validity" className="panel">
      <div className="border-line border-b px-4 py-3">
        <h2 id="validity" className="text-16 font-strong">
          How long new passes are valid
        </h2>
        <p className="text-muted">To 24:00 of the last day. Whoever issues a pass can give it another end.</p>
      </div>
      {validity.isPending && <Waiting rows={5} />}
      {validity.isError && <Failed error={validity.error} retry={() => void validity.refetch()} />}
      <ul>
        {validity.data?.data.map(one => (
          <li
            key={one.class}
            className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-4 py-2 last:border-b-0"
          >
            <span className="w-28 font-medium">{capital(one.class)}</span>
            <span className="min-w-0 flex-1">{endWords(one)}</span>
            <span className="text-13 text-muted max-md:w-full">{reminderWords(one)}</span>
            {mayWrite && (
              <Button aria-label={`Change how long ${one.class} passes are valid`} onClick={() => setChanging(one)}>
                Change
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Dialog
        open={changing !== null}
        onClose={() => setChanging(null)}
        title={changing ? `${capital(changing.class)} passes` : ''}
      >
        {changing && <Fields validity={changing} hasTerms={hasTerms} onClose={() => setChanging(null)} />}
      </Dialog>
    </section>
  )
}

function endWords({ ends, lastDay, days }: PassValidity): string {
  if (ends === 'date') return `Until ${sayDate(lastDay!)}`
  if (ends === 'days') return countWords(days!, 'day', 'days')
  return ends === 'term' ? 'To the end of the term' : 'To the end of the school year'
}

function reminderWords({ renewalDays, reminderDays }: PassValidity): string {
  const renewal = renewalDays === 0 ? 'not renewed' : `renewed in the last ${countWords(renewalDays, 'day', 'days')}`
  return reminderDays.length === 0
    ? `${renewal}, no reminder`
    : `${renewal}, reminded ${reminderDays.join(', ')} d before`
}

function Fields({
  validity,
  hasTerms,
  onClose,
}: {
  readonly validity: PassValidity
  readonly hasTerms: boolean
  readonly onClose: () => void
}) {
  const put = useDo(putPassValidity, ['pass-proposal'])
  const say = useSay()
  const [ends, setEnds] = useState(validity.ends)
  const problems = put.error ? fieldProblems(failureOf(put.error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    put.mutate(
      {
        params: { class: validity.class },
        body: {
          ends,
          lastDay: ends === 'date' ? String(form.get('lastDay')) : null,
          days: ends === 'days' ? Number(form.get('days')) : null,
          renewalDays: Number(form.get('renewalDays')),
          reminderDays: String(form.get('reminderDays'))
            .split(/[\s,;]+/)
            .filter(Boolean)
            .map(Number),
        },
        ifMatch: validity.version,
      },
      {
        onSuccess: () => {
          say({ text: 'Saved for new passes' })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Choice label="Valid" value={ends} onChange={event => setEnds(event.target.value as PassValidity['ends'])}>
        <option value="days">a number of days</option>
        <option value="term">to the end of the term</option>
        <option value="school_year">to the end of the school year</option>
        <option value="date">until a date</option>
      </Choice>
      {ends === 'days' && (
        <Field
          label="Days, the first one counted"
          name="days"
          type="number"
          min={1}
          max={3660}
          required
          defaultValue={validity.days ?? 365}
          problem={problems.days}
        />
      )}
      {ends === 'date' && (
        <Field
          label="Last day"
          name="lastDay"
          type="date"
          required
          defaultValue={validity.lastDay ?? ''}
          problem={problems.lastDay}
        />
      )}
      {(ends === 'term' || ends === 'school_year') && !hasTerms && (
        <Warning>No term is entered yet: until then every pass has to be given an end.</Warning>
      )}
      <Field
        label="May be renewed in the last days"
        name="renewalDays"
        type="number"
        min={0}
        max={366}
        required
        defaultValue={validity.renewalDays}
        problem={problems.renewalDays}
      />
      <Field
        label="Reminders, days before the end"
        name="reminderDays"
        defaultValue={validity.reminderDays.join(', ')}
        pattern="\s*(\d{1,3}([\s,;]+\d{1,3})*)?\s*"
        title="Numbers with commas between"
        hint="Numbers with commas between; none: no reminder"
        problem={problems.reminderDays}
      />
      <Problem error={put.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={put.isPending && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}
