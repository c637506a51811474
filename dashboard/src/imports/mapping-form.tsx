import { DATE_ORDERS, IMPORT_FIELDS, type ImportField, type Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import { type ImportInFull, planImport } from '@gatehouse/shared/wire/api/imports.ts'
import { STUDENT_STATUSES } from '@gatehouse/shared/wire/api/students.ts'
import { useState } from 'react'
import { useDo } from '../api/use-api.ts'
import { STATUS_WORDS } from '../students/student-words.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { FIELD_WORDS } from './import-words.ts'

const ORDER_WORDS = { dmy: '31-12-2008', mdy: '12-31-2008', ymd: '2008-12-31' } as const
const ABSENT_WORDS = { leave: 'stay as they are', inactivate: 'become inactive', archive: 'are archived' } as const

/** Which column is what, with what stands in it, and how the file is read. */
export function MappingForm({ one, onBegun }: { readonly one: ImportInFull; readonly onBegun: () => void }) {
  const [mapping, setMapping] = useState<Mapping>(one.mapping)
  const plan = useDo(planImport)
  const change = (changed: Partial<Mapping>) => setMapping({ ...mapping, ...changed })
  const missing = mapping.columns.studentNumber === undefined
  return (
    <form
      className="panel flex flex-col gap-4 p-4"
      onSubmit={event => {
        event.preventDefault()
        plan.mutate({ params: { importId: one.id }, body: { mapping, stop: one.stop } }, { onSuccess: onBegun })
      }}
    >
      <h2 className="text-16 font-strong">Which column is what?</h2>
      <Columns one={one} mapping={mapping} set={columns => change({ columns })} />
      <div className="grid gap-4 md:grid-cols-3">
        <Choice
          label="Dates are written as"
          value={mapping.dateOrder}
          onChange={event => change({ dateOrder: event.target.value as Mapping['dateOrder'] })}
        >
          {DATE_ORDERS.map(each => (
            <option key={each} value={each}>
              {ORDER_WORDS[each]}
            </option>
          ))}
        </Choice>
        <Choice
          label="An empty cell"
          value={mapping.emptyCells}
          onChange={event => change({ emptyCells: event.target.value as Mapping['emptyCells'] })}
        >
          <option value="leave">leaves what is known</option>
          <option value="clear">clears what is known</option>
        </Choice>
        <Choice
          label="Students not in the file"
          value={mapping.absent}
          onChange={event => change({ absent: event.target.value as Mapping['absent'] })}
        >
          {(['leave', 'inactivate', 'archive'] as const).map(each => (
            <option key={each} value={each}>
              {ABSENT_WORDS[each]}
            </option>
          ))}
        </Choice>
      </div>
      <StatusWords words={one.plan?.unknownStatuses ?? []} mapping={mapping} set={statuses => change({ statuses })} />
      {missing && (
        <p className="text-13 text-muted">Say which column is the student number: students are told apart by it.</p>
      )}
      <Problem error={plan.error} />
      <div>
        <Button type="submit" tone="primary" disabled={missing} busy={plan.isPending && 'Beginning …'}>
          See what it would do
        </Button>
      </div>
    </form>
  )
}

function Columns({
  one,
  mapping,
  set,
}: {
  readonly one: ImportInFull
  readonly mapping: Mapping
  readonly set: (columns: Mapping['columns']) => void
}) {
  const fieldOf = (heading: string) => IMPORT_FIELDS.find(field => mapping.columns[field] === heading) ?? ''
  const choose = (heading: string, field: ImportField | '') => {
    const others = Object.entries(mapping.columns).filter(([name, column]) => column !== heading && name !== field)
    set(Object.fromEntries(field === '' ? others : [...others, [field, heading]]))
  }
  return (
    <table className="w-full table-fixed border-collapse text-left">
      <caption className="sr-only">Columns of the file</caption>
      <thead>
        <tr className="border-line border-b text-13 text-muted">
          <th scope="col" className="py-2 pr-4 font-medium">
            In the file
          </th>
          <th scope="col" className="hidden py-2 pr-4 font-medium md:table-cell">
            For example
          </th>
          <th scope="col" className="py-2 font-medium">
            Is
          </th>
        </tr>
      </thead>
      <tbody>
        {one.headings.map((heading, at) => (
          <tr key={heading} className="border-line border-b last:border-b-0">
            <td className="truncate py-1.5 pr-4">
              <bdi>{heading}</bdi>
            </td>
            <td className="hidden truncate py-1.5 pr-4 text-muted md:table-cell">
              <bdi>
                {one.samples
                  .map(cells => cells[at])
                  .filter(Boolean)
                  .slice(0, 3)
                  .join(' · ')}
              </bdi>
            </td>
            <td className="py-1.5">
              <select
                aria-label={`${heading} is`}
                className="control w-full"
                value={fieldOf(heading)}
                onChange={event => choose(heading, event.target.value as ImportField | '')}
              >
                <option value="">not used</option>
                {IMPORT_FIELDS.map(field => (
                  <option key={field} value={field}>
                    {FIELD_WORDS[field]}
                  </option>
                ))}
              </select>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Words that nobody knew in the last dry run: the school says what they stand for. */
function StatusWords({
  words,
  mapping,
  set,
}: {
  readonly words: readonly string[]
  readonly mapping: Mapping
  readonly set: (statuses: Mapping['statuses']) => void
}) {
  const all = [...new Set([...Object.keys(mapping.statuses), ...words.map(word => word.toLowerCase())])]
  if (all.length === 0) return null
  const choose = (word: string, status: string) => {
    const others = Object.entries(mapping.statuses).filter(([each]) => each !== word)
    set(Object.fromEntries(status === '' ? others : [...others, [word, status]]) as Mapping['statuses'])
  }
  return (
    <div className="grid gap-4 md:grid-cols-3">
      {all.map(word => (
        <Choice
          key={word}
          label={`Status “${word}” means`}
          value={mapping.statuses[word] ?? ''}
          onChange={event => choose(word, event.target.value)}
        >
          <option value="">unknown: refuse the row</option>
          {STUDENT_STATUSES.map(status => (
            <option key={status} value={status}>
              {STATUS_WORDS[status]}
            </option>
          ))}
        </Choice>
      ))}
    </div>
  )
}
