import type { StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import { MERGED_FIELDS } from '@gatehouse/shared/wire/api/students-many.ts'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { differing, MERGED_WORDS, type MergedField, type Side, sayField, sideOf, type Take } from './merged-fields.ts'

/** Fields that differ, to be chosen from; then those that are the same in both. */
export function FieldChoices({
  one,
  other,
  take,
  onTake,
}: {
  readonly one: StudentInFull
  readonly other: StudentInFull
  readonly take: Take
  readonly onTake: (take: Take) => void
}) {
  const open = differing(one, other)
  const same = MERGED_FIELDS.filter(field => !open.includes(field) && sayField(one, field) !== null)
  return (
    <div className="flex flex-col">
      <div aria-hidden="true" className="grid grid-cols-2 gap-2 border-line border-b bg-sunken px-4 py-2 text-13">
        {[one, other].map((student, at) => (
          <p key={student.id} className="min-w-0 truncate text-muted">
            {at === 0 ? 'Stays' : 'Is archived'}: <span className="font-mono">{student.studentNumber}</span>
          </p>
        ))}
      </div>
      {open.map(field => (
        <fieldset key={field} className="border-line border-b px-4 py-3">
          <legend className="sr-only">{MERGED_WORDS[field]}</legend>
          <p aria-hidden="true" className="mb-1 text-13 font-medium">
            {MERGED_WORDS[field]}
          </p>
          <div className="grid grid-cols-2 gap-2">
            {(['this', 'other'] as const).map(side => (
              <OneSide
                key={side}
                field={field}
                side={side}
                text={sayField(side === 'this' ? one : other, field)}
                taken={sideOf(take, field, one) === side}
                onTake={() => onTake({ ...take, [field]: side })}
              />
            ))}
          </div>
        </fieldset>
      ))}
      {open.length === 0 && <p className="border-line border-b px-4 py-3">Every field is the same in both.</p>}
      {same.length > 0 && (
        <div className="px-4 py-3">
          <h3 className="mb-1 text-13 font-medium">The same in both</h3>
          <Facts>
            {same.map(field => (
              <Fact key={field} name={MERGED_WORDS[field]}>
                <bdi>{sayField(one, field)}</bdi>
              </Fact>
            ))}
          </Facts>
        </div>
      )}
    </div>
  )
}

function OneSide({
  field,
  side,
  text,
  taken,
  onTake,
}: {
  readonly field: MergedField
  readonly side: Side
  readonly text: string | null
  readonly taken: boolean
  readonly onTake: () => void
}) {
  return (
    <label
      className={`flex min-h-10 cursor-pointer items-start gap-2 rounded-6 border px-3 py-2 ${taken ? 'border-accent bg-accent-on' : 'border-edge'}`}
    >
      <input
        type="radio"
        name={field}
        value={side}
        checked={taken}
        onChange={onTake}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <span className="min-w-0 break-words">
        {text === null ? <span className="text-muted">none</span> : <bdi className="whitespace-pre-wrap">{text}</bdi>}
      </span>
    </label>
  )
}
