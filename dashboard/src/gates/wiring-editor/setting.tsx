import {
  blankFields,
  blankOf,
  blankOption,
  type Field,
  type GroupField,
  type ListField,
  optionOf,
  type PickField,
} from '@gatehouse/shared/wire/hardware/fields.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Choice, Field as Input, Tick } from '../../ui/field.tsx'
import type { Values } from './draft.ts'
import { useWiringForm } from './form.ts'
import { optionWords } from './option-words.ts'

type SettingProps<Kind extends Field> = {
  readonly field: Kind
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  /** `lanes.0.door.pulseMs` */
  readonly path: string
}

/** The settings of one thing, side by side where there is room. */
export function Settings({
  fields,
  values,
  onChange,
  path,
}: {
  readonly fields: readonly Field[]
  readonly values: Values
  readonly onChange: (values: Values) => void
  readonly path: string
}) {
  return (
    <div className="grid items-start gap-3 md:grid-cols-2 xl:grid-cols-3">
      {fields.map(field => (
        <Setting
          key={field.key}
          field={field}
          value={values[field.key]}
          onChange={value => onChange({ ...values, [field.key]: value })}
          path={`${path}.${field.key}`}
        />
      ))}
    </div>
  )
}

function Setting({ field, ...rest }: SettingProps<Field>) {
  switch (field.kind) {
    case 'group':
      return <Group field={field} {...rest} />
    case 'list':
      return <List field={field} {...rest} />
    case 'pick':
      return <Pick field={field} {...rest} />
    case 'switch':
      return <Switch field={field} {...rest} />
    case 'text':
    case 'number':
      return field.key === 'board' ? <BoardName field={field} {...rest} /> : <Typed field={field} {...rest} />
  }
}

function Typed({ field, value, onChange, path }: SettingProps<Field>) {
  const { said, touch } = useWiringForm()
  const isNumber = field.kind === 'number'
  return (
    <Input
      label={field.title}
      hint={
        field.hint ??
        (field.kind === 'number' ? `${field.min.toLocaleString('en')} to ${field.max.toLocaleString('en')}` : undefined)
      }
      problem={said(path)}
      value={value === undefined || value === null ? '' : String(value)}
      onChange={event => {
        touch(path)
        onChange(isNumber ? typedNumber(event.target.value) : typedText(event.target.value, field))
      }}
      onBlur={() => touch(path)}
      inputMode={isNumber ? 'numeric' : undefined}
      autoComplete="off"
      spellCheck={false}
      className={isNumber ? 'figures' : 'font-mono'}
    />
  )
}

/** What is no number stays as it was typed, so that it can be mended. */
function typedNumber(text: string): unknown {
  if (text.trim() === '') return undefined
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : text
}

function typedText(text: string, { isOptional, initial }: Field): unknown {
  if (text !== '') return text
  return isOptional || initial === undefined ? undefined : text
}

function BoardName({ field, value, onChange, path }: SettingProps<Field>) {
  const { said, touch, boards } = useWiringForm()
  const name = value === undefined ? '' : String(value)
  return (
    <Choice
      label={field.title}
      problem={said(path)}
      value={name}
      onBlur={() => touch(path)}
      onChange={event => {
        touch(path)
        onChange(event.target.value === '' ? undefined : event.target.value)
      }}
    >
      <option value="">Choose a board</option>
      {[...new Set(name === '' ? boards : [...boards, name])].map(board => (
        <option key={board} value={board}>
          {board}
        </option>
      ))}
    </Choice>
  )
}

function Switch({ field, value, onChange, path }: SettingProps<Field>) {
  const { touch } = useWiringForm()
  return (
    <div className="md:pt-5">
      <Tick
        label={field.title}
        checked={value === true}
        onChange={event => {
          touch(path)
          onChange(event.target.checked)
        }}
      />
    </div>
  )
}

function Pick({ field, value, onChange, path }: SettingProps<PickField>) {
  const { said, touch } = useWiringForm()
  const option = optionOf(field, value)
  const choice = (
    <Choice
      label={field.title}
      hint={field.hint ?? undefined}
      problem={said(path)}
      value={option === null ? '' : String(option.value)}
      onChange={event => {
        touch(path)
        const chosen = field.options.find(other => String(other.value) === event.target.value)
        if (chosen !== undefined) onChange(blankOption(field, chosen))
      }}
    >
      {option === null && <option value="">Choose</option>}
      {field.options.map(({ value: word }) => (
        <option key={word} value={String(word)}>
          {optionWords(field.key, word)}
        </option>
      ))}
    </Choice>
  )
  if (option === null || option.fields === null) return choice
  return (
    <fieldset className="flex flex-col gap-3 border-line border-l-2 pl-3 md:col-span-full">
      <legend className="sr-only">{field.title}</legend>
      <div className="md:max-w-[50%] xl:max-w-[33%]">{choice}</div>
      <Settings fields={option.fields} values={value as Values} onChange={onChange} path={path} />
    </fieldset>
  )
}

function Group({ field, value, onChange, path }: SettingProps<GroupField>) {
  const { said, touch } = useWiringForm()
  const isThere = typeof value === 'object' && value !== null
  const problem = said(path)
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 border-line border-l-2 pl-3 md:col-span-full">
      <legend className={field.isOptional ? 'sr-only' : 'float-left text-13 font-medium'}>{field.title}</legend>
      {field.isOptional && (
        <Tick
          label={field.title}
          checked={isThere}
          onChange={event => {
            touch(path)
            onChange(event.target.checked ? blankFields(field.fields) : undefined)
          }}
        />
      )}
      {isThere && (
        <div className="clear-both">
          <Settings fields={field.fields} values={value as Values} onChange={onChange} path={path} />
        </div>
      )}
      {problem && <p className="text-13 text-refused">{problem}</p>}
    </fieldset>
  )
}

function List({ field, value, onChange, path }: SettingProps<ListField>) {
  const { said } = useWiringForm()
  const items = (Array.isArray(value) ? value : []) as readonly Values[]
  const problem = said(path)
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 border-line border-l-2 pl-3 md:col-span-full">
      <legend className="float-left text-13 font-medium">{field.title}</legend>
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: fields that hold nothing of their own.
        <div key={at} className="clear-both flex items-start gap-2">
          <div className="min-w-0 flex-1">
            <Settings
              fields={field.fields}
              values={item}
              onChange={next => onChange(items.with(at, next))}
              path={`${path}.${at}`}
            />
          </div>
          <IconButton
            name={`Remove ${field.title.toLowerCase()} ${at + 1}`}
            icon="close"
            onClick={() => onChange(items.filter((_item, other) => other !== at))}
          />
        </div>
      ))}
      {items.length < field.max && (
        <div className="clear-both">
          <Button
            icon="plus"
            onClick={() =>
              onChange([...items, Object.fromEntries(field.fields.map(inner => [inner.key, blankOf(inner)]))])
            }
          >
            Add to {field.title.toLowerCase()}
          </Button>
        </div>
      )}
      {problem && <p className="text-13 text-refused">{problem}</p>}
    </fieldset>
  )
}
