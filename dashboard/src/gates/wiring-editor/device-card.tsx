import { BOARD_FACTS, type BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import {
  BOARD_WORDS,
  type FamilyWords,
  PULSE_WORDS,
  READER_WORDS,
} from '@gatehouse/shared/wire/hardware/family-words.ts'
import { BOARD_FIELDS, READER_FIELDS } from '@gatehouse/shared/wire/hardware/fields.ts'
import { IconButton } from '../../ui/button.tsx'
import { Choice } from '../../ui/field.tsx'
import { ofFamily, type Values } from './draft.ts'
import { useWiringForm } from './form.ts'
import { Settings } from './setting.tsx'

const KINDS = {
  reader: { words: READER_WORDS as Readonly<Record<string, FamilyWords>>, fields: READER_FIELDS, title: 'Reader' },
  board: { words: BOARD_WORDS as Readonly<Record<string, FamilyWords>>, fields: BOARD_FIELDS, title: 'Board' },
}

/** One reader or one board: what it is, and its settings. */
export function DeviceCard({
  kind,
  values,
  onChange,
  onRemove,
  path,
}: {
  readonly kind: 'reader' | 'board'
  readonly values: Values
  readonly onChange: (values: Values) => void
  readonly onRemove: () => void
  readonly path: string
}) {
  const { said, touch, mayWrite } = useWiringForm()
  const { words, fields, title } = KINDS[kind]
  const family = String(values.family)
  const name = `${title} ${values.id ?? ''}`.trim()
  // Pins of the machine have no line of which something could be said.
  const hasLine = fields.get(family)?.some(({ key }) => key === 'port')
  const unplaced = said(path) ?? (hasLine ? undefined : said(`${path}.port`))
  const facts = kind === 'board' ? BOARD_FACTS[family as BoardFamily] : undefined
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-6 border border-line p-3">
      <legend className="px-1 text-13 font-medium break-all">{name}</legend>
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1 md:max-w-[420px]">
          <Choice
            label="What it is"
            hint={words[family]?.purpose}
            problem={said(`${path}.family`)}
            value={family}
            onChange={event => {
              touch(path)
              onChange(ofFamily(kind, values, event.target.value))
            }}
          >
            {Object.entries(words).map(([word, { title: called }]) => (
              <option key={word} value={word}>
                {called}
              </option>
            ))}
          </Choice>
        </div>
        {mayWrite && (
          <span className="ml-auto">
            <IconButton name={`Remove ${name.toLowerCase()}`} icon="close" onClick={onRemove} />
          </span>
        )}
      </div>
      {facts?.pulse === 'software-timed' && <p className="text-13 text-warning">{PULSE_WORDS['software-timed']}</p>}
      {unplaced && <p className="text-13 text-refused">{unplaced}</p>}
      <Settings fields={fields.get(family) ?? []} values={values} onChange={onChange} path={path} />
    </fieldset>
  )
}
