import type { WiegandName } from '@gatehouse/shared/wire/hardware/card-format.ts'
import { Field } from '../ui/field.tsx'
import { limitsOf } from './typed-card.ts'

/** A card by what is printed on it: facility code, where the format has one, and card number. */
export function WiegandFields({
  format,
  problems,
}: {
  readonly format: WiegandName
  readonly problems: Readonly<Record<string, string>>
}) {
  const { facilityMost, numberMost } = limitsOf(format)
  return (
    <>
      {facilityMost !== null && (
        <Digits
          label="Facility code"
          name="facility"
          hint={`0 to ${facilityMost}; the same on all cards of a site, as a rule`}
          problem={problems.facility}
        />
      )}
      <Digits
        label="Card number"
        name="number"
        hint={`0 to ${numberMost}, as it is printed on the card`}
        problem={problems.number ?? problems.bits}
      />
    </>
  )
}

/** Digits as text: a number field would take `1e3`, and shows wheels nobody wants. */
function Digits(props: {
  readonly label: string
  readonly name: string
  readonly hint: string
  readonly problem: string | undefined
}) {
  return (
    <Field
      {...props}
      required
      inputMode="numeric"
      autoComplete="off"
      pattern="\s*[0-9]{1,12}\s*"
      title="A number in decimal"
      className="font-mono"
    />
  )
}
