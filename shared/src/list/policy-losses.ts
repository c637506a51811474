import { Temporal } from '../time.ts'
import type { ListPolicy } from './documents.ts'
import type { DayHours, Profile } from './policy.ts'
import type { ListPass } from './rows.ts'

type Rules = Pick<ListPolicy, 'profiles' | 'holidays' | 'groupSets' | 'staticPasses'>

const MINUTES_A_DAY = 1440
const GROUP_SET_BIT = 0x80000000

/** What changed rules take: passes with these hours or group sets, and printed codes. */
export type PolicyLosses = {
  /** Numbers of profiles that are open for less time. */
  readonly profiles: ReadonlySet<number>
  /** Numbers of group sets that lost a group. */
  readonly groupSets: ReadonlySet<number>
  readonly printedCodes: boolean
}

/** What of the rules became narrower. Holidays that are over are not asked. `today`: a date, `2026-12-24`. */
export function policyLosses(before: Rules, after: Rules, today: string): PolicyLosses {
  const profiles = Object.keys(before.profiles).filter(number => {
    const [was, is] = [before.profiles[number]!, after.profiles[number]]
    return is === undefined || daysOf(before, after, today).some(day => isShorter(before, after, { was, is, day }))
  })
  const groupSets = Object.keys(before.groupSets).filter(
    number => (before.groupSets[number]! & ~(after.groupSets[number] ?? 0)) !== 0,
  )
  return {
    profiles: new Set(profiles.map(Number)),
    groupSets: new Set(groupSets.map(Number)),
    printedCodes: before.staticPasses === 'open' && after.staticPasses === 'refuse',
  }
}

/** Whether a pass loses by it. */
export function losesBy({ profiles, groupSets, printedCodes }: PolicyLosses, pass: ListPass): boolean {
  if (profiles.has(pass.profile)) return true
  if ((pass.groups & GROUP_SET_BIT) !== 0 && groupSets.has(pass.groups & ~GROUP_SET_BIT)) return true
  return printedCodes && !pass.flags.dynamicOnly
}

type Day = { readonly dayOfWeek: number; readonly date: string | null }

/** The seven days of the week, and every day that is a holiday in either. */
function daysOf(before: Rules, after: Rules, today: string): Day[] {
  const dates = new Set([...Object.keys(before.holidays), ...Object.keys(after.holidays)])
  return [
    ...[1, 2, 3, 4, 5, 6, 7].map(dayOfWeek => ({ dayOfWeek, date: null })),
    ...[...dates]
      .filter(date => date >= today)
      .map(date => ({ dayOfWeek: Temporal.PlainDate.from(date).dayOfWeek, date })),
  ]
}

function isShorter(
  before: Rules,
  after: Rules,
  { was, is, day }: { readonly was: Profile; readonly is: Profile; readonly day: Day },
): boolean {
  const [open, now] = [minutesOf(was, before, day), minutesOf(is, after, day)]
  return open.some((minute, at) => minute === 1 && now[at] === 0)
}

/** 1 for each minute of the day in which a profile opens. */
function minutesOf(profile: Profile, { holidays }: Rules, { dayOfWeek, date }: Day): Uint8Array {
  const holiday = date === null ? undefined : holidays[date]
  const hours: readonly DayHours[] =
    holiday === undefined
      ? profile.windows.filter(window => window.day === dayOfWeek)
      : (holiday.hours ?? profile.onHolidays)
  const minutes = new Uint8Array(MINUTES_A_DAY)
  for (const { fromMinute, untilMinute } of hours) minutes.fill(1, fromMinute, untilMinute)
  return minutes
}
