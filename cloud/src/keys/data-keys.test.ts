import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { addDataKey, keyNumberOf, openingOf, sealingOf } from './data-keys.ts'
import { openVault } from './vault.ts'

const vault = openVault(Buffer.alloc(32, 1))
const field = { table: 'students', column: 'sealed_notes', row: '1' }
const secret = Buffer.from('a note')

onBothEngines('data keys', engine => {
  let database: Database
  let ours: TestSchool
  let theirs: TestSchool
  beforeAll(async () => {
    database = await engine.fresh()
    ours = await enterTestSchool(database, vault)
    theirs = await enterTestSchool(database, vault)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const inSchoolOf = <Answer>(school: TestSchool, work: (tx: Tx) => Promise<Answer>) =>
    inSchool(database.db, school.schoolId, work)
  const seal = (school: TestSchool) =>
    inSchoolOf(school, async tx => (await sealingOf(tx, vault, school.schoolId)).seal(field, secret))
  const open = (school: TestSchool, sealed: string, place = field, withVault = vault) =>
    inSchoolOf(school, async tx =>
      (await openingOf(tx, withVault, school.schoolId, [sealed])).open(place, sealed).toString(),
    )

  test('what a school sealed opens in its place, in this process and in one that has not seen the key', async () => {
    const sealed = await seal(ours)
    expect(sealed).toMatch(/^v2\.1\./)
    expect(await open(ours, sealed)).toBe('a note')
    expect(await open(ours, sealed, field, openVault(Buffer.alloc(32, 1)))).toBe('a note')
  })

  for (const part of ['table', 'column', 'row'] as const) {
    test(`moved to another ${part} it does not open`, async () => {
      await expect(open(ours, await seal(ours), { ...field, [part]: 'other' })).rejects.toThrow()
    })
  }

  test('another school does not open it, and with another master key nobody does', async () => {
    const sealed = await seal(ours)
    await seal(theirs)
    await expect(open(theirs, sealed)).rejects.toThrow()
    await expect(open(ours, sealed, field, openVault(Buffer.alloc(32, 2)))).rejects.toThrow('another master key')
  })

  test('what the master key itself sealed before still opens', async () => {
    const sealed = vault.seal({ ...field, tenant: ours.tenant }, secret)
    expect(keyNumberOf(sealed)).toBe(0)
    expect(await open(ours, sealed)).toBe('a note')
  })

  test('the newest key seals, and older ones open', async () => {
    const before = await seal(theirs)
    const { schoolId, tenant } = theirs
    await inSchoolOf(theirs, tx => addDataKey(tx, vault, { schoolId, tenant, number: 2, nowMs: Date.now() }))
    const after = await seal(theirs)
    expect([keyNumberOf(before), keyNumberOf(after)]).toEqual([1, 2])
    expect([await open(theirs, before), await open(theirs, after)]).toEqual(['a note', 'a note'])
  })

  test('one hash for one value in a school, and another in another', async () => {
    const index = (school: TestSchool) =>
      inSchoolOf(school, async tx =>
        (await openingOf(tx, vault, school.schoolId, [])).blindIndex({ table: 'students', column: 'phone_index' }, '1'),
      )
    expect(await index(ours)).toBe(await index(ours))
    expect(await index(ours)).not.toBe(await index(theirs))
  })
})
