import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import type { Row, Tx } from '../db/tables.ts'
import { nameOf } from '../students/name.ts'
import { credentialsOf } from './credentials.repo.ts'
import { groupNames } from './groups.repo.ts'
import { groupNumbers, opensUntil, type PassRow } from './passes.repo.ts'

/** Passes as the API shows them, with their groups by name and their cards. */
export async function passesShown(tx: Tx, rows: readonly PassRow[], nowMs: number): Promise<Pass[]> {
  const names = await groupNames(tx)
  const credentials = Map.groupBy(
    await credentialsOf(
      tx,
      rows.map(row => row.pass_id),
    ),
    row => row.pass_id,
  )
  return rows.map(row => passOf(row, names, credentials.get(row.pass_id) ?? [], nowMs))
}

function passOf(
  row: PassRow,
  names: ReadonlyMap<number, string>,
  credentials: readonly Row<'credentials'>[],
  nowMs: number,
): Pass {
  return {
    passId: row.pass_id,
    serial: Number(row.serial),
    holder: {
      studentId: row.student_id,
      visitorId: row.visitor_id,
      name: nameOf(row),
      studentNumber: row.student_number,
      host: row.host_id === null ? null : { userId: row.host_id, name: row.host_name ?? '' },
    },
    escort: row.escort,
    status: row.status,
    expired: opensUntil(row).getTime() <= nowMs,
    class: row.class,
    notBefore: row.not_before.toISOString(),
    expires: row.expires.toISOString(),
    revokesAt: row.revoke_at?.toISOString() ?? null,
    groups: groupNumbers(row.groups).map(number => ({ number, name: names.get(number) ?? `Group ${number}` })),
    profile: row.profile,
    level: row.access_level_id === null ? null : { id: row.access_level_id, name: row.level_name ?? '' },
    revokedAt: row.revoked_at?.toISOString() ?? null,
    note: row.note,
    credentials: credentials.map(({ id, technology, bit_count, ending, created_at }) => ({
      id,
      technology,
      bitCount: bit_count,
      ending,
      createdAt: created_at.toISOString(),
    })),
    createdAt: row.created_at.toISOString(),
  }
}
