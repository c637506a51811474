import type { Row } from '../db/tables.ts'
import type { Problem } from '../http/problem.ts'

export type NotPrintable = 'already_revoked' | 'not_active' | 'pass_expired' | 'phone_only'

/** Why a pass is not put on paper or into a wallet: its code would open nothing. Null: it may be. */
export function notPrintable(
  { status, expires, dynamic_only }: Pick<Row<'passes'>, 'status' | 'expires' | 'dynamic_only'>,
  nowMs: number,
): NotPrintable | null {
  if (status === 'revoked') return 'already_revoked'
  if (status !== 'active') return 'not_active'
  if (expires.getTime() <= nowMs) return 'pass_expired'
  return dynamic_only ? 'phone_only' : null
}

export const NOT_PRINTABLE = {
  already_revoked: {
    status: 409,
    code: 'already_revoked',
    message: 'This pass was revoked: its code opens nothing. Issue a new pass.',
  },
  not_active: {
    status: 409,
    code: 'not_active',
    message: 'This pass is suspended or lost: its code opens nothing. Give it back first.',
  },
  pass_expired: {
    status: 409,
    code: 'pass_expired',
    message: 'This pass has run out: its code opens nothing. Issue a new pass.',
  },
  phone_only: {
    status: 409,
    code: 'phone_only',
    message: 'This pass opens with the phone only: gates refuse a code that does not move.',
  },
} satisfies Record<NotPrintable, Problem>
