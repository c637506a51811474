import type { Answer, FileAnswer } from '@gatehouse/shared/applications/answers.ts'
import { type FormField, isFile } from '@gatehouse/shared/applications/form.ts'
import { Choice, Field, LongField, Tick } from '../ui/field.tsx'
import { UploadField } from './upload-field.tsx'

type Props = {
  readonly field: FormField
  readonly answer: Answer | undefined
  readonly problem: string | undefined
  readonly disabled: boolean
  /** The name of the file that was handed in. */
  readonly fileName: string | undefined
  readonly onAnswer: (answer: Answer | null) => void
}

/** One field of a school's form. */
export function AnswerField({ field, answer, problem, disabled, fileName, onAnswer }: Props) {
  const label = field.required ? field.label : `${field.label} (optional)`
  const common = { label, hint: field.help, problem, disabled }
  const text = typeof answer === 'string' ? answer : ''
  if (isFile(field)) {
    return <FileField {...{ field, answer, problem, disabled, fileName, onAnswer }} />
  }
  switch (field.kind) {
    case 'long_text':
      return <LongField {...common} value={text} onChange={event => onAnswer(event.target.value || null)} />
    case 'choice':
      return (
        <Choice {...common} value={text} onChange={event => onAnswer(event.target.value || null)}>
          <option value="">Choose …</option>
          {field.choices.map(choice => (
            <option key={choice}>{choice}</option>
          ))}
        </Choice>
      )
    case 'many': {
      const chosen = Array.isArray(answer) ? answer : []
      return (
        <fieldset disabled={disabled} className="min-w-0">
          <legend className="max-w-full break-words text-13 font-medium">{label}</legend>
          {field.choices.map(choice => (
            <Tick
              key={choice}
              label={choice}
              checked={chosen.includes(choice)}
              onChange={event =>
                onAnswer(event.target.checked ? [...chosen, choice] : chosen.filter(one => one !== choice))
              }
            />
          ))}
          {problem && <p className="text-13 text-refused">{problem}</p>}
        </fieldset>
      )
    }
    case 'yes_no':
      return (
        <Choice
          {...common}
          value={answer === undefined ? '' : answer === true ? 'yes' : 'no'}
          onChange={event => onAnswer(event.target.value === '' ? null : event.target.value === 'yes')}
        >
          <option value="">Choose …</option>
          <option value="yes">Yes</option>
          <option value="no">No</option>
        </Choice>
      )
    case 'number':
      return (
        <Field
          {...common}
          type="number"
          step="any"
          value={typeof answer === 'number' ? answer : ''}
          onChange={event => onAnswer(Number.isNaN(event.target.valueAsNumber) ? null : event.target.valueAsNumber)}
        />
      )
    default:
      return (
        <Field
          {...common}
          type={field.kind === 'date' ? 'date' : 'text'}
          dir="auto"
          value={text}
          onChange={event => onAnswer(event.target.value || null)}
        />
      )
  }
}

function FileField({ field, answer, problem, disabled, fileName, onAnswer }: Props) {
  const given = typeof answer === 'object' && !Array.isArray(answer) ? (answer as FileAnswer) : null
  return (
    <div className="flex flex-col gap-2">
      <UploadField
        label={field.required ? field.label : `${field.label} (optional)`}
        hint={field.help}
        category={field.kind === 'photo' ? 'photo' : 'document'}
        disabled={disabled}
        onHandedIn={({ id }) => onAnswer({ fileId: id, expiresOn: given?.expiresOn ?? null })}
      />
      {given !== null && (
        <p className="text-13 text-muted">
          Handed in: <bdi>{fileName ?? 'a file'}</bdi>
        </p>
      )}
      {given !== null && field.asksExpiry && (
        <Field
          label="Valid until"
          type="date"
          disabled={disabled}
          value={given.expiresOn ?? ''}
          onChange={event => onAnswer({ ...given, expiresOn: event.target.value || null })}
        />
      )}
      {problem && <p className="text-13 text-refused">{problem}</p>}
    </div>
  )
}
