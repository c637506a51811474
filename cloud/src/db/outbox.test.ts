import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import type { Database } from './connect.ts'
import { drainOutbox, leave, type OutboxHandlers } from './outbox.ts'
import { inSchool } from './school.ts'

onBothEngines('the outbox', engine => {
  let database: Database
  let school: TestSchool
  beforeAll(async () => {
    database = await engine.fresh()
    school = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const write = (ids: string[]) =>
    inSchool(database.db, school.schoolId, tx => leave(tx, school.schoolId, 'session.ended', { ids }))
  const left = () =>
    inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('outbox').select('body').where('kind', '=', 'session.ended').execute(),
    )
  const drain = (handlers: OutboxHandlers, problems: unknown[] = []) =>
    drainOutbox({ database, handlers, onProblem: problem => void problems.push(problem) })

  test('what was committed is handed out in order, once, and is gone', async () => {
    const seen: string[] = []
    let all = () => {}
    const done = new Promise<void>(resolve => (all = resolve))
    const running = await drain({
      'session.ended': rows => {
        for (const { body, schoolId } of rows) {
          expect(schoolId).toBe(school.schoolId)
          seen.push(...body.ids)
        }
        if (seen.length >= 20) all()
      },
    })
    for (let n = 0; n < 20; n++) await write([String(n)])
    await done
    await running.stop()
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => String(n)))
    expect(await left()).toEqual([])
  })

  test('what was rolled back never leaves', async () => {
    const failed = inSchool(database.db, school.schoolId, async tx => {
      await leave(tx, school.schoolId, 'session.ended', { ids: ['never'] })
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect(await left()).toEqual([])
  })

  test('a row whose handler failed stays, and the drain goes on with the other kinds', async () => {
    await write(['again'])
    await inSchool(database.db, school.schoolId, tx => leave(tx, school.schoolId, 'gates.changed', {}))
    const problems: unknown[] = []
    let told = () => {}
    const gates = new Promise<void>(resolve => (told = resolve))
    const running = await drain(
      {
        'session.ended': () => {
          throw new Error('not now')
        },
        'gates.changed': () => told(),
      },
      problems,
    )
    await gates
    await running.stop()
    expect(problems.map(String)).toEqual(['Error: not now'])
    expect(await left()).toEqual([{ body: { ids: ['again'] } }])
  })

  test('two drains hand out no row twice', async () => {
    await inSchool(database.db, school.schoolId, tx => tx.deleteFrom('outbox').execute())
    for (let n = 0; n < 50; n++) await write([String(n)])
    const seen: string[] = []
    const handlers: OutboxHandlers = {
      'session.ended': rows => void seen.push(...rows.flatMap(({ body }) => body.ids)),
    }
    const both = await Promise.all([drain(handlers), drain(handlers)])
    await Promise.all(both.map(one => one.now()))
    await Promise.all(both.map(one => one.stop()))
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 50 }, (_, n) => String(n)))
  })
})
