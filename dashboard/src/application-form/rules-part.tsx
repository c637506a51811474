import type { Nameable } from '@gatehouse/shared/applications/expression.ts'
import type { Mistake } from '@gatehouse/shared/applications/form.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Part } from '../ui/part.tsx'
import { type Condition, HOW_WORDS, type How, hasValue, howsOf, type Row, sayCondition } from './condition.ts'
import { mistakeAt, type Rule, withRule } from './rules.ts'

const RULES_MAX = 50
const ROWS_MAX = 20
const UNKNOWN: Nameable = { kind: 'text' }

type Names = {
  readonly names: ReadonlyMap<string, Nameable>
  readonly nameOf: (name: string) => string
}

/** Who is eligible: each rule with the words a reviewer reads where it does not hold. */
export function RulesPart({
  rules,
  names,
  nameOf,
  mistakes,
  mayWrite,
  onChange,
  onTaken,
}: Names & {
  readonly rules: readonly Rule[]
  readonly mistakes: readonly Mistake[]
  readonly mayWrite: boolean
  readonly onChange: (rules: readonly Rule[]) => void
  readonly onTaken: (rule: Rule, at: number) => void
}) {
  return (
    <Part
      title="Who is eligible"
      about="Rules over the answers and the records. Nobody is turned away by one: where it does not hold, the reviewer reads the reason."
    >
      {rules.length === 0 && <p className="text-muted">No rules: everybody may apply.</p>}
      <ol aria-label="Rules" className="flex flex-col gap-4">
        {rules.map((rule, at) => (
          <li key={rule.key} className="flex flex-col gap-3 rounded-6 border border-line p-3">
            <Field
              label="Reason, for the reviewer"
              dir="auto"
              maxLength={300}
              placeholder="Only students of Physics"
              value={rule.reason}
              problem={mistakeAt(mistakes, `eligibility.${at}.reason`)}
              onChange={event => onChange(rules.with(at, { ...rule, reason: event.target.value }))}
            />
            {rule.condition === null ? (
              <p className="break-words">
                Holds where <bdi>{sayCondition(rule.when, nameOf)}</bdi>.{' '}
                <span className="text-muted">It was written over the API and stays as it is.</span>
              </p>
            ) : (
              <Rows
                condition={rule.condition}
                names={names}
                nameOf={nameOf}
                onChange={condition => onChange(rules.with(at, { ...rule, condition }))}
              />
            )}
            <Wrong words={mistakeAt(mistakes, `eligibility.${at}.when`)} />
            {mayWrite && (
              <div>
                <Button
                  onClick={() => {
                    onChange(rules.filter(one => one !== rule))
                    onTaken(rule, at)
                  }}
                >
                  Take the rule away
                </Button>
              </div>
            )}
          </li>
        ))}
      </ol>
      {mayWrite && (
        <div>
          <Button icon="plus" disabled={rules.length >= RULES_MAX} onClick={() => onChange(withRule(rules))}>
            Add a rule
          </Button>
        </div>
      )}
    </Part>
  )
}

function Wrong({ words }: { readonly words: string | undefined }) {
  if (words === undefined) return null
  return (
    <p data-wrong tabIndex={-1} className="text-13 text-refused">
      {words}
    </p>
  )
}

function Rows({
  condition,
  names,
  nameOf,
  onChange,
}: Names & { readonly condition: Condition; readonly onChange: (condition: Condition) => void }) {
  const { join, rows } = condition
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="sr-only">Condition</legend>
      {rows.length > 1 && (
        <Choice
          label="Holds where"
          value={join}
          onChange={event => onChange({ ...condition, join: event.target.value as Condition['join'] })}
        >
          <option value="all">all of these hold</option>
          <option value="any">one of these holds</option>
        </Choice>
      )}
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is where it stands; nothing of it is kept elsewhere.
        <div key={at} className="flex flex-wrap items-end gap-2">
          <RowFields
            row={row}
            names={names}
            nameOf={nameOf}
            onChange={next => onChange({ ...condition, rows: rows.with(at, next) })}
          />
          {rows.length > 1 && (
            <IconButton
              name="Take this condition away"
              icon="close"
              onClick={() => onChange({ ...condition, rows: rows.toSpliced(at, 1) })}
            />
          )}
        </div>
      ))}
      <div>
        <Button
          icon="plus"
          tone="quiet"
          disabled={rows.length >= ROWS_MAX}
          onClick={() => onChange({ ...condition, rows: [...rows, rows.at(-1)!] })}
        >
          Another condition
        </Button>
      </div>
    </fieldset>
  )
}

function RowFields({
  row,
  names,
  nameOf,
  onChange,
}: Names & { readonly row: Row; readonly onChange: (row: Row) => void }) {
  const about = names.get(row.of)
  return (
    <>
      <div className="min-w-0 flex-1 basis-44">
        <Choice
          label="What"
          value={row.of}
          onChange={event => {
            const next = names.get(event.target.value) ?? UNKNOWN
            const how = howsOf(next).includes(row.how) ? row.how : howsOf(next)[0]!
            onChange({ of: event.target.value, how, value: next.words?.[0] ?? (next.kind === 'yes_no' ? 'yes' : '') })
          }}
        >
          {about === undefined && <option value={row.of}>{row.of} (not asked any more)</option>}
          {[...names.keys()].map(name => (
            <option key={name} value={name}>
              {nameOf(name)}
            </option>
          ))}
        </Choice>
      </div>
      <div className="basis-36">
        <Choice label="Is" value={row.how} onChange={event => onChange({ ...row, how: event.target.value as How })}>
          {howsOf(about ?? UNKNOWN).map(how => (
            <option key={how} value={how}>
              {HOW_WORDS[how]}
            </option>
          ))}
        </Choice>
      </div>
      {hasValue(row.how) && (
        <div className="min-w-0 flex-1 basis-36">
          <ValueField about={about ?? UNKNOWN} value={row.value} onChange={value => onChange({ ...row, value })} />
        </div>
      )}
    </>
  )
}

function ValueField({
  about: { kind, words },
  value,
  onChange,
}: {
  readonly about: Nameable
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const among = words ?? (kind === 'yes_no' ? ['yes', 'no'] : null)
  if (among === null) {
    const type = kind === 'date' || kind === 'number' ? kind : 'text'
    return (
      <Field
        label="Value"
        type={type}
        {...(type === 'number' && { step: 'any' })}
        dir="auto"
        maxLength={200}
        value={value}
        onChange={event => onChange(event.target.value)}
      />
    )
  }
  return (
    <Choice label="Value" value={value} onChange={event => onChange(event.target.value)}>
      {!among.includes(value) && (
        <option value={value}>{value === '' ? 'Choose …' : `${value} (no choice any more)`}</option>
      )}
      {among.map(word => (
        <option key={word}>{word}</option>
      ))}
    </Choice>
  )
}
