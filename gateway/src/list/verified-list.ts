import type { ListHead, ListPolicy } from '@gatehouse/shared/list/documents.ts'
import type { TableRootParts } from '@gatehouse/shared/list/roots.ts'
import type { Table } from '@gatehouse/shared/list/rows.ts'
import type { TableFile } from '@gatehouse/shared/list/table.ts'
import type { VerifiedDelta } from './verify-delta.ts'

/** A head and its policy whose signatures, place and order were found good, as they are kept. */
export type Signed = {
  readonly head: ListHead
  readonly headJws: string
  readonly policy: ListPolicy
  readonly policyJws: string
}

/** The compressed tables as they are fetched, carried and kept. */
export type Files = Readonly<Record<Table, Uint8Array>>

/** A whole list, each table's root found to be what was signed, and the steps from it to the head. */
export type VerifiedList = Signed & {
  /** The head that names the files: their hashes and lengths. */
  readonly baseJws: string
  readonly files: Files
  readonly tables: Readonly<Record<Table, HashedTable>>
  readonly deltas: readonly VerifiedDelta[]
}

/** What a table's root is made of. A million rows are 2 MB. */
export type TableShape = TableRootParts & { readonly root: Uint8Array }

export type HashedTable = TableFile & TableShape
