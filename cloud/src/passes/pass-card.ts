import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import type { Row } from '../db/tables.ts'
import type { Card } from '../printing/card.ts'
import { nameOf } from '../students/name.ts'

/** Kinds of pass in words, as they stand on cards and in wallets. */
export const KIND_WORDS: Record<PassClass, string> = {
  student: 'Student',
  staff: 'Staff',
  contractor: 'Contractor',
  visitor: 'Visitor',
  vehicle: 'Vehicle',
}

export type PrintedPass = Pick<Row<'passes'>, 'class' | 'serial' | 'not_before' | 'expires'> & {
  readonly first_name: string
  readonly last_name: string
}

/** What stands on the card of a pass: days as the school's calendar has them, and the last day that counts. */
export function cardOfPass(
  pass: PrintedPass,
  school: { readonly name: string; readonly timeZone: string },
  { digits, photo }: Pick<Card, 'digits' | 'photo'>,
): Card {
  return {
    holderName: nameOf(pass),
    schoolName: school.name,
    kind: KIND_WORDS[pass.class],
    serial: Number(pass.serial),
    from: sayDay(pass.not_before.getTime(), school.timeZone),
    until: sayDay(pass.expires.getTime() - 1, school.timeZone),
    digits,
    photo,
  }
}

/** "1 Sep 2026" */
export function sayDay(atMs: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, day: 'numeric', month: 'short', year: 'numeric' })
    .formatToParts(new Date(atMs))
    .map(({ type, value }) => [type, value])
  const { day, month, year } = Object.fromEntries(parts) as Record<string, string>
  return `${day} ${month} ${year}`
}
