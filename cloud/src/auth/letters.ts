import type { Tx } from '../db/tables.ts'
import type { ValuesOf } from '../mail/templates.ts'

type AboutAccounts = 'password_reset' | 'new_sign_in' | 'password_changed' | 'factor_changed'

/** A mail about somebody's account, to them and in their language. It leaves when the transaction commits. */
export type Letter = {
  readonly [Name in AboutAccounts]: {
    readonly schoolId: string | null
    readonly userId: string
    readonly to: string
    readonly template: Name
    readonly values: ValuesOf<Name>
  }
}[AboutAccounts]

export type Post = (tx: Tx, letter: Letter) => Promise<void>
