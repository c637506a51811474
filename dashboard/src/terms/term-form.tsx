import { createTerm, deleteTerm, type Term, updateTerm } from '@gatehouse/shared/wire/api/terms.ts'
import type { FormEvent } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

/** A new term, or one that is changed or taken away. */
export function TermForm({
  open,
  term,
  onClose,
}: {
  readonly open: boolean
  readonly term: Term | null
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={term === null ? 'New term' : 'Term'}>
      <Fields term={term} onClose={onClose} />
    </Dialog>
  )
}

const CHANGES = ['pass-validity', 'pass-proposal']

function Fields({ term, onClose }: { readonly term: Term | null; readonly onClose: () => void }) {
  const create = useDo(createTerm, CHANGES)
  const update = useDo(updateTerm, CHANGES)
  const remove = useDo(deleteTerm, CHANGES)
  const say = useSay()
  const error = create.error ?? update.error ?? remove.error
  const problems = error ? fieldProblems(failureOf(error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const body = {
      name: String(form.get('name')),
      kind: form.get('kind') === 'school_year' ? ('school_year' as const) : ('term' as const),
      firstDay: String(form.get('firstDay')),
      lastDay: String(form.get('lastDay')),
    }
    const onSuccess = ({ name }: Term) => {
      say({ text: `${name} saved` })
      onClose()
    }
    if (term === null) create.mutate({ body }, { onSuccess })
    else update.mutate({ params: { termId: term.id }, body, ifMatch: term.version }, { onSuccess })
  }

  function takeAway({ id, version, name, kind, firstDay, lastDay }: Term) {
    remove.mutate(
      { params: { termId: id }, ifMatch: version },
      {
        onSuccess: () => {
          say({
            text: `${name} taken away`,
            undo: () => create.mutate({ body: { name, kind, firstDay, lastDay } }),
          })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Name"
        name="name"
        defaultValue={term?.name}
        required
        maxLength={100}
        dir="auto"
        placeholder="Autumn 2026"
        problem={problems.name}
      />
      <Choice label="Kind" name="kind" defaultValue={term?.kind ?? 'term'}>
        <option value="term">Term</option>
        <option value="school_year">School year</option>
      </Choice>
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="First day"
          name="firstDay"
          type="date"
          required
          defaultValue={term?.firstDay}
          problem={problems.firstDay}
        />
        <Field
          label="Last day"
          name="lastDay"
          type="date"
          required
          defaultValue={term?.lastDay}
          hint="It belongs to the term"
          problem={problems.lastDay}
        />
      </div>
      <p className="text-13 text-muted">Passes that were issued keep their end.</p>
      <Problem error={error} />
      <Acts>
        {term !== null && (
          <Button className="mr-auto" busy={remove.isPending && 'Taking away …'} onClick={() => takeAway(term)}>
            Take away
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={(create.isPending || update.isPending) && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}
