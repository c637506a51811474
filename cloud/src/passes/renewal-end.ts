import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { NotRenewed } from '@gatehouse/shared/wire/api/pass-renewals.ts'

/** What decides about the renewal of a pass. Times in ms. */
export type RenewalFacts = {
  readonly status: 'active' | 'suspended' | 'revoked' | 'lost'
  readonly expiresMs: number
  readonly isHolderActive: boolean
  readonly isVisitor: boolean
  /** The end that the school has for a pass of its kind that begins when this one ends, or now; null: no term is entered. */
  readonly byRuleMs: number | null
  /** Renewed by itself so many days before its end, and not earlier. */
  readonly renewalDays: number
}

const DAY_MS = 86_400_000

/** The new end of a pass, or the first thing that is in the way. `askedMs` undefined: as the school has it for the kind. */
export function renewalEnd(
  { status, expiresMs, isHolderActive, isVisitor, byRuleMs, renewalDays }: RenewalFacts,
  { askedMs, nowMs }: { readonly askedMs: number | undefined; readonly nowMs: number },
): Result<number, NotRenewed> {
  if (status === 'revoked') return fail('revoked')
  if (status !== 'active') return fail('suspended')
  if (!isHolderActive) return fail('holderNotActive')
  if (askedMs === undefined && expiresMs - renewalDays * DAY_MS > nowMs) return fail('notYet')
  const endsMs = askedMs ?? byRuleMs
  if (endsMs === null) return fail('noTerm')
  if (endsMs <= expiresMs || endsMs <= nowMs) return fail('endsNoLater')
  return isVisitor && byRuleMs !== null && endsMs > byRuleMs ? fail('tooLong') : ok(endsMs)
}
