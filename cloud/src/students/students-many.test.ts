import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { readListContent } from '../lists/snapshot.repo.ts'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'
import { type Effect, effectOf, type PassAsItIs, passesEnd } from './status-effects.ts'
import { revokeDue } from './students-many.repo.ts'

const NOW = Date.parse('2026-11-26T12:00:00Z')
const LATER = NOW + 5 * 86_400_000
const active: PassAsItIs = { status: 'active', suspended_with_student: false, not_before: new Date(0), revoke_at: null }
const withStudent: PassAsItIs = { ...active, status: 'suspended', suspended_with_student: true }
const alone: PassAsItIs = { ...active, status: 'suspended' }
const ending: PassAsItIs = { ...active, revoke_at: new Date(LATER) }
const revoked: PassAsItIs = { ...active, status: 'revoked' }
const notYet: PassAsItIs = { ...active, not_before: new Date(LATER + 1) }

const rules: [name: string, pass: PassAsItIs, to: Parameters<typeof effectOf>[1], endAtMs: number, effect: Effect][] = [
  ['an active pass', active, 'suspended', 0, 'suspended'],
  ['an active pass', active, 'inactive', NOW, 'revoked'],
  ['an active pass', active, 'inactive', LATER, 'revoked_later'],
  ['an active pass', active, 'graduated', LATER, 'revoked_later'],
  ['an active pass', active, 'archived', 0, 'revoked'],
  ['an active pass', active, 'active', 0, 'none'],
  ['one suspended with its student', withStudent, 'active', 0, 'given_back'],
  ['one suspended with its student', withStudent, 'graduated', NOW, 'revoked'],
  ['one suspended by itself', alone, 'active', 0, 'none'],
  ['one suspended by itself', alone, 'archived', 0, 'revoked'],
  ['one that ends later', ending, 'active', 0, 'kept_after_all'],
  ['one that ends later', ending, 'inactive', LATER, 'none'],
  ['one that ends later', ending, 'inactive', NOW, 'revoked'],
  ['one that ends later', ending, 'suspended', 0, 'suspended'],
  ['one that would begin after the day', notYet, 'inactive', LATER, 'revoked'],
  ['a revoked one', revoked, 'active', 0, 'none'],
  ['a revoked one', revoked, 'archived', 0, 'none'],
]
for (const [name, pass, to, endAtMs, effect] of rules) {
  test(`${name}, its student becomes ${to}${endAtMs > NOW ? ' with days left' : ''}: ${effect}`, () =>
    expect(effectOf(pass, to, endAtMs, NOW)).toBe(effect))
}

test('passes end at midnight in the school’s zone, also where that night has another length', () => {
  const ends = (nowMs: number, days: number, on?: string) =>
    new Date(
      passesEnd({ timeZone: 'Europe/Amsterdam', graceDays: { inactive: days, graduated: 0 } }, 'inactive', {
        nowMs,
        on,
      }),
    ).toISOString()
  expect(ends(NOW, 0)).toBe('2026-11-25T23:00:00.000Z')
  expect(ends(NOW, 2)).toBe('2026-11-27T23:00:00.000Z')
  expect(ends(Date.parse('2026-10-24T10:00:00Z'), 2)).toBe('2026-10-25T23:00:00.000Z')
  expect(ends(NOW, 0, '2027-07-01')).toBe('2027-06-30T22:00:00.000Z')
})

onBothEngines('a change of status of many', engine => {
  let it: People
  beforeAll(async () => {
    it = await people(await engine.fresh())
  })
  afterAll(() => it[Symbol.asyncDispose]())
  beforeEach(() => it.call('PATCH', '/settings/school', { graceDays: { inactive: 0, graduated: 0 } }))

  const preview = async (body: object) => (await it.call('POST', '/students/status-preview', body)).body.data
  const passOf = async (passId: string) => (await it.call('GET', `/passes/${passId}`)).body.data

  test('is shown first with the exact passes, and then is what was shown', async () => {
    const [one, two] = [await it.student(), await it.student({ firstName: 'Zoë' })]
    const passes = [await it.pass(one.id), await it.pass(two.id), await it.pass(two.id)]
    const change = { studentIds: [one.id, two.id], status: 'suspended' }
    const seen = await preview(change)
    expect(seen).toMatchObject({ students: 2, unchanged: 0, counts: { suspended: 3 }, passesEndAt: null })
    expect(seen.passes.map((pass: { passId: string }) => pass.passId).toSorted()).toEqual(passes.toSorted())
    expect(await it.passStatus(passes[0]!)).toBe('active')

    const other = await it.call('POST', '/students/status', { ...change, seen: { students: 2, passes: 2 } })
    expect([other.status, other.body.error.code]).toEqual([409, 'changed_meanwhile'])
    expect(await it.passStatus(passes[0]!)).toBe('active')

    const done = await it.call('POST', '/students/status', { ...change, seen: { students: 2, passes: 3 } })
    expect(done.body.data).toEqual({ students: 2, counts: { suspended: 3 } })
    for (const passId of passes) expect(await it.passStatus(passId)).toBe('suspended')
    expect(await preview({ ...change, status: 'active' })).toMatchObject({ counts: { given_back: 3 } })
  })

  test('by filter means whom the list shows', async () => {
    await it.student({ lastName: 'Filtera' })
    await it.student({ lastName: 'Filtera' })
    const filter = { search: 'filtera' }
    expect(await preview({ filter, status: 'graduated' })).toMatchObject({ students: 2 })
    await it.call('POST', '/students/status', { filter, status: 'graduated' })
    expect((await it.call('GET', '/students?search=filtera&status=graduated')).body.data).toHaveLength(2)
    expect((await it.call('POST', '/students/status', { status: 'active' })).status).toBe(422)
    const both = { filter, studentIds: ['01990000-0000-7000-8000-000000000000'], status: 'active' }
    expect((await it.call('POST', '/students/status', both)).status).toBe(422)
  })

  test('with days of grace: open until the day on the list itself, undone by coming back, revoked on the day', async () => {
    await it.call('PATCH', '/settings/school', { graceDays: { inactive: 10 } })
    const { id } = await it.student()
    const passId = await it.pass(id)
    const on = await preview({ studentIds: [id], status: 'inactive' })
    expect(on.counts).toEqual({ revoked_later: 1 })
    await it.call('PATCH', `/students/${id}`, { status: 'inactive' })
    expect(await passOf(passId)).toMatchObject({ status: 'active', revokesAt: on.passesEndAt })
    expect((await it.call('GET', `/students/${id}`)).body.data.passesEndAt).toBe(on.passesEndAt)
    expect(await listedUntil(passId)).toBe(Date.parse(on.passesEndAt) / 1000)

    expect(await preview({ studentIds: [id], status: 'active' })).toMatchObject({ counts: { kept_after_all: 1 } })
    await it.call('PATCH', `/students/${id}`, { status: 'active' })
    expect(await passOf(passId)).toMatchObject({ status: 'active', revokesAt: null })
    expect(await listedUntil(passId)).toBe(Date.parse('2036-01-01T00:00:00Z') / 1000)

    await it.call('PATCH', `/students/${id}`, { status: 'inactive', passesEndOn: '2031-01-01' })
    expect((await passOf(passId)).revokesAt).toBe('2030-12-31T23:00:00.000Z')
    const { schoolId } = it.school
    const due = (nowMs: number) =>
      inSchool(it.cloud.database.db, schoolId, tx => revokeDue(tx, { schoolId, userId: null, nowMs }))
    expect(await due(Date.parse('2030-12-31T22:59:59Z'))).toBe(0)
    expect(await due(Date.parse('2030-12-31T23:00:00Z'))).toBe(1)
    expect(await it.passStatus(passId)).toBe('revoked')
    expect(await preview({ studentIds: [id], status: 'active' })).toMatchObject({ counts: { stays_revoked: 1 } })
  })

  /** The second until which the signed list lets a pass open. */
  async function listedUntil(passId: string): Promise<number> {
    const { schoolId, tenant } = it.school
    const { rows } = await inSchool(it.cloud.database.db, schoolId, tx =>
      readListContent(tx, it.cloud.vault, { schoolId, tenant, scope: 'main' }, Date.now()),
    )
    const bytes = Buffer.from(rows.P)
    return bytes.readUInt32BE(bytes.indexOf(Buffer.from(passId, 'hex')) + 12)
  }

  test('staff suspend and do not archive', async () => {
    const { id } = await it.student()
    const staff = it.as(await it.cloud.signIn(it.school, 'staff'))
    expect((await staff('POST', '/students/status', { studentIds: [id], status: 'archived' })).status).toBe(403)
    expect((await staff('POST', '/students/status', { studentIds: [id], status: 'suspended' })).status).toBe(200)
    expect((await it.call('GET', `/students/${id}`)).body.data.status).toBe('suspended')
  })

  test('every student of it has a row in the history, with who and what', async () => {
    const { id } = await it.student()
    await it.call('POST', '/students/status', { studentIds: [id], status: 'suspended' })
    await it.call('PATCH', `/students/${id}`, { phone: '0612345678' })
    const first = await it.call('GET', `/students/${id}/history?limit=2`)
    expect(first.body.data).toMatchObject([
      { action: 'student.update', after: { phone: '…78' }, by: { name: 'school_admin', role: 'school_admin' } },
      { action: 'student.update', before: { status: 'active' }, after: { status: 'suspended' } },
    ])
    const rest = await it.call('GET', `/students/${id}/history?cursor=${first.body.metadata.nextCursor}`)
    expect(rest.body.data).toMatchObject([{ action: 'student.create' }])
    expect(rest.body.metadata.nextCursor).toBe(null)
    expect((await it.call('GET', `/students/${id}/history?cursor=x`)).status).toBe(422)
  })
})
