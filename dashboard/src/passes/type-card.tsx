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

const CARDS = ['em4100', 'iso14443a', 'iso15693', 'h10301', 'raw'] as const
type CardTechnology = (typeof CARDS)[number]

/** What a reader of each kind shows, to compare with. */
const EXAMPLES: Record<CardTechnology, string> = {
  em4100: '01000734E0',
  iso14443a: '04A2B3C4D5E680',
  iso15693: 'E004015012345678',
  h10301: '7B1F40',
  raw: '3F00A1',
}

/** A card by its number, typed. */
export function TypeCard({ pass, onClose }: { readonly pass: Pass; readonly onClose: () => void }) {
  const add = useDo(addCredential)
  const say = useSay()
  const [technology, setTechnology] = useState<CardTechnology>('em4100')
  const problems = add.error ? fieldProblems(failureOf(add.error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const bitCount = String(form.get('bitCount') ?? '').trim()
    add.mutate(
      {
        params: { passId: pass.passId },
        body: {
          technology,
          bits: String(form.get('bits')).replaceAll(/[\s:-]/g, ''),
          ...(bitCount === '' ? {} : { bitCount: Number(bitCount) }),
        },
      },
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
        onChange={event => setTechnology(CARDS.find(each => each === event.target.value) ?? 'raw')}
      >
        {CARDS.map(each => (
          <option key={each} value={each}>
            {TECHNOLOGY_WORDS[each]}
          </option>
        ))}
      </Choice>
      <Field
        label="Number, hexadecimal"
        name="bits"
        hint={`As a reader shows it, such as ${EXAMPLES[technology]}; zeros count`}
        placeholder={EXAMPLES[technology]}
        problem={problems.bits}
        required
        spellCheck={false}
        autoComplete="off"
        pattern="([0-9A-Fa-f][\s:\-]?){2,96}"
        title="Hexadecimal digits, 0 to 9 and A to F"
        className="font-mono"
      />
      {technology === 'raw' && (
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
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={add.isPending && 'Adding …'}>
          Add
        </Button>
      </Acts>
    </form>
  )
}
