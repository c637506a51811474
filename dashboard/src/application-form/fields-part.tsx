import type { FormField, Mistake } from '@gatehouse/shared/applications/form.ts'
import { FIELDS_MAX } from '@gatehouse/shared/applications/form.ts'
import { type MouseEvent, useState } from 'react'
import { flushSync } from 'react-dom'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { Part } from '../ui/part.tsx'
import { KIND_WORDS, moved, NEW_FIELD, withField, withoutField } from './draft.ts'
import { FieldDialog } from './field-dialog.tsx'
import { mistakeAt } from './rules.ts'

const BLANK: FormField = { ...NEW_FIELD, id: '', label: '' }

/** The questions in the order in which they are asked. */
export function FieldsPart({
  fields,
  mistakes,
  mayWrite,
  onChange,
  onTaken,
}: {
  readonly fields: readonly FormField[]
  readonly mistakes: readonly Mistake[]
  readonly mayWrite: boolean
  readonly onChange: (fields: FormField[]) => void
  /** One was taken away: how it comes back. */
  readonly onTaken: (field: FormField, at: number) => void
}) {
  const [opened, setOpened] = useState<FormField | null>(null)
  const list = [...fields]

  function move(event: MouseEvent<HTMLButtonElement>, at: number, by: -1 | 1) {
    const button = event.currentTarget
    flushSync(() => onChange(moved(list, at, by)))
    // The place moves, the hand stays on the question; at an end on the way back.
    const others = button.parentElement!.querySelectorAll<HTMLButtonElement>('button:enabled')
    ;(button.disabled ? others[0] : button)?.focus()
  }

  return (
    <Part
      title="Questions"
      about="In this order. Applications that were begun keep the form they were begun with."
      problem={mistakes.find(({ path }) => path === 'fields')?.message}
    >
      <ol aria-label="Questions" className="rounded-6 border border-line">
        {fields.map((field, at) => {
          const wrong = mistakeAt(mistakes, `fields.${at}`)
          return (
            <li
              key={field.id}
              className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-3 py-2 last:border-b-0"
            >
              <div className="min-w-0 flex-1 basis-60">
                <bdi className="block break-words font-medium">{field.label}</bdi>
                <p className="flex flex-wrap items-center gap-1.5 text-13 text-muted">
                  {KIND_WORDS[field.kind]}
                  {field.required && <Badge tone="quiet">Required</Badge>}
                  {(field.personal || field.identity) && <Badge tone="quiet">Personal</Badge>}
                  {field.means !== null && <Badge tone="quiet">Compared with the records</Badge>}
                </p>
                {wrong && <p className="text-13 text-refused">{wrong}</p>}
              </div>
              {mayWrite && (
                <div className="flex items-center gap-1">
                  <IconButton
                    name={`Move up: ${field.label}`}
                    icon="up"
                    disabled={at === 0}
                    className="disabled:opacity-40"
                    onClick={event => move(event, at, -1)}
                  />
                  <IconButton
                    name={`Move down: ${field.label}`}
                    icon="up"
                    disabled={at === fields.length - 1}
                    className="rotate-180 disabled:opacity-40"
                    onClick={event => move(event, at, 1)}
                  />
                  <Button
                    aria-label={`Change: ${field.label}`}
                    data-wrong={wrong !== undefined || undefined}
                    onClick={() => setOpened(field)}
                  >
                    Change
                  </Button>
                  <IconButton
                    name={`Take away: ${field.label}`}
                    icon="close"
                    onClick={() => {
                      onChange(withoutField(list, field.id))
                      onTaken(field, at)
                    }}
                  />
                </div>
              )}
            </li>
          )
        })}
        {fields.length === 0 && <li className="px-3 py-6 text-center text-muted">No questions yet</li>}
      </ol>
      {mayWrite && (
        <div>
          <Button icon="plus" disabled={fields.length >= FIELDS_MAX} onClick={() => setOpened(BLANK)}>
            Add a question
          </Button>
        </div>
      )}
      <FieldDialog
        field={opened}
        isNew={opened?.id === ''}
        taken={fields.map(({ id }) => id)}
        onClose={() => setOpened(null)}
        onDone={field => {
          onChange(withField(list, field))
          setOpened(null)
        }}
      />
    </Part>
  )
}
