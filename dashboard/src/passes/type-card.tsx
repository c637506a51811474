import { addCredential, type Pass } from '@gatehouse/shared/wire/api/passes.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { TECHNOLOGY_WORDS } from './pass-words.ts'
import { cardOfDigits, readTypedNumbers, TYPED_CARDS, type TypedCard, wiegandNameOf } from './typed-card.ts'
import { WiegandFields } from './wiegand-fields.tsx'

/** What a reader of each kind shows, to compare with. */
const EXAMPLES = {
  em4100: '01000734E0',
  iso14443a: '04A2B3C4D5E680',
  iso15693: 'E004015012345678',
  raw: '3F00A1',
} as const

/** A card by its number, typed. */
export function TypeCard({ pass, onClose }: { readonly pass: Pass; readonly onClose: () => void }) {
  const add = useDo(addCredential)
  const say = useSay()
  const [technology, setTechnology] = useState<TypedCard['technology']>('em4100')
  const [mistakes, setMistakes] = useState<Readonly<Record<string, string>>>({})
  const problems = { ...(add.error ? fieldProblems(failureOf(add.error)) : {}), ...mistakes }
  const format = wiegandNameOf(technology)

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const typed = (name: string) => String(form.get(name) ?? '')
    const read = format
      ? readTypedNumbers(format, { facility: typed('facility'), number: typed('number') })
      : cardOfDigits(technology, { bits: typed('bits'), bitCount: typed('bitCount') })
    setMistakes('problems' in read ? read.problems : {})
    if ('problems' in read) return
    add.mutate(
      { params: { passId: pass.passId }, body: read.card },
      {
        onSuccess: () => {
          say({ text: 'Card added' })
          onClose()
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Problem error={add.error} />
      <Choice
        label="Kind of card"
        value={technology}
        onChange={event => {
          setTechnology(TYPED_CARDS.find(each => each === event.target.value) ?? 'raw')
          setMistakes({})
          add.reset()
        }}
      >
        {TYPED_CARDS.map(each => (
          <option key={each} value={each}>
            {TECHNOLOGY_WORDS[each]}
          </option>
        ))}
      </Choice>
      {format ? (
        <WiegandFields key={format} format={format} problems={problems} />
      ) : (
        <Digits
          example={EXAMPLES[technology as keyof typeof EXAMPLES]}
          hasCount={technology === 'raw'}
          problems={problems}
        />
      )}
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={add.isPending && 'Adding …'}>
          Add
        </Button>
      </Acts>
    </form>
  )
}

function Digits({
  example,
  hasCount,
  problems,
}: {
  readonly example: string
  readonly hasCount: boolean
  readonly problems: Readonly<Record<string, string>>
}) {
  return (
    <>
      <Field
        label="Number, hexadecimal"
        name="bits"
        hint={`As a reader shows it, such as ${example}; zeros count`}
        placeholder={example}
        problem={problems.bits}
        required
        spellCheck={false}
        autoComplete="off"
        pattern="([0-9A-Fa-f][\s:\-]?){2,96}"
        title="Hexadecimal digits, 0 to 9 and A to F"
        className="font-mono"
      />
      {hasCount && (
        <Field
          label="Bits that count"
          name="bitCount"
          hint="All of them when left empty"
          type="number"
          min={1}
          max={256}
          problem={problems.bitCount}
        />
      )}
    </>
  )
}
