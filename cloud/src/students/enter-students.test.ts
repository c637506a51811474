import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { createDepartment } from '../departments/departments.repo.ts'
import { openingOf } from '../keys/data-keys.ts'
import { openVault } from '../keys/vault.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { issuePass } from '../passes/passes.repo.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type EnterOptions, enterStudents, type StudentEntry } from './enter-students.ts'
import { fieldsOf } from './student-fields.ts'

const vault = openVault(Buffer.alloc(32, 1))

onBothEngines('students entered by the thousand', engine => {
  let database: Database
  let school: TestSchool
  beforeAll(async () => {
    database = await engine.fresh()
    school = await enterTestSchool(database, vault)
    await inOurs(tx => enterGroups(tx, school.schoolId, new Map([[0, 'Campus']])))
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const inOurs = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(database.db, school.schoolId, work)
  const actor = () => ({ schoolId: school.schoolId, userId: null, nowMs: Date.parse('2026-11-26T12:00:00Z') })
  const enter = (entries: StudentEntry[], options?: EnterOptions) =>
    inOurs(tx => enterStudents(tx, vault, actor(), entries, options))
  const outcomes = async (entries: StudentEntry[], options?: EnterOptions) =>
    (await enter(entries, options)).entered.map(each => (each.outcome === 'refused' ? each.why : each.outcome))
  const read = (studentNumber: string) =>
    inOurs(async tx => {
      const row = await tx
        .selectFrom('students')
        .selectAll()
        .where('student_number', '=', studentNumber)
        .where('archived_at', 'is', null)
        .executeTakeFirstOrThrow()
      const opening = await openingOf(tx, vault, school.schoolId, [row.sealed_personal, row.sealed_notes])
      return { row, fields: fieldsOf(row, opening) }
    })
  const ada = { studentNumber: 'E-001', firstName: 'Ada', lastName: 'Lovelace' }

  test('made, changed only where something differs, and left alone', async () => {
    expect(await outcomes([{ ...ada, phone: '06 12345678', birthDate: '2005-12-10' }])).toEqual(['created'])
    expect(await outcomes([{ ...ada, phone: '+31 6 12 34 56 78' }])).toEqual(['same'])
    const done = await enter([{ studentNumber: 'E-001', lastName: 'King', notes: 'Reads too much' }])
    expect(done.entered).toEqual([
      {
        outcome: 'changed',
        studentId: expect.any(String),
        before: { lastName: 'Lovelace', notes: null },
        after: { lastName: 'King', notes: 'Reads too much' },
      },
    ])
    const { row, fields } = await read('E-001')
    expect(fields).toMatchObject({ lastName: 'King', phone: '+31612345678', birthDate: '2005-12-10', firstName: 'Ada' })
    expect(row.version).toBe(2)
    expect(row.search_text).toContain(' king ')
  })

  test('2,500 in one call, and again without a change', async () => {
    const many = Array.from({ length: 2_500 }, (_, n) => ({
      studentNumber: `M-${n}`,
      firstName: 'Many',
      lastName: `${n}`,
      email: `m${n}@example.org`,
      birthDate: '2004-02-29',
    }))
    expect(new Set(await outcomes(many))).toEqual(new Set(['created']))
    expect(new Set(await outcomes(many))).toEqual(new Set(['same']))
    const { count } = await inOurs(tx =>
      tx
        .selectFrom('audit_log')
        .select(eb => eb.fn.countAll<string>().as('count'))
        .where('action', '=', 'student.create')
        .where('after', 'is not', null)
        .executeTakeFirstOrThrow(),
    )
    expect(Number(count)).toBeGreaterThanOrEqual(2_500)
    expect((await read('M-2499')).fields.birthDate).toBe('2004-02-29')
  })

  test('a dry run says the same and changes nothing', async () => {
    const entries = [
      { studentNumber: 'E-001', lastName: 'Byron' },
      { studentNumber: 'DRY-1', firstName: 'New', lastName: '' },
    ]
    expect(await outcomes(entries, { dryRun: true })).toEqual(['changed', 'created'])
    expect((await read('E-001')).fields.lastName).toBe('King')
    expect(await outcomes([{ studentNumber: 'DRY-1', lastName: 'x' }])).toEqual(['no_first_name'])
  })

  test('each that cannot be is refused by itself, with why', async () => {
    await enter([{ studentNumber: 'R-001', firstName: 'Other', lastName: '', email: 'taken@example.org' }])
    const { id: otherId } = (await read('R-001')).row
    const rows: [StudentEntry, string][] = [
      [{ studentNumber: 'R-010', firstName: 'Fine', lastName: 'One' }, 'created'],
      [{ studentNumber: 'R-010', firstName: 'Fine', lastName: 'Two' }, 'twice'],
      [{ studentNumber: 'R-011', firstName: 'x', lastName: '', email: 'TAKEN@example.org' }, 'email_taken'],
      [{ studentNumber: 'R-012', firstName: 'x', lastName: '', phone: '12' }, 'phone_unreadable'],
      [{ studentNumber: 'R 013', firstName: 'x', lastName: '' }, 'number_unlike'],
      [{ studentNumber: 'R-014', firstName: 'x', lastName: '', birthDate: '2031-01-01' }, 'birth_in_future'],
      [{ studentNumber: 'R-015', firstName: 'x', lastName: '', departmentId: otherId }, 'no_such_department'],
      [{ studentNumber: 'R-016', studentId: '01990000-0000-7000-8000-000000000000' }, 'no_such_student'],
      [{ studentNumber: 'E-001', studentId: otherId }, 'number_taken'],
    ]
    expect(await outcomes(rows.map(([entry]) => entry))).toEqual(rows.map(([, outcome]) => outcome))
  })

  test('a department and a status are kept, and leaving takes the passes in the same step', async () => {
    const department = await inOurs(tx => createDepartment(tx, actor(), 'Physics'))
    const [made] = (await enter([{ studentNumber: 'L-001', firstName: 'Leaves', lastName: '' }])).entered
    const studentId = made!.outcome === 'created' ? made!.studentId : ''
    const { nowMs } = actor()
    await inOurs(tx =>
      issuePass(tx, actor(), {
        studentId,
        class: 'student',
        notBeforeMs: nowMs,
        expiresMs: nowMs + 1e9,
        groups: [0],
        profile: 0,
      }),
    )
    const departmentId = department.ok ? department.value.id : ''
    const { passes } = await enter([{ studentNumber: 'L-001', status: 'graduated', departmentId }])
    expect([...passes]).toEqual([['revoked', 1]])
    expect((await read('L-001')).fields).toMatchObject({ status: 'graduated', departmentId })
    const pass = await inOurs(tx =>
      tx.selectFrom('passes').select('status').where('student_id', '=', studentId).executeTakeFirstOrThrow(),
    )
    expect(pass.status).toBe('revoked')
  })

  test('nothing personal is in clear in the row or in the audit log', async () => {
    const secrets = { phone: '+31687654321', privateEmail: 'secret@home.example', notes: 'Allergic to peanuts' }
    await enter([
      {
        studentNumber: 'S-100',
        firstName: 'Sealed',
        lastName: '',
        birthDate: '2001-03-04',
        address: { lines: ['Dorpsstraat 1'], postalCode: null, town: 'Ons Dorp', country: null },
        ...secrets,
      },
    ])
    const { row } = await read('S-100')
    const log = await inOurs(tx => tx.selectFrom('audit_log').selectAll().where('student_id', '=', row.id).execute())
    const text = JSON.stringify([row, log])
    for (const secret of [...Object.values(secrets), '2001-03-04', 'Dorpsstraat']) {
      expect([secret, text.includes(secret)]).toEqual([secret, false])
    }
    expect(log[0]!.after).toMatchObject({ phone: '…21', birthDate: '2001', address: 'Ons Dorp', notes: '…' })
  })
})
