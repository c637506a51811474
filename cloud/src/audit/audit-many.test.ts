import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type AuditEntry, audit, auditAll } from './audit.ts'

onBothEngines('many rows of the audit log at once', engine => {
  let database: Database
  beforeAll(async () => {
    database = await engine.fresh()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const ENTRIES: AuditEntry[] = [
    {
      action: 'student.create',
      after: { firstName: 'Zoë "Z" \\ \u2028', lastName: 'Ångström', list: [1, [true, null]] },
    },
    { action: 'student.update', before: { status: 'active', n: 1.5e-7 }, after: { status: null }, note: 'because' },
    { action: 'student.archive', subject: { kind: 'student', id: 'x' }, after: {} },
    { action: 'import.applied' },
  ]

  test('are the rows that each of them is alone, to the letter: what is hashed is the text of the columns', async () => {
    const { schoolId } = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
    const auditor = { schoolId, nowMs: Date.UTC(2026, 8, 1) }
    const rows = await inSchool(database.db, schoolId, async tx => {
      const written = async (work: () => Promise<unknown>) => {
        const before = new Set((await tx.selectFrom('audit_log').select('id').execute()).map(({ id }) => id))
        await work()
        const all = await tx
          .selectFrom('audit_log')
          .select(['id', 'school_id', 'at', 'by_kind', 'by_name', 'action', 'subject_kind', 'subject_id', 'note'])
          .select([sql<string>`before::text`.as('before'), sql<string>`after::text`.as('after')])
          .orderBy('action')
          .execute()
        return all.filter(({ id }) => !before.has(id)).map(({ id: _, ...row }) => row)
      }
      return {
        together: await written(() => auditAll(tx, auditor, ENTRIES)),
        alone: await written(async () => {
          for (const entry of ENTRIES) await audit(tx, auditor, entry)
        }),
      }
    })
    expect(rows.together).toHaveLength(ENTRIES.length)
    expect(rows.together).toEqual(rows.alone)
    expect(rows.together.map(({ after }) => after)).toEqual(
      ENTRIES.toSorted((a, b) => (a.action < b.action ? -1 : 1)).map(({ after }) =>
        after === undefined ? null : JSON.stringify(after),
      ),
    )
  })

  test('none is no statement, and more than a thousand are several', async () => {
    const { schoolId } = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
    const many = Array.from({ length: 2_001 }, (_, at): AuditEntry => ({ action: 'student.update', after: { at } }))
    const counted = await inSchool(database.db, schoolId, async tx => {
      await auditAll(tx, { schoolId, nowMs: Date.now() }, [])
      await auditAll(tx, { schoolId, nowMs: Date.now() }, many)
      return tx.selectFrom('audit_log').select('after').where('action', '=', 'student.update').execute()
    })
    expect(new Set(counted.map(({ after }) => (after as { at: number }).at)).size).toBe(2_001)
  })
})
