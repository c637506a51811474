import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'
import { remindOfExpiry } from './expiring.ts'

const DAY_MS = 86_400_000

onBothEngines('a pass that ends soon', engine => {
  let it: People
  beforeAll(async () => {
    it = await people(await engine.fresh())
    const body = { ends: 'days', days: 365, renewalDays: 30, reminderDays: [7, 1] }
    const put = await it.call('PUT', '/pass-validity/student', body, { 'if-match': '"0"' })
    if (put.status !== 200) throw new Error(JSON.stringify(put.body))
  })
  afterAll(async () => {
    await it[Symbol.asyncDispose]()
    await it.cloud.database[Symbol.asyncDispose]()
  })

  const inIt = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(it.cloud.database.db, it.school.schoolId, work)
  const remind = (nowMs: number) =>
    inIt(async tx => {
      const count = await remindOfExpiry(tx, it.school.schoolId, nowMs)
      // What is made is made by the database's clock; the test has its own.
      await tx
        .updateTable('notifications')
        .set({ made_at: new Date(nowMs) })
        .where('kind', '=', 'pass_expiring')
        .where('made_at', '>', new Date(Date.now() - 3_600_000))
        .where('made_at', '<', new Date(Date.now() + 3_600_000))
        .execute()
      return count
    })
  const issued = async (days: number, fields: object) => {
    const expiresMs = Date.now() + days * DAY_MS
    const { id } = await it.student(fields)
    const passId = await it.pass(id, { expires: new Date(expiresMs).toISOString() })
    return { passId, expiresMs }
  }

  test('is told of on each day that is set, once, and not of days before it was made', async () => {
    const { passId, expiresMs } = await issued(100, { email: 'ada@school.example' })
    await issued(100, {})
    const short = await issued(100.5, { email: 'ernest@school.example' })
    await inIt(tx =>
      tx
        .updateTable('passes')
        .set({ created_at: new Date(short.expiresMs - 6 * DAY_MS) })
        .where('pass_id', '=', short.passId)
        .execute(),
    )
    expect(await remind(expiresMs - 8 * DAY_MS)).toBe(0)
    // The second student has neither an account nor an address; of the third the day was past when it was made.
    expect(await remind(expiresMs - 6.9 * DAY_MS)).toBe(1)
    expect(await remind(expiresMs - 5 * DAY_MS)).toBe(0)
    expect(await remind(expiresMs - 0.4 * DAY_MS)).toBe(2)
    expect(await remind(expiresMs - 0.3 * DAY_MS)).toBe(0)
    expect(await remind(expiresMs + DAY_MS)).toBe(0)
    const { serial } = (await it.call('GET', `/passes/${passId}`)).body.data
    const rows = await inIt(tx =>
      tx.selectFrom('notifications').select(['facts', 'path']).where('kind', '=', 'pass_expiring').execute(),
    )
    expect(rows.filter(({ facts }) => facts.number === String(serial))).toEqual(
      [1, 2].map(() => ({
        facts: { holder: 'Ada Lovelace', number: String(serial), until: new Date(expiresMs).toISOString() },
        path: '/my',
      })),
    )
  })

  test('is told of each, where somebody has two, and not after its end, where nobody looked until then', async () => {
    const { id } = await it.student({ email: 'rosalind@school.example' })
    const expiresMs = Date.now() + 200 * DAY_MS
    const body = { note: 'left at home' }
    const first = await it.pass(id, { expires: new Date(expiresMs).toISOString() })
    await it.pass(id, { expires: new Date(expiresMs + 1_000).toISOString() })
    expect(await remind(expiresMs + 2_000)).toBe(0)
    expect((await it.call('POST', `/passes/${first}/suspension`, body)).status).toBeLessThan(300)
    expect(await remind(expiresMs - DAY_MS / 2)).toBe(1)
    expect((await it.call('DELETE', `/passes/${first}/suspension`)).status).toBeLessThan(300)
    expect(await remind(expiresMs - DAY_MS / 3)).toBe(1)
    expect(await remind(expiresMs - DAY_MS / 4)).toBe(0)
  })

  test('is not told of while it is suspended, nor once it is revoked', async () => {
    const { passId, expiresMs } = await issued(50, { email: 'grace@school.example' })
    expect((await it.call('POST', `/passes/${passId}/suspension`, { note: 'lost for a day' })).status).toBeLessThan(300)
    expect(await remind(expiresMs - DAY_MS / 2)).toBe(0)
  })
})
