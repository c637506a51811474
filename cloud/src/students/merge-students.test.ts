import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { applicant, handedIn } from '../testing/applicants.ts'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'

onBothEngines('two that are one student', engine => {
  let it: People
  beforeAll(async () => {
    it = await people(await engine.fresh())
  })
  afterAll(() => it[Symbol.asyncDispose]())

  const merge = (id: string, body: object, suffix = 'merge') => it.call('POST', `/students/${id}/${suffix}`, body)
  const found = async () =>
    (await it.call('GET', '/students/duplicates')).body.data.map(
      (twins: { because: string; students: { id: string }[] }) => [
        twins.because,
        ...twins.students.map(({ id }) => id),
      ],
    )

  test('are found by name and birth date, by phone, and by private e-mail, however they were written', async () => {
    const a = await it.student({ firstName: 'Zoë', lastName: 'Ångström', birthDate: '2004-01-02' })
    const b = await it.student({ firstName: 'zoe', lastName: 'angstrom', birthDate: '2004-01-02' })
    await it.student({ firstName: 'Zoë', lastName: 'Ångström', birthDate: '2004-01-03' })
    const c = await it.student({ firstName: 'C', phone: '06 11112222' })
    const d = await it.student({ firstName: 'D', phone: '+31 6 1111 2222' })
    const e = await it.student({ firstName: 'E', privateEmail: 'Same@home.example' })
    const f = await it.student({ firstName: 'F', privateEmail: 'same@HOME.example' })
    expect(await found()).toEqual([
      ['person', a.id, b.id],
      ['phone', c.id, d.id],
      ['privateEmail', e.id, f.id],
    ])
    await it.call('DELETE', `/students/${d.id}`)
    expect((await found()).map(([because]: [string]) => because)).toEqual(['person', 'privateEmail'])
  })

  test('become one: passes, cards and passages are this one’s, fields as chosen, the number free again', async () => {
    const mine = await it.student({ studentNumber: 'MINE-1', phone: '0612121212', notes: 'Mine' })
    const other = await it.student({
      studentNumber: 'OTHER-1',
      firstName: 'Augusta',
      email: 'other@example.org',
      birthDate: '2003-03-03',
      notes: 'Theirs',
    })
    const passId = await it.pass(other.id)
    await it.call('POST', `/passes/${passId}/credentials`, { technology: 'em4100', bits: '01000734E0' })
    const body = { otherId: other.id, take: { firstName: 'other' } }
    const seen = (await merge(mine.id, body, 'merge-preview')).body.data
    expect(seen).toEqual({
      undoable: false,
      changes: expect.arrayContaining(['firstName', 'email', 'birthDate']),
      passes: 1,
      cards: 1,
      applications: 0,
      account: 'none',
      freedNumber: 'OTHER-1',
      effects: {},
    })
    expect((await it.call('GET', `/students/${other.id}`)).status).toBe(200)

    const merged = await merge(mine.id, body)
    expect(merged.body.data).toMatchObject({
      id: mine.id,
      studentNumber: 'MINE-1',
      firstName: 'Augusta',
      email: 'other@example.org',
      birthDate: '2003-03-03',
      phone: '+31612121212',
      notes: 'Mine',
      passCount: 1,
    })
    expect((await it.call('GET', `/passes/${passId}`)).body.data).toMatchObject({
      holder: { studentId: mine.id },
      credentials: [{ ending: '4E0' }],
    })
    expect((await it.call('GET', `/students/${other.id}`)).status).toBe(404)
    expect((await it.student({ studentNumber: 'OTHER-1' })).studentNumber).toBe('OTHER-1')
    const [entry] = (await it.call('GET', `/students/${mine.id}/history`)).body.data
    expect(entry).toMatchObject({
      action: 'student.merge',
      before: { this: { firstName: 'Ada' }, other: { id: other.id, studentNumber: 'OTHER-1', birthDate: '2003' } },
      after: { passesMoved: [passId] },
    })
  })

  test('a suspended one suspends what comes to it, in the same step', async () => {
    const mine = await it.student()
    const other = await it.student()
    const passId = await it.pass(other.id)
    await it.call('PATCH', `/students/${mine.id}`, { status: 'suspended' })
    expect((await merge(mine.id, { otherId: other.id }, 'merge-preview')).body.data.effects).toEqual({ suspended: 1 })
    await merge(mine.id, { otherId: other.id })
    expect(await it.passStatus(passId)).toBe('suspended')
  })

  test('the account moves, and two accounts are not merged', async () => {
    const [mine, other, third] = [await it.student(), await it.student(), await it.student()]
    const { schoolId } = it.school
    const [first, second] = await inSchool(it.cloud.database.db, schoolId, tx =>
      tx.selectFrom('users').select('id').orderBy('id').limit(2).execute(),
    )
    const link = (id: string, userId: string) =>
      inSchool(it.cloud.database.db, schoolId, tx =>
        tx.updateTable('students').set({ user_id: userId }).where('id', '=', id).execute(),
      )
    await link(other.id, first!.id)
    await link(third.id, second!.id)
    expect((await merge(mine.id, { otherId: other.id }, 'merge-preview')).body.data.account).toBe('moves')
    expect((await merge(mine.id, { otherId: other.id })).status).toBe(200)
    const refused = await merge(mine.id, { otherId: third.id })
    expect([refused.status, refused.body.error.code]).toEqual([409, 'two_accounts'])
    expect((await it.call('GET', `/students/${third.id}`)).status).toBe(200)
  })

  test('applications and files are this one’s too, and two open applications are not merged', async () => {
    const mine = await it.student()
    const other = await applicant(it)
    const applicationId = (await other.call('POST', '/my/applications')).body.data.id
    const fileId = await handedIn(it, other.studentId, { category: 'photo' })
    const { schoolId: school_id } = it.school
    await inSchool(it.cloud.database.db, school_id, tx =>
      tx
        .insertInto('student_photos')
        .values({ school_id, student_id: other.studentId, file_id: fileId, since: new Date() })
        .execute(),
    )
    const body = { otherId: other.studentId }
    expect((await merge(mine.id, body, 'merge-preview')).body.data.applications).toBe(1)
    expect((await merge(mine.id, body)).status).toBe(200)
    expect((await other.call('GET', `/my/applications/${applicationId}`)).body.data.status).toBe('draft')
    const ofMine = (await it.call('GET', `/files?studentId=${mine.id}`)).body.data
    expect(ofMine.map(({ id }: { id: string }) => id)).toEqual([fileId])
    const photos = await inSchool(it.cloud.database.db, it.school.schoolId, tx =>
      tx.selectFrom('student_photos').select(['student_id', 'file_id']).execute(),
    )
    expect(photos).toEqual([{ student_id: mine.id, file_id: fileId }])

    const third = await applicant(it)
    await third.call('POST', '/my/applications')
    await inSchool(it.cloud.database.db, it.school.schoolId, tx =>
      tx.updateTable('students').set({ user_id: null }).where('id', '=', third.studentId).execute(),
    )
    const refused = await merge(mine.id, { otherId: third.studentId })
    expect([refused.status, refused.body.error.code]).toEqual([409, 'two_applications'])
    expect((await it.call('GET', `/students/${third.studentId}`)).status).toBe(200)
  })

  test('nobody is merged with themselves or with who is not there', async () => {
    const { id } = await it.student()
    expect((await merge(id, { otherId: id })).status).toBe(422)
    expect((await merge(id, { otherId: '01990000-0000-7000-8000-000000000000' })).status).toBe(404)
  })
})
