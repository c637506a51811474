import { type Layout, layoutOf } from './formats.ts'
import { mostOf } from './frame.ts'
import type { Hypothesis } from './hypotheses.ts'

/** What would decide between two settings that both fit, in sentences. */
export function tellApart(a: Hypothesis, b: Hypothesis): string[] {
  const [first, second] = [formatOf(a), formatOf(b)]
  const found: string[] = []
  if (isUid(first) !== isUid(second) && (first === 'raw' || second === 'raw'))
    found.push(
      'The cards themselves tell: one of 13.56 MHz (MIFARE, DESFire, any that a phone reads) is iso14443a, one of 125 kHz is raw.',
    )
  if (a.setting.kind === 'card' && b.setting.kind === 'card') {
    const [one, other] = [a.setting.card, b.setting.card]
    if (one.base !== other.base)
      found.push('A card of which the text has a letter, A to F, tells: only hexadecimal has them.')
    if (one.reversed !== other.reversed) found.push('A card of which the bytes are not the same backwards tells.')
  }
  const [one, other] = [layoutIn(first), layoutIn(second)]
  if (one && other) {
    const number = narrower(mostOf(one.number), mostOf(other.number))
    if (number)
      found.push(
        `A card numbered above ${number.most} tells: ${nameOf(number.isFirst ? first : second)} has no such number.`,
      )
    const facility = one.facility && other.facility && narrower(mostOf(one.facility), mostOf(other.facility))
    if (facility)
      found.push(
        `A facility code above ${facility.most} tells: ${nameOf(facility.isFirst ? first : second)} has no such code.`,
      )
    if ((one.facility === null) !== (other.facility === null))
      found.push(`The facility code of the cards tells: ${nameOf(one.facility === null ? first : second)} has none.`)
    if (one.bits !== other.bits)
      found.push(`The card’s box tells: it names the format, or its bits, ${one.bits} or ${other.bits}.`)
  }
  return found.length > 0 ? found : ['More cards tell, with numbers as large and as different as there are.']
}

type Format = ReturnType<typeof formatOf>

function formatOf({ setting }: Hypothesis) {
  return setting.kind === 'format' ? setting.format : setting.card.format
}

function isUid(format: Format): boolean {
  return format === 'iso14443a' || format === 'iso15693'
}

function layoutIn(format: Format): Layout | null {
  return format === 'raw' || format === 'em4100' || format === 'iso14443a' || format === 'iso15693'
    ? null
    : layoutOf(format)
}

/** The smaller of two limits, and whether it is the first; null when they are the same. */
function narrower(first: bigint, second: bigint): { readonly most: bigint; readonly isFirst: boolean } | null {
  if (first === second) return null
  return { most: first < second ? first : second, isFirst: first < second }
}

function nameOf(format: Format): string {
  return typeof format === 'string'
    ? format
    : `the one of ${format.bits} bits with its number in ${format.number.from}-${format.number.to}`
}
