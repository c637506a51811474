import { cardOfNumbers } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import { layoutOf } from '@gatehouse/shared/wiegand/formats.ts'
import { mostOf } from '@gatehouse/shared/wiegand/frame.ts'
import type { addCredential } from '@gatehouse/shared/wire/api/passes.ts'
import { WIEGAND_NAMES, type WiegandName } from '@gatehouse/shared/wire/hardware/card-format.ts'
import type { z } from 'zod'

/** A card as the cloud takes it. */
export type TypedCard = z.input<NonNullable<(typeof addCredential)['body']>>

export const TYPED_CARDS = ['em4100', 'iso14443a', 'iso15693', ...WIEGAND_NAMES, 'raw'] as const

/** A card, or what is wrong by the name of its field, in a few words. */
export type ReadTyped = { readonly card: TypedCard } | { readonly problems: Readonly<Record<string, string>> }

export function wiegandNameOf(technology: TypedCard['technology']): WiegandName | null {
  return WIEGAND_NAMES.find(name => name === technology) ?? null
}

/** The largest facility code, null where the format has none, and the largest card number. */
export function limitsOf(format: WiegandName): { readonly facilityMost: bigint | null; readonly numberMost: bigint } {
  const { facility, number } = layoutOf(format)
  return { facilityMost: facility && mostOf(facility), numberMost: mostOf(number) }
}

/** The card on which these numbers are printed. */
export function readTypedNumbers(
  format: WiegandName,
  typed: { readonly facility: string; readonly number: string },
): ReadTyped {
  const { facilityMost, numberMost } = limitsOf(format)
  const facility = facilityMost === null ? null : numberIn(typed.facility, facilityMost)
  const number = numberIn(typed.number, numberMost)
  const problems = {
    ...(typeof facility === 'string' ? { facility } : {}),
    ...(typeof number === 'string' ? { number } : {}),
  }
  if (typeof facility === 'string' || typeof number === 'string') return { problems }
  const { bits, bitCount } = cardOfNumbers({ facility, number }, format)!
  return { card: { technology: format, bits, bitCount } }
}

/** The card that a reader shows in hexadecimal. */
export function cardOfDigits(
  technology: TypedCard['technology'],
  typed: { readonly bits: string; readonly bitCount: string },
): ReadTyped {
  const bitCount = typed.bitCount.trim()
  const bits = typed.bits.replaceAll(/[\s:-]/g, '')
  return { card: { technology, bits, ...(bitCount === '' ? {} : { bitCount: Number(bitCount) }) } }
}

function numberIn(text: string, most: bigint): bigint | string {
  const digits = text.trim()
  if (!/^\d{1,12}$/.test(digits)) return 'must be a number in decimal'
  return BigInt(digits) > most ? `must not be more than ${most}` : BigInt(digits)
}
