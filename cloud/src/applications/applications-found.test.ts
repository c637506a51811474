import { afterAll, beforeAll, expect, test } from 'vitest'
import { applicant, handedIn } from '../testing/applicants.ts'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'
import { measureDecisions } from './processing-time.ts'

onBothEngines('an application that was submitted', engine => {
  let it: People
  let id: string
  let studentNumber: string
  beforeAll(async () => {
    it = await people(await engine.fresh())
    const zoe = await applicant(it, { firstName: 'Zoë', lastName: 'Quast' })
    studentNumber = zoe.studentNumber
    id = (await zoe.call('POST', '/my/applications')).body.data.id
    const enrolment = { fileId: await handedIn(it, zoe.studentId), expiresOn: '2038-01-01' }
    const answers = { studentNumber, birthDate: '2005-05-17', enrolment }
    await zoe.call('PATCH', `/my/applications/${id}`, { answers })
    // A draft is its student's own.
    const draft = await applicant(it, { firstName: 'Ada', lastName: 'Quast' })
    await draft.call('POST', '/my/applications')
    const said = await zoe.call('POST', `/my/applications/${id}/submission`)
    if (said.status !== 200) throw new Error(JSON.stringify(said.body))
  })
  afterAll(async () => {
    await it[Symbol.asyncDispose]()
    await it.cloud.database[Symbol.asyncDispose]()
  })

  test('is found by the name of its student, by who may read it', async () => {
    for (const [role, found] of [
      ['school_admin', [{ id, title: 'Zoë Quast', detail: 'submitted' }]],
      ['staff', [{ id, title: 'Zoë Quast', detail: 'submitted' }]],
      ['security', []],
    ] as const) {
      const said = await it.as(await it.cloud.signIn(it.school, role))('GET', '/search?q=quast')
      const applications = said.body.data.filter(({ kind }: { kind: string }) => kind === 'application')
      expect([role, applications]).toEqual([role, found.map(one => ({ kind: 'application', ...one }))])
    }
  })

  test('is measured from being submitted to being decided', async () => {
    const { db } = it.cloud.database
    const measured: [string, number][] = []
    const measure = measureDecisions({ db, onDecided: (status, ms) => measured.push([status, ms]) })
    const { schoolId } = it.school
    const moved = (status: 'submitted' | 'rejected') =>
      measure([{ schoolId, body: { applicationId: id, studentId: id, status, version: 1, at: '' } }] as never)
    await moved('submitted')
    expect(measured).toEqual([])
    const said = await it.call('POST', `/applications/${id}/decision`, { decision: 'reject', reason: 'Not this year' })
    expect(said.status).toBe(201)
    await moved('rejected')
    const { submittedAt, decidedAt } = said.body.data
    expect(measured).toEqual([['rejected', Date.parse(decidedAt) - Date.parse(submittedAt)]])
  })

  test('leaves with the list as a file, with the list’s filters', async () => {
    const lines = async (query: string) => {
      const url = `${it.cloud.url}/api/v1/applications/export?mark=no&${query}`
      const answer = await fetch(url, { headers: { authorization: `Bearer ${it.token}` } })
      return (await answer.text()).trim().split('\r\n')
    }
    const [headings, row, ...others] = await lines('open=false')
    expect(headings).toBe('Student,Student number,Status,Submitted,Decide by,Decided,Reason,Reviewer,Checks to look at')
    expect(row).toMatch(new RegExp(`^Zoë Quast,${studentNumber},rejected,2\\d{3}-`))
    expect(others).toEqual([])
    expect(await lines('status=approved')).toEqual([headings])
  })
})
