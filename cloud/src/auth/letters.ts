import type { Tx } from '../db/tables.ts'

/** A mail about somebody's account. It leaves when the transaction commits. */
export type Letter = {
  readonly schoolId: string | null
  readonly userId: string
  readonly to: string
  readonly template: 'password_reset' | 'new_sign_in' | 'password_changed' | 'factor_changed'
  readonly values: Readonly<Record<string, string>>
}

export type Post = (tx: Tx, letter: Letter) => Promise<void>
