import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'

/** Parts that are kept by a number, a date or a gate: two people may change two of them at once. */
const BY_KEY = ['profiles', 'holidays', 'groupSets', 'gates'] as const

/** Mine where I changed something of `base`, the newest everywhere else. */
export function mergeRules(base: GateRulesContent, mine: GateRulesContent, newest: GateRulesContent): GateRulesContent {
  const merged: Record<string, unknown> = keptByKey(base, mine, newest)
  for (const part of BY_KEY) merged[part] = keptByKey(base[part], mine[part], newest[part])
  return merged as GateRulesContent
}

type Keyed = Readonly<Record<string, unknown>>

function keptByKey(base: Keyed, mine: Keyed, newest: Keyed): Record<string, unknown> {
  const keys = new Set([...Object.keys(newest), ...Object.keys(mine)])
  return Object.fromEntries(
    [...keys]
      .map(key => [key, isSame(base[key], mine[key]) ? newest[key] : mine[key]] as const)
      .filter(([, value]) => value !== undefined),
  )
}

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** What saving will change, a line each; empty: nothing. */
export function changesBetween(before: GateRulesContent, after: GateRulesContent): readonly string[] {
  const said = (differs: boolean, words: string) => (differs ? [words] : [])
  return [
    ...keyedChanges(before.groupSets, after.groupSets, (_, number) => `Group set ${number}`),
    ...keyedChanges(before.profiles, after.profiles, ({ name }) => `Hours “${name}”`),
    ...keyedChanges(before.holidays, after.holidays, ({ name }, date) => `Holiday “${name}” (${date})`),
    ...said(
      before.staticPasses !== after.staticPasses,
      after.staticPasses === 'open' ? 'Printed codes open' : 'Printed codes no longer open',
    ),
    ...said(
      before.newerThanList !== after.newerThanList,
      after.newerThanList === 'open'
        ? 'Passes newer than the list open by their signature'
        : 'Passes newer than the list no longer open',
    ),
    ...said(!isSame(before.lease, after.lease), 'What opens while a gate is without news'),
    ...said(before.whenClockInDoubt !== after.whenClockInDoubt, 'What opens while a clock is in doubt'),
    ...said(!isSame(before.gates, after.gates), 'Exceptions of single gates'),
    ...said(!isSame(before.guard, after.guard), 'How much waits for a second administrator'),
  ]
}

function keyedChanges<Entry>(
  before: Readonly<Record<string, Entry>>,
  after: Readonly<Record<string, Entry>>,
  nameOf: (entry: Entry, key: string) => string,
): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].toSorted().flatMap(key => {
    const [was, is] = [before[key], after[key]]
    if (is === undefined) return [`${nameOf(was!, key)} taken away`]
    if (was === undefined) return [`${nameOf(is, key)} new`]
    return isSame(was, is) ? [] : [`${nameOf(is, key)} changed`]
  })
}

/** The first number that no set has; null: there are 10,000. */
export function freeSet(sets: GateRulesContent['groupSets']): number | null {
  for (let number = 0; number <= 9_999; number++) if (sets[number] === undefined) return number
  return null
}

export function without<Entry>(entries: Readonly<Record<string, Entry>>, key: string): Record<string, Entry> {
  return Object.fromEntries(Object.entries(entries).filter(([each]) => each !== key))
}

export type SaidAt = (path: string) => string | undefined

/** What was said against a field or something inside it, by its path below `rules`. */
export function saidAt(problems: Readonly<Record<string, string>>): SaidAt {
  return path => {
    const whole = `rules.${path}`
    return Object.entries(problems).find(([at]) => at === whole || at.startsWith(`${whole}.`))?.[1]
  }
}

/** "09:30" as a time field has it; midnight at the end of a day is the first minute of the next. */
export function timeField(minute: number): string {
  const [hours, minutes] = [Math.floor(minute / 60) % 24, minute % 60]
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

/** The minute of the day a time field names; an empty one names none and is 0. */
export function minuteOf(field: string): number {
  const [hours = 0, minutes = 0] = field.split(':').map(Number)
  return hours * 60 + minutes
}

/** The same at the end of an interval, where 00:00 is midnight at the end of the day. */
export function untilMinuteOf(field: string): number {
  return minuteOf(field) || 1440
}
