import { FIELD_KINDS, type FieldKind, type FormField, formMistakes } from '@gatehouse/shared/applications/form.ts'
import { type FormEvent, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field, LongField, Tick } from '../ui/field.tsx'
import { choicesOf, idOf, KIND_WORDS, ofKind } from './draft.ts'

/** One question of the form: how it is asked, and what is taken for an answer. */
export function FieldDialog({
  field,
  isNew,
  taken,
  onDone,
  onClose,
}: {
  /** Null: closed. */
  readonly field: FormField | null
  readonly isNew: boolean
  /** Ids of the other fields. */
  readonly taken: readonly string[]
  readonly onDone: (field: FormField) => void
  readonly onClose: () => void
}) {
  return (
    <Dialog open={field !== null} onClose={onClose} title={isNew ? 'New question' : 'Question'} wide>
      {field && <Fields key={field.id} begun={field} {...{ isNew, taken, onDone, onClose }} />}
    </Dialog>
  )
}

function Fields({
  begun,
  isNew,
  taken,
  onDone,
  onClose,
}: {
  readonly begun: FormField
  readonly isNew: boolean
  readonly taken: readonly string[]
  readonly onDone: (field: FormField) => void
  readonly onClose: () => void
}) {
  const [field, setField] = useState(begun)
  const [choices, setChoices] = useState(begun.choices.join('\n'))
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({})
  const set = (change: Partial<FormField>) => setField({ ...field, ...change })
  const { kind } = field
  const chooses = kind === 'choice' || kind === 'many'
  const isFile = kind === 'document' || kind === 'photo'

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    // To React the form of the page is around it, and would be saved.
    event.stopPropagation()
    const label = field.label.trim()
    const done: FormField = {
      ...field,
      label,
      help: field.help?.trim() || null,
      choices: chooses ? choicesOf(choices) : [],
      id: isNew ? idOf(label, taken) : field.id,
    }
    const wrong = formMistakes({ fields: [done] })
    if (wrong.length > 0) {
      setProblems(Object.fromEntries(wrong.map(({ path, message }) => [path.split('.').at(-1)!, message])))
      return
    }
    onDone(done)
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Question"
        dir="auto"
        required
        maxLength={200}
        value={field.label}
        onChange={event => set({ label: event.target.value })}
        hint={isNew ? 'As applicants read it' : `Rules and programs call it ${field.id}, whatever the question becomes`}
      />
      <LongField
        label="Help (optional)"
        maxLength={1_000}
        value={field.help ?? ''}
        onChange={event => set({ help: event.target.value || null })}
      />
      <Choice
        label="Answer"
        value={kind}
        onChange={event => setField(ofKind(field, event.target.value as FieldKind))}
        problem={problems.kind}
      >
        {FIELD_KINDS.map(one => (
          <option key={one} value={one}>
            {KIND_WORDS[one]}
          </option>
        ))}
      </Choice>
      {chooses && (
        <LongField
          label="Choices"
          hint="One a line"
          rows={5}
          required
          value={choices}
          onChange={event => setChoices(event.target.value)}
          problem={problems.choices}
        />
      )}
      <Limits field={field} set={set} problems={problems} />
      <div>
        <Tick
          label={
            kind === 'document'
              ? 'Required: it is asked for after submission where it is missing'
              : 'Required: without it nothing is submitted'
          }
          checked={field.required}
          onChange={event => set({ required: event.target.checked })}
        />
        {kind === 'document' && (
          <Tick
            label="Ask until when it is valid; an expired one is asked for again"
            checked={field.asksExpiry}
            onChange={event => set({ asksExpiry: event.target.checked })}
          />
        )}
        {!isFile && (
          <Tick
            label="Personal: encrypted, and shown only to who may see personal data"
            checked={field.personal || field.identity}
            disabled={field.identity}
            onChange={event => set({ personal: event.target.checked })}
          />
        )}
        {kind === 'text' && (
          <Tick
            label="Number of a passport or identity card: shown by its last two characters to everybody"
            checked={field.identity}
            onChange={event => set({ identity: event.target.checked })}
          />
        )}
        {kind === 'text' && (
          <Tick
            label="It is the student number, and compared with the records"
            checked={field.means === 'student_number'}
            onChange={event => set({ means: event.target.checked ? 'student_number' : null })}
          />
        )}
        {kind === 'date' && (
          <Tick
            label="It is the date of birth, and compared with the records"
            checked={field.means === 'birth_date'}
            onChange={event => set({ means: event.target.checked ? 'birth_date' : null })}
          />
        )}
      </div>
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary">
          {isNew ? 'Add' : 'Done'}
        </Button>
      </Acts>
    </form>
  )
}

const LIMIT_WORDS: Partial<Record<FieldKind, readonly [string, string]>> = {
  text: ['At least so many characters', 'At most so many characters'],
  long_text: ['At least so many characters', 'At most so many characters'],
  number: ['At least', 'At most'],
  many: ['Choose at least', 'Choose at most'],
}

function Limits({
  field,
  set,
  problems,
}: {
  readonly field: FormField
  readonly set: (change: Partial<FormField>) => void
  readonly problems: Readonly<Record<string, string>>
}) {
  const words = LIMIT_WORDS[field.kind]
  const step = field.kind === 'number' ? 'any' : 1
  const number = (text: string) => (text === '' ? null : Number(text))
  if (field.kind === 'date') {
    return (
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="Not before (optional)"
          type="date"
          value={field.earliest ?? ''}
          onChange={event => set({ earliest: event.target.value || null })}
        />
        <Field
          label="Not after (optional)"
          type="date"
          value={field.latest ?? ''}
          onChange={event => set({ latest: event.target.value || null })}
          problem={problems.latest}
        />
      </div>
    )
  }
  if (words === undefined) return null
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Field
        label={`${words[0]} (optional)`}
        type="number"
        step={step}
        value={field.least ?? ''}
        onChange={event => set({ least: number(event.target.value) })}
      />
      <Field
        label={`${words[1]} (optional)`}
        type="number"
        step={step}
        value={field.most ?? ''}
        onChange={event => set({ most: number(event.target.value) })}
        problem={problems.most}
      />
    </div>
  )
}
