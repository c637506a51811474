import type { NotRenewed, RenewalPreview } from '@gatehouse/shared/wire/api/pass-renewals.ts'

/** Why a pass is not renewed, of one and of several. */
const WORDS: Record<NotRenewed, readonly [one: string, many: string]> = {
  revoked: ['is revoked', 'are revoked'],
  suspended: ['is suspended or lost: give it back first', 'are suspended or lost: give them back first'],
  holderNotActive: ['is of somebody who left, or whose host did', 'are of people who left, or whose host did'],
  notYet: ['ends too far away to be renewed yet', 'end too far away to be renewed yet'],
  noTerm: ['ends with a term, and none is entered', 'end with a term, and none is entered'],
  endsNoLater: ['ends as late already', 'end as late already'],
  tooLong: ['is a visitor’s, and would last too long', 'are visitors’, and would last too long'],
}

export const sayReason = (reason: NotRenewed): string => WORDS[reason][0]

/** Why some of those chosen are not renewed, a line each. */
export function sayNotRenewed({ notRenewed }: Pick<RenewalPreview, 'notRenewed'>): string[] {
  return Object.entries(WORDS).flatMap(([reason, [one, many]]) => {
    const count = notRenewed[reason as NotRenewed]
    return count === 0 ? [] : [`${count.toLocaleString()} ${count === 1 ? one : many}`]
  })
}
