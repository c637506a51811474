import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { csv, importFixture, NO_STOP } from '../testing/import-fixture.ts'

onBothEngines('imports', engine => {
  const it = importFixture(engine)
  const faults = async (importId: string) =>
    (await it.rows(importId, '&action=refuse')).map(({ row, faults }) => {
      const [first] = faults as { column: string; message: string }[]
      return [row, first!.column, first!.message]
    })

  describe('an upload', () => {
    test('says what it found, and which column is likely what', async () => {
      const said = await it.stand.upload(
        'Leerlingnummer;Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum;\r\n00017;Zoë;van der;Berg;31-12-2008;x\r\n',
        { name: 'Lijst “mei”.csv' },
      )
      expect(said.status).toBe(201)
      expect(said.body.data).toMatchObject({
        kind: 'csv',
        name: 'Lijst “mei”.csv',
        state: 'uploaded',
        headings: ['Leerlingnummer', 'Roepnaam', 'Tussenvoegsel', 'Achternaam', 'Geboortedatum', 'Column 6'],
        samples: [['00017', 'Zoë', 'van der', 'Berg', '31-12-2008', 'x']],
        mapping: {
          columns: {
            studentNumber: 'Leerlingnummer',
            firstName: 'Roepnaam',
            lastNamePrefix: 'Tussenvoegsel',
            lastName: 'Achternaam',
            birthDate: 'Geboortedatum',
          },
          dateOrder: 'dmy',
        },
      })
    })

    test('that cannot be read, is of another type or is too many is refused, and nothing of it stays', async () => {
      for (const [file, type, status, code] of [
        ['', 'text/csv', 422, 'unreadable_file'],
        ['a,b', 'application/json', 400, 'malformed_json'],
        ['a,b', 'image/png', 415, 'unsupported_type'],
        [gzipSync(csv('1')).subarray(0, 20), 'application/gzip', 422, 'unreadable_file'],
      ] as const) {
        const said = await it.stand.upload(file, { type })
        expect([said.status, said.body.error.code]).toEqual([status, code])
      }
      expect((await it.stand.call('GET', '/imports')).body.data).toEqual([])
      expect(await it.count(`imports where school_id = '${it.school.schoolId}'`)).toBe(0)
      for (let at = 0; at < 20; at++) expect((await it.stand.upload(csv('S-1,A'))).status).toBe(201)
      expect((await it.stand.upload(csv('S-1,A'))).body.error.code).toBe('too_many_imports')
    })

    test('is kept sealed: nothing of it can be read in the tables', async () => {
      await it.stand.planned(csv('S-100,Veryrarename,Lovelace,,,,2008-05-17,0612345678'))
      const kept = await it.ask<{ text: string }>(
        'select row_to_json(c)::text as text from import_chunks c union all select row_to_json(r)::text from import_rows r',
      )
      expect(kept.length).toBeGreaterThan(1)
      for (const { text } of kept) expect(text).not.toMatch(/Veryrarename|2008-05-17|0612345678|31612345678/)
    })
  })

  describe('a dry run', () => {
    test('says exactly what applying would do, and changes nothing', async () => {
      await it.enter('S-001', { email: 'old@x.example' })
      await it.enter('S-002', { firstName: 'Grace', lastName: 'Hopper' })
      const leaver = await it.enter('S-003')
      const passId = await it.issue(leaver)
      await it.enter('S-004')
      const before = await it.students()
      const { plan, held } = await it.stand.planned(
        csv(
          'S-001,Ada,Lovelace,new@x.example,Physics,active,17-05-2008,06 12345678',
          'S-002,Grace,Hopper,,,,,',
          'S-003,Ada,Lovelace,,,left,,',
          'S-005,Alan,Turing,,Maths,,,',
          'S-006,,Nobody,,,,,',
        ),
        { absent: 'archive' },
        NO_STOP,
      )
      expect(plan).toEqual({
        rows: 5,
        made: 1,
        changed: 2,
        unchanged: 1,
        refused: 1,
        absent: 1,
        archived: 1,
        fields: { email: 1, department: 1, birthDate: 1, phone: 1, status: 1 },
        statuses: [{ from: 'active', to: 'inactive', students: 1 }],
        passes: { revoked: 1, suspended: 0, givenBack: 0 },
        newDepartments: { count: 2, names: ['Maths', 'Physics'] },
        terms: [],
        unknownStatuses: [],
        living: 4,
        hurt: 2,
      })
      expect(held).toBe(false)
      expect(await it.students()).toEqual(before)
      expect(await it.passStatus(passId)).toBe('active')
    })

    test('names every bad row: its number, its column, and why', async () => {
      await it.enter('S-900', { email: 'taken@x.example' })
      const { id, plan } = await it.stand.planned(
        csv(
          ',Ada,Lovelace',
          'S 1,Ada,Lovelace',
          'S-002,Ada,Lovelace,not an address',
          'S-003,Ada,Lovelace,,,swimming',
          'S-004,Ada,Lovelace,,,,31-31-2008',
          'S-005,Ada,Lovelace,,,,2999-01-01',
          'S-006,Ada,Lovelace,,,,,12',
          '',
          'S-007,Ada,Lovelace,TAKEN@x.example',
          'S-008,,Lovelace',
          'S-009,Ada,Lovelace',
          'S-009,Ada,Other',
          'S-010,Ada,Lovelace,two@x.example',
          'S-011,Ada,Lovelace,Two@x.example',
          `S-012,${'x'.repeat(101)},Lovelace`,
          'S-013,Good,Row',
        ),
      )
      expect(await faults(id)).toEqual([
        [2, 'Student number', expect.any(String)],
        [3, 'Student number', 'letters, digits and signs without blanks'],
        [4, 'Email', 'must be an e-mail address'],
        [5, 'Status', '“swimming” is no status that is known: say what it stands for'],
        [6, 'Date of birth', '“31-31-2008” is no date in the order day, month, year'],
        [7, 'Date of birth', 'is in the future'],
        [8, 'Mobile', expect.stringContaining('no phone number')],
        [10, 'Email', 'another student has this e-mail address'],
        [11, 'First name', 'a new student needs a first name'],
        [12, 'Student number', 'row 13 has the same number'],
        [13, 'Student number', 'row 12 has the same number'],
        [14, 'Email', 'row 15 has the same e-mail address'],
        [15, 'Email', 'row 14 has the same e-mail address'],
        [16, 'First name', '1 to 100 characters'],
      ])
      expect(plan).toMatchObject({ rows: 15, made: 1, refused: 14, unknownStatuses: ['swimming'] })
    })

    test('asks which column is the number, and only for columns of the file', async () => {
      const { id, mapping } = (await it.stand.upload(csv('S-1,A'))).body.data
      const plan = (columns: object) =>
        it.stand.call('PUT', `/imports/${id}/plan`, { mapping: { ...mapping, columns } })
      expect((await plan({ firstName: 'First name' })).body.error).toMatchObject({
        details: [{ path: 'mapping.columns.studentNumber' }],
      })
      expect((await plan({ studentNumber: 'Nummer' })).status).toBe(422)
      expect((await plan({ studentNumber: 'Email', email: 'Email' })).status).toBe(422)
      expect((await plan({ shoeSize: 'Email' })).status).toBe(422)
      expect((await it.stand.find(id)).state).toBe('uploaded')
    })

    test('reads the school’s own words and another order of dates, and can be done again with another mapping', async () => {
      const file = csv('S-001,Ada,Lovelace,,,klaar,12/31/2008,')
      const first = await it.stand.planned(file)
      expect(first.plan).toMatchObject({ refused: 1, unknownStatuses: ['klaar'] })
      const mapping = { ...first.mapping, statuses: { klaar: 'graduated' }, dateOrder: 'mdy' }
      const second = await it.stand.step(first.id, 'PUT', '/plan', { mapping, stop: NO_STOP })
      expect(second.plan).toMatchObject({ rows: 1, made: 1, refused: 0 })
      await it.stand.step(first.id, 'POST', '/application', {})
      expect((await it.students()).get('S-001')).toMatchObject({ status: 'graduated', birthDate: '2008-12-31' })
    })

    test('leaves what an empty cell says nothing of, or clears it when asked to', async () => {
      await it.enter('S-001', { email: 'a@x.example' })
      expect((await it.stand.planned(csv('S-001,Ada,Lovelace,,,,,'))).plan).toMatchObject({ unchanged: 1 })
      expect((await it.stand.planned(csv('S-001,Ada,Lovelace,,,,,'), { emptyCells: 'clear' })).plan).toMatchObject({
        changed: 1,
        fields: { email: 1 },
      })
    })

    test('of a file that breaks off in the middle fails with the row, and can be done with another file', async () => {
      const many = Array.from({ length: 3_000 }, (_, at) => `S-${at + 1000},Ada,Lovelace`)
      const { id, mapping } = (await it.stand.upload(csv(...many, 'S-002,"Ada'))).body.data
      const failed = await it.stand.step(id, 'PUT', '/plan', { mapping })
      expect(failed).toMatchObject({
        state: 'failed',
        plan: null,
        problem: expect.stringContaining('In row 3002 a quotation mark'),
      })
      expect((await it.stand.call('POST', `/imports/${id}/application`, {})).body.error.code).toBe('not_planned')
      expect((await it.stand.call('DELETE', `/imports/${id}`)).body.data.state).toBe('cancelled')
    })

    test('that would make more departments than a school has fails', async () => {
      const many = Array.from({ length: 501 }, (_, at) => `S-${1000 + at},Ada,Lovelace,,Dept ${at}`)
      expect(await it.stand.planned(csv(...many))).toMatchObject({
        state: 'failed',
        problem: expect.stringContaining('501 departments'),
      })
    })
  })

  describe('the stop', () => {
    test('holds an import that would hurt more than so many or such a part, and asks for the number', async () => {
      for (const number of ['S-001', 'S-002', 'S-003', 'S-004']) await it.enter(number)
      const file = csv('S-001,Ada,Lovelace,,,left', 'S-002,Ada,Lovelace,,,suspended')
      expect(await it.stand.planned(file, {}, { percent: 50, students: 2 })).toMatchObject({
        held: false,
        plan: { hurt: 2 },
      })
      expect(await it.stand.planned(file, {}, { percent: 49, students: 2 })).toMatchObject({ held: true })
      expect(await it.stand.planned(file, {}, { percent: 50, students: 1 })).toMatchObject({ held: true })
      const { id, held } = await it.stand.planned(file)
      expect(held).toBe(true)
      for (const body of [{}, { confirmHurt: 1 }]) {
        const refused = await it.stand.call('POST', `/imports/${id}/application`, body)
        expect([refused.status, refused.body.error.code]).toEqual([409, 'needs_confirmation'])
        expect(refused.body.error.message).toContain('2 of 4 students')
      }
      expect((await it.students()).get('S-001')).toMatchObject({ status: 'active' })
      expect(await it.stand.step(id, 'POST', '/application', { confirmHurt: 2 })).toMatchObject({ state: 'applied' })
      expect((await it.students()).get('S-001')).toMatchObject({ status: 'inactive' })
    })
  })

  describe('applying', () => {
    test('makes, changes and archives, does what a status means for passes, and says so in the audit log', async () => {
      await it.enter('S-001')
      const gone = await it.enter('S-002')
      const suspended = await it.enter('S-003')
      const passes = [await it.issue(gone), await it.issue(suspended)]
      const done = await it.stand.applied(
        csv(
          'S-001,Ada,King,,Physics,,,',
          'S-003,Ada,Lovelace,,,geschorst,,',
          'S-004,Zoë,"O\'Neil, jr",zoe@x.example,physics,,17-5-2008,0612345678',
        ),
        { absent: 'archive' },
      )
      expect(done).toMatchObject({
        state: 'applied',
        outcome: {
          made: 1,
          changed: 2,
          archived: 1,
          passedOver: 0,
          passes: { revoked: 1, suspended: 1, givenBack: 0 },
        },
      })
      const now = await it.students()
      expect([...now.keys()]).toEqual(['S-001', 'S-003', 'S-004'])
      expect(now.get('S-001')).toMatchObject({ lastName: 'King', department: { name: 'Physics' } })
      expect(now.get('S-004')).toMatchObject({
        firstName: 'Zoë',
        lastName: "O'Neil, jr",
        department: { name: 'Physics' },
        birthDate: '2008-05-17',
        phone: '+31612345678',
      })
      expect([await it.passStatus(passes[0]!), await it.passStatus(passes[1]!)]).toEqual(['revoked', 'suspended'])
      const audited = await it.ask<{ action: string; by_name: string }>(
        `select action, by_name from audit_log where note = 'Import ${done.id}' or subject_id = '${done.id}' order by action collate "C", id`,
      )
      expect(audited.map(({ action }) => action)).toEqual([
        'department.create',
        'import.applied',
        'import.apply',
        'import.plan',
        'import.planned',
        'import.upload',
        'student.archive',
        'student.create',
        'student.update',
        'student.update',
      ])
      expect(new Set(audited.map(({ by_name }) => by_name))).toEqual(new Set(['school_admin']))
      expect(await it.count(`import_chunks where import_id = '${done.id}'`)).toBe(0)
    })

    test('passes over whoever was changed or entered since the dry run', async () => {
      const id = await it.enter('S-001')
      const plan = await it.stand.planned(csv('S-001,Ada,King', 'S-002,New,One', 'S-003,Other,One'))
      await it.stand.call('PATCH', `/students/${id}`, { firstName: 'Augusta' })
      await it.enter('S-002', { firstName: 'By', lastName: 'Hand' })
      const done = await it.stand.step(plan.id, 'POST', '/application', {})
      expect(done.outcome).toMatchObject({ made: 1, changed: 0, passedOver: 2 })
      const now = await it.students()
      expect(now.get('S-001')).toMatchObject({ firstName: 'Augusta', lastName: 'Lovelace' })
      expect(now.get('S-002')).toMatchObject({ firstName: 'By', lastName: 'Hand' })
      expect((await it.rows(plan.id)).map(({ outcome }) => outcome)).toEqual(['passed_over', 'passed_over', 'done'])
    })

    test('takes a department with an accent for one, however its name is written, and finds it again', async () => {
      const rows = ['S-001,Ada,King,,Économie', 'S-002,Ada,Byron,,économie', 'S-003,Ada,Milbanke,,ÉCONOMIE']
      await it.stand.applied(csv(...rows))
      const departments = [...(await it.students()).values()].map(({ department }) => department)
      expect(departments).toMatchObject([{ name: 'Économie' }, { name: 'Économie' }, { name: 'Économie' }])
      expect((await it.stand.planned(csv(...rows))).plan).toMatchObject({ unchanged: 3 })
    })

    test('is done once, however often it is asked for', async () => {
      const { id } = await it.stand.planned(csv('S-001,Ada,King'))
      const asked = await Promise.all([1, 2, 3].map(() => it.stand.call('POST', `/imports/${id}/application`, {})))
      expect(asked.map(({ status }) => status).toSorted()).toEqual([202, 409, 409])
      await it.stand.work()
      expect((await it.stand.call('POST', `/imports/${id}/application`, {})).body.error.code).toBe('over')
      expect((await it.students()).size).toBe(1)
      expect((await it.stand.call('DELETE', `/imports/${id}`)).body.error.code).toBe('over')
      expect(
        (await it.stand.call('PUT', `/imports/${id}/plan`, { mapping: (await it.stand.find(id)).mapping })).body.error
          .code,
      ).toBe('over')
    })

    test('takes more rows than a batch has', async () => {
      const many = Array.from(
        { length: 1_234 },
        (_, at) => `S-${10_000 + at},Ada,Number ${at},s${at}@x.example,Physics`,
      )
      const done = await it.stand.applied(csv(...many))
      expect(done).toMatchObject({ outcome: { made: 1_234 }, progress: { done: 1_234, total: 1_234 } })
      expect((await it.stand.call('GET', '/students?limit=1')).body.metadata.pagination.total).toBe(1_234)
    })
  })

  test('an import is its school’s own, and administrators’ only', async () => {
    const { id } = await it.stand.planned(csv('S-001,Ada,King'))
    const other = await enterTestSchool(it.database, it.cloud.vault)
    const token = await it.cloud.signIn(other, 'school_admin')
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/rows', undefined],
      ['POST', '/application', {}],
      ['POST', '/undo', undefined],
      ['DELETE', '', undefined],
    ] as const) {
      const said = await it.cloud.call(method, `/api/v1/imports/${id}${path}`, { token, ...(body && { body }) })
      expect([path, said.status]).toEqual([path, 404])
    }
    const staff = await it.cloud.signIn(it.school, 'staff')
    expect((await it.cloud.call('GET', '/api/v1/imports', { token: staff })).status).toBe(403)
  })
})
