import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'

/** Cuts rows from before a time off the beginning of the entered school's chain. Answers how many, as the database counts. */
export async function forgetIn(tx: Tx, before: Date, rowsMax: number): Promise<string> {
  const { rows } = await sql<{ n: string }>`select audit_forget(${before}::timestamptz, ${rowsMax}) as n`.execute(tx)
  return rows[0]!.n
}

/** Takes names, addresses and details out of sign-ins from before a time. Answers of how many. */
export async function thinSignIns(tx: Tx, before: Date, rowsMax: number): Promise<string> {
  const { rows } = await sql<{ n: string }>`select audit_thin(${before}::timestamptz, ${rowsMax}) as n`.execute(tx)
  return rows[0]!.n
}

/** Takes out what the entered school's log tells of a student and of an account, and what a student's account did. Answers of how many rows. */
export async function eraseIn(tx: Tx, studentId: string | null, userId: string | null = null): Promise<string> {
  const { rows } = await sql<{ n: string }>`select audit_erase(${studentId}::uuid, ${userId}::uuid) as n`.execute(tx)
  return rows[0]!.n
}
