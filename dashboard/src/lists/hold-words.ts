import type { HoldNumbers } from '@gatehouse/shared/wire/api/lists.ts'

/** What a waiting change would do, in one line: "Shuts out 8 of 12 passes". */
export function sayEffect({ living, revoked, suspended, narrowed, credentials, byPolicy }: HoldNumbers): string {
  const out = revoked + suspended
  if (out > 0) return `Shuts out ${out} of ${passes(living)}`
  if (byPolicy > 0) return `Changes the rules so that ${byPolicy} of ${passes(living)} open less`
  if (narrowed > 0) return `Takes entrances or time from ${narrowed} of ${passes(living)}`
  return `Takes ${credentials === 1 ? '1 card or phone' : `${credentials} cards and phones`} off passes that stay`
}

/** The same numbers each by itself, without those that are nothing. */
export function partsOf({ revoked, suspended, narrowed, credentials, byPolicy }: HoldNumbers): readonly string[] {
  return [
    revoked > 0 ? `${passes(revoked)} revoked or lost` : '',
    suspended > 0 ? `${passes(suspended)} suspended` : '',
    narrowed > 0 ? `${passes(narrowed)} with fewer entrances, fewer hours or an earlier end` : '',
    credentials > 0 ? `${credentials === 1 ? '1 card or phone' : `${credentials} cards and phones`} taken off` : '',
    byPolicy > 0 ? `${passes(byPolicy)} that open less by changed gate rules` : '',
  ].filter(Boolean)
}

export function sayUsed(usedToday: number): string {
  if (usedToday === 0) return 'None of them went in during the last 24 hours.'
  return `${usedToday} of them went in during the last 24 hours.`
}

/** "Annelies Bakker and Tom Visser" */
export function sayMakers(makers: readonly string[]): string {
  if (makers.length === 0) return 'a program or a date that came'
  if (makers.length === 1) return makers[0]!
  return `${makers.slice(0, -1).join(', ')} and ${makers.at(-1)}`
}

function passes(count: number): string {
  return count === 1 ? '1 pass' : `${count} passes`
}
