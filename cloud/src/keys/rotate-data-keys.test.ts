import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { onBothEngines } from '../testing/database.ts'
import { jobBench } from '../testing/job-bench.ts'
import { type People, people } from '../testing/people.ts'
import { keyNumberOf, sealingOf } from './data-keys.ts'
import { retireOldKeys, rotateDataKey, rotateSome, SEALED_BY_DATA_KEYS } from './rotate-data-keys.ts'
import { openVault } from './vault.ts'

/** Sealed by the master key itself: keys and secrets of a school, and cards that were offered a moment ago. */
const BY_MASTER_KEY = [
  'card_offers.sealed_bits',
  'enrolment_keys.sealed_private',
  'import_rows.sealed_before',
  'import_sources.sealed_secret',
  'invitations.sealed_code',
  'notification_settings.sealed_sms_number',
  'push_keys.sealed_private',
  'push_subscriptions.sealed_subscription',
  'scopes.sealed_card_secret',
  'scopes.sealed_totp_secret',
  'session_keys.sealed_private',
  'sign_in_rules.sealed_client_secret',
  'signing_keys.sealed_private',
  'totp_factors.sealed_secret',
  'webhooks.sealed_secret',
]

onBothEngines('another data key', engine => {
  let it: People
  beforeAll(async () => {
    it = await people(await engine.fresh())
  })
  afterAll(() => it[Symbol.asyncDispose]())

  const inOurs = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(it.cloud.database.db, it.school.schoolId, work)
  const numbersInUse = () =>
    inOurs(async tx => {
      const students = await tx.selectFrom('students').select(['sealed_personal', 'sealed_notes']).execute()
      const cards = await tx.selectFrom('credentials').select('sealed_bits').execute()
      const sealed = [...students.flatMap(row => Object.values(row)), ...cards.map(row => row.sealed_bits)]
      return [...new Set(sealed.flatMap(value => (value === null ? [] : keyNumberOf(value))))]
    })

  test('seals everything anew as a job, says how far it is, and then the old one is gone', async () => {
    const ada = await it.student({ phone: '0612345678', notes: 'A note' })
    await it.student({ firstName: 'Nothing personal' })
    const passId = await it.pass(ada.id)
    await it.call('POST', `/passes/${passId}/credentials`, { technology: 'em4100', bits: '01000734E0' })
    // From before there were data keys.
    const bob = await it.student({ firstName: 'Bob' })
    const { tenant, schoolId } = it.school
    const place = { tenant, table: 'students', column: 'sealed_notes', row: bob.id }
    const old = it.cloud.vault.seal(place, Buffer.from('An old note'))
    await inOurs(tx => tx.updateTable('students').set({ sealed_notes: old }).where('id', '=', bob.id).execute())
    expect((await it.call('GET', `/students/${bob.id}`)).body.data.notes).toBe('An old note')

    const begun = await it.call('POST', '/settings/data-keys/rotation')
    expect([begun.status, begun.body.data.number]).toEqual([202, 2])
    const again = await it.call('POST', '/settings/data-keys/rotation')
    expect([again.status, again.body.error.code]).toEqual([409, 'rotating_already'])
    const { db } = it.cloud.database
    const bench = await jobBench(it.cloud.database, schoolId)
    await bench.work({ rotate_data_key: rotateDataKey({ db, vault: it.cloud.vault, nowMs: Date.now }) })
    const job = await bench.until(begun.body.data.jobId, ({ state }) => state === 'done' || state === 'failed')
    expect([job.error, job.result]).toEqual([null, { resealed: 3, retired: [1] }])
    expect(job.done).toBe(job.total)
    await bench[Symbol.asyncDispose]()

    expect(await numbersInUse()).toEqual([2])
    const seen = async (id: string) => (await it.call('GET', `/students/${id}`)).body.data
    expect(await seen(ada.id)).toMatchObject({ phone: '+31612345678', notes: 'A note' })
    expect((await seen(bob.id)).notes).toBe('An old note')
    expect((await it.call('GET', '/settings/data-keys')).body.data).toMatchObject([
      { number: 2, retiredAt: null },
      { number: 1, retiredAt: expect.any(String) },
    ])
    const kept = await inOurs(tx => tx.selectFrom('data_keys').select('wrapped').where('number', '=', 1).execute())
    expect(kept).toEqual([{ wrapped: null }])
  })

  test('goes on where it was broken off, and does not retire what is still needed', async () => {
    for (let n = 0; n < 5; n++) await it.student({ notes: `Note ${n}` })
    await it.call('POST', '/settings/data-keys/rotation')
    const { schoolId } = it.school
    const actor = { schoolId, userId: null, nowMs: Date.now() }
    const some = (after: string | null) =>
      inOurs(tx => rotateSome(tx, it.cloud.vault, schoolId, { table: 'students', after, limit: 3 }))
    const first = await some(null)
    expect(first).toMatchObject({ looked: 3, after: expect.any(String) })
    await expect(inOurs(tx => retireOldKeys(tx, actor))).rejects.toThrow('students.sealed_')
    // Begun again from the start, as after a crash.
    const bench = await jobBench(it.cloud.database, schoolId)
    await bench.work({
      rotate_data_key: rotateDataKey({ db: it.cloud.database.db, vault: it.cloud.vault, nowMs: Date.now }),
    })
    const { jobs } = bench
    const jobId = await inOurs(tx =>
      jobs.add(tx, { kind: 'rotate_data_key', schoolId, body: { number: 3 }, title: 'Again' }),
    )
    await bench.until(jobId, ({ state }) => state === 'done')
    await bench[Symbol.asyncDispose]()
    expect(await numbersInUse()).toEqual([3])
  })

  test('a value that was copied aside before cannot be opened once its key is gone, not by a fresh process either', async () => {
    const { schoolId } = it.school
    const sealed = await inOurs(async tx => {
      const seal = await sealingOf(tx, openVault(Buffer.alloc(32, 1)), schoolId)
      return seal.seal({ table: 'students', column: 'sealed_notes', row: 'x' }, Buffer.from('x'))
    })
    expect(keyNumberOf(sealed)).toBe(3)
    const rows = await inOurs(tx => tx.selectFrom('data_keys').selectAll().orderBy('number').execute())
    expect(rows.map(({ wrapped }) => wrapped === null)).toEqual([true, true, false])
  })

  test('every sealed column is one that the rotation knows, or the master key’s', async () => {
    const columns = await it.cloud.database.asOwner(owner =>
      owner.rows<{ name: string }>(
        `select table_name || '.' || column_name as name from information_schema.columns
          where table_schema = 'public' and column_name like 'sealed\\_%' order by 1`,
      ),
    )
    const rotated = Object.entries(SEALED_BY_DATA_KEYS).flatMap(([table, names]) =>
      names.map(name => `${table}.${name}`),
    )
    expect(columns.map(({ name }) => name)).toEqual([...rotated, ...BY_MASTER_KEY].toSorted())
  })
})
