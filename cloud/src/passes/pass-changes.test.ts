import { readPass } from '@gatehouse/shared/pass/read-pass.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import { jobBench } from '../testing/job-bench.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'
import { issueBatch } from './pass-batch.ts'

const DAY_MS = 86_400_000

onBothEngines('what becomes of a pass', engine => {
  let database: Database
  let campus: Campus
  let levelId: string
  beforeAll(async () => {
    database = await engine.fresh()
    campus = await openCampus(database)
    const level = { name: 'Everywhere', class: 'student', groups: [0, 1], profile: 0 }
    levelId = (await campus.call('POST', '/access-levels', level)).body.data.id
  })
  afterAll(async () => {
    await campus.cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let number = 0
  const student = (departmentId?: string) => campus.student(`C-${++number}`, departmentId)
  const issue = async (more: object = {}) =>
    (await campus.call('POST', '/passes', { studentId: await student(), levelId, ...more })).body.data
  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) =>
    inSchool(database.db, campus.school.schoolId, work)
  const em = (bits: string) => ({ technology: 'em4100', bits })
  const generations = (passId: string) =>
    inOurs(tx =>
      tx
        .selectFrom('passes')
        .select(['generation', 'min_generation'])
        .where('pass_id', '=', passId)
        .executeTakeFirstOrThrow(),
    )

  test('is renewed to the end the school has, counted from its own end, and never to an earlier one', async () => {
    const { passId, expires } = await issue()
    const renewed = await campus.call('POST', `/passes/${passId}/renewal`, {})
    expect(renewed.status).toBe(201)
    const gained = Date.parse(renewed.body.data.expires) - Date.parse(expires)
    // A year of 365 days, to midnight of a school whose clock may turn in between.
    expect(Math.abs(gained - 365 * DAY_MS)).toBeLessThanOrEqual(DAY_MS)

    const earlier = await campus.call('POST', `/passes/${passId}/renewal`, { expires })
    expect([earlier.status, earlier.body.error.code]).toEqual([409, 'ends_no_later'])
    const named = await campus.call('POST', `/passes/${passId}/renewal`, { expires: '2040-01-01T00:00:00Z' })
    expect(named.body.data.expires).toBe('2040-01-01T00:00:00.000Z')

    // What is over begins anew from now.
    const over = await issue({ notBefore: '2020-01-01T00:00:00Z', expires: '2021-01-01T00:00:00Z' })
    const back = await campus.call('POST', `/passes/${over.passId}/renewal`, {})
    expect(back.body.data).toMatchObject({ expired: false })
    expect(Date.parse(back.body.data.expires)).toBeGreaterThan(campus.cloud.clock.nowMs + 363 * DAY_MS)
  })

  test('is not renewed for who left, nor when it was revoked', async () => {
    const revoked = await issue()
    await campus.call('POST', `/passes/${revoked.passId}/revocation`, { note: 'left the school' })
    expect((await campus.call('POST', `/passes/${revoked.passId}/renewal`, {})).body.error.code).toBe('already_revoked')
    const leaving = await issue()
    await inOurs(tx =>
      tx.updateTable('students').set({ status: 'graduated' }).where('id', '=', leaving.holder.studentId).execute(),
    )
    expect((await campus.call('POST', `/passes/${leaving.passId}/renewal`, {})).body.error.code).toBe(
      'student_not_active',
    )
  })

  test('a lost card opens nothing any more, another takes its place, and the rest of the pass stays', async () => {
    const { passId } = await issue()
    for (const bits of ['0A00000001', '0A00000002']) {
      expect((await campus.call('POST', `/passes/${passId}/credentials`, em(bits))).status).toBe(201)
    }
    const [lost, kept] = (await campus.call('GET', `/passes/${passId}`)).body.data.credentials
    const replaced = await campus.call('POST', `/passes/${passId}/replacement`, {
      note: 'lost on the bus',
      credentialId: lost.id,
      card: em('0A00000003'),
    })
    expect(replaced.status).toBe(201)
    expect(replaced.body.data.credentials.map((card: { ending: string }) => card.ending)).toEqual([kept.ending, '003'])
    expect(replaced.body.data.status).toBe('active')
    expect(await generations(passId)).toEqual({ generation: 0, min_generation: 0 })
    // It is free: whoever finds it may be given it.
    const other = await issue()
    expect((await campus.call('POST', `/passes/${other.passId}/credentials`, em('0A00000001'))).status).toBe(201)
  })

  test('where one part of a replacement is refused, nothing of it is done', async () => {
    const [mine, theirs] = [await issue(), await issue()]
    await campus.call('POST', `/passes/${mine.passId}/credentials`, em('0B00000001'))
    await campus.call('POST', `/passes/${theirs.passId}/credentials`, em('0B00000002'))
    const [card] = (await campus.call('GET', `/passes/${mine.passId}`)).body.data.credentials
    const asked = { note: 'broken in two', credentialId: card.id, card: em('0B00000002'), printed: true }
    const taken = await campus.call('POST', `/passes/${mine.passId}/replacement`, asked)
    expect([taken.status, taken.body.error.code]).toEqual([409, 'card_taken'])
    const none = { ...asked, credentialId: '00000000-0000-4000-8000-000000000000', card: em('0B00000003') }
    expect((await campus.call('POST', `/passes/${mine.passId}/replacement`, none)).status).toBe(404)
    expect((await campus.call('GET', `/passes/${mine.passId}`)).body.data.credentials).toEqual([card])
    expect(await generations(mine.passId)).toEqual({ generation: 0, min_generation: 0 })
    for (const bad of [
      { note: 'lost it' },
      { note: 'lost it', printed: true, card: em('0B00000003') },
      { printed: true },
    ]) {
      expect((await campus.call('POST', `/passes/${mine.passId}/replacement`, bad)).status).toBe(422)
    }
  })

  test('what was printed and is lost is superseded, and the new print is of the next generation', async () => {
    const { passId } = await issue()
    const generationOf = async () => {
      const { digits } = (await campus.call('GET', `/passes/${passId}/code`)).body.data
      const read = readPass(digits, campus.school.tenant)
      if (!read.ok || read.value.type !== 'static') throw new Error('no pass')
      return read.value.certificate.body.generation
    }
    expect(await generationOf()).toBe(0)
    expect(
      (await campus.call('POST', `/passes/${passId}/replacement`, { note: 'left on a train', printed: true })).status,
    ).toBe(201)
    expect(await generations(passId)).toEqual({ generation: 1, min_generation: 1 })
    expect(await generationOf()).toBe(1)
  })

  test('has a history of who did what and why, newest first', async () => {
    const { passId } = await issue()
    await campus.call('POST', `/passes/${passId}/suspension`, { note: 'photo does not fit' })
    await campus.call('DELETE', `/passes/${passId}/suspension`)
    await campus.call('POST', `/passes/${passId}/renewal`, {})
    await campus.call('GET', `/passes/${passId}/code`)
    await campus.call('POST', `/passes/${passId}/revocation`, { note: 'left the school' })
    const first = await campus.call('GET', `/passes/${passId}/history?limit=3`)
    expect(first.body.data.map((row: { action: string }) => row.action)).toEqual([
      'pass.revoke',
      'pass.renew',
      'pass.resume',
    ])
    expect(first.body.data[0]).toMatchObject({ note: 'left the school', by: { name: 'school_admin' } })
    const rest = await campus.call('GET', `/passes/${passId}/history?cursor=${first.body.metadata.nextCursor}`)
    expect(rest.body.data.map((row: { action: string }) => row.action)).toEqual(['pass.suspend', 'pass.create'])
    expect((await campus.call('GET', '/passes/0000000000000000/history')).status).toBe(404)
  })

  test('many are issued by a job: each who should gets one, with serials that follow each other, and nobody two', async () => {
    const departmentId = (await campus.call('POST', '/departments', { name: 'Nursing' })).body.data.id
    const ids: string[] = []
    for (let at = 0; at < 12; at++) ids.push(await student(departmentId))
    const [has, inactive] = [ids[0]!, ids[1]!]
    await campus.call('POST', '/passes', { studentId: has, levelId })
    await inOurs(tx => tx.updateTable('students').set({ status: 'inactive' }).where('id', '=', inactive).execute())
    const wanted = { filter: { departmentId } }

    const nowhere = await campus.call('POST', '/pass-batches/preview', wanted)
    expect(nowhere.body.data).toEqual({ chosen: 12, issued: 0, hasPass: 1, notActive: 1, noDefaultLevel: 10 })
    expect((await campus.call('POST', '/pass-batches', wanted)).body.error.code).toBe('nobody_to_issue_to')
    expect((await campus.call('POST', '/access-level-defaults', { levelId, departmentId })).status).toBe(201)
    const begun = await campus.call('POST', '/pass-batches', wanted)
    expect(begun.status).toBe(202)
    expect(begun.body.data.preview).toEqual({ chosen: 12, issued: 10, hasPass: 1, notActive: 1, noDefaultLevel: 0 })

    await using bench = await jobBench(database, campus.school.schoolId)
    await bench.work({ pass_batch: issueBatch({ db: database.db, nowMs: () => campus.cloud.clock.nowMs }) })
    const done = await bench.until(begun.body.data.jobId, row => row.state === 'done')
    expect(done.result).toEqual({ issued: 10, noDefaultLevel: 0 })
    const passes = await inOurs(tx =>
      tx
        .selectFrom('passes')
        .select(['student_id', 'serial', 'groups', 'access_level_id', 'expires', 'changed_by'])
        .where('student_id', 'in', ids)
        .orderBy('serial')
        .execute(),
    )
    expect(passes).toHaveLength(11)
    expect(new Set(passes.map(pass => pass.student_id)).size).toBe(11)
    const serials = passes.slice(1).map(pass => Number(pass.serial))
    expect(serials).toEqual(serials.map((_, at) => serials[0]! + at))
    expect(passes[1]).toMatchObject({ groups: 3, access_level_id: levelId })
    expect(passes[1]!.changed_by).not.toBeNull()
    const again = await campus.call('POST', '/pass-batches/preview', wanted)
    expect(again.body.data).toMatchObject({ issued: 0, hasPass: 11 })
    const next = (await issue()).serial
    expect(next).toBe(serials.at(-1)! + 1)
    const made = (await campus.audited('pass')).filter(({ note }) => note === 'One of many at once.')
    expect(made).toHaveLength(10)
  })

  test('a batch whose level went away meanwhile says so to people, and issues nothing', async () => {
    const gone = (
      await campus.call('POST', '/access-levels', { name: 'For a week', class: 'student', groups: [0], profile: 0 })
    ).body.data
    const ids = [await student(), await student()]
    const begun = await campus.call('POST', '/pass-batches', { studentIds: ids, levelId: gone.id })
    expect(begun.status).toBe(202)
    await inOurs(tx =>
      tx.updateTable('access_levels').set({ archived_at: new Date() }).where('id', '=', gone.id).execute(),
    )
    await using bench = await jobBench(database, campus.school.schoolId)
    await bench.work({ pass_batch: issueBatch({ db: database.db, nowMs: Date.now }) })
    const failed = await bench.until(begun.body.data.jobId, row => row.state === 'failed')
    expect(failed.error).toContain('The access level is archived')
    expect(
      await inOurs(tx => tx.selectFrom('passes').select('serial').where('student_id', 'in', ids).execute()),
    ).toEqual([])
    for (const bad of [
      { studentIds: ids, filter: {} },
      {},
      { studentIds: ids, levelId: '00000000-0000-4000-8000-000000000000' },
      { studentIds: ids, levelId, class: 'visitor' },
      { studentIds: ids, levelId, expires: '2001-01-01T00:00:00Z' },
    ]) {
      expect((await campus.call('POST', '/pass-batches/preview', bad)).status).toBe(422)
    }
  })
})
