import type { BatchCounts } from '@gatehouse/shared/wire/api/pass-batches.ts'

/** Why some of those chosen get no pass, a line each. */
export function sayNotIssued({ hasPass, notActive, noDefaultLevel }: BatchCounts): string[] {
  const some = (count: number, one: string, many: string) =>
    count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count.toLocaleString()} ${many}`]
  return [
    ...some(hasPass, 'has one already', 'have one already'),
    ...some(notActive, 'is not active', 'are not active'),
    ...some(
      noDefaultLevel,
      'has no default access level: choose one under Access levels',
      'have no default access level: choose one under Access levels',
    ),
  ]
}
