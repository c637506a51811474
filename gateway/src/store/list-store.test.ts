import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packPass } from '@gatehouse/shared/list/snapshot.ts'
import { describe, expect, test } from 'vitest'
import { trustIn } from '../list/trust.ts'
import { type VerifiedList, verifyList } from '../list/verify-list.ts'
import { passRow, testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { openListStore } from './list-store.ts'

const school = testSchool()
const row = passRow()
const CARD = 'ab'.repeat(12)

async function list(version: number, change: Parameters<typeof school.snapshot>[0] = {}): Promise<VerifiedList> {
  const jws = await school.signList(school.snapshot({ version, cards: [[CARD, row.passId]], ...change }))
  const expected = { tenant: school.tenant, scope: 'main', trust: trustIn(school.trust), inForce: null }
  const verified = await verifyList(jws, null, expected)
  if (!verified.ok) throw new Error(verified.failure)
  return verified.value
}

describe('the list store', () => {
  test('knows nobody before the first list', async () => {
    const store = openListStore(await tempFolder())
    expect(store.facts()).toMatchObject({ version: 0, serialMax: 0 })
    expect(store.findByCard(CARD)).toEqual({ ok: true, value: null })
  })

  test('finds a pass by its card and by its id, also after a restart', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    await store.apply(await list(1))
    store.close()
    const again = openListStore(folder)
    expect(again.findByCard(CARD)).toEqual({ ok: true, value: row })
    expect(again.findByPass(row.passId)).toEqual({ ok: true, value: row })
    expect(again.findByPass('0000000000000000')).toEqual({ ok: true, value: null })
    expect(again.facts()).toMatchObject({ version: 1, serialMax: 100 })
  })

  test('the version never falls', async () => {
    const store = openListStore(await tempFolder())
    await store.apply(await list(2))
    expect(await store.apply(await list(1))).toEqual({ ok: false, failure: 'older' })
    expect(await store.apply(await list(2, { passes: [] }))).toEqual({ ok: false, failure: 'older' })
    expect(store.findByCard(CARD)).toEqual({ ok: true, value: row })
  })

  test('a new list takes the place of the old one, and nothing of the old is left', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    await store.apply(await list(1))
    const next = await list(2, { passes: [packPass(passRow({ status: 'revoked' }))] })
    await store.apply(next)
    expect(store.findByCard(CARD)).toMatchObject({ value: { status: 'revoked' } })
    expect(readdirSync(folder).filter(file => !file.startsWith(next.sha256))).toEqual(['current.json'])
  })

  test('decisions go on from the old list while a long one is applied', async () => {
    const store = openListStore(await tempFolder())
    await store.apply(await list(1))
    const passes = Array.from({ length: 20_000 }, (_, at) =>
      packPass(passRow({ passId: at.toString(16).padStart(16, '0') })),
    )
    const long = await list(2, { passes })
    let applied = false
    const applying = store.apply(long).then(() => {
      applied = true
    })
    let between = 0
    while (!applied) {
      const found = store.findByPass(row.passId)
      if (store.facts().version === 1) {
        expect(found).toEqual({ ok: true, value: row })
        between++
      }
      await new Promise(resolve => setImmediate(resolve))
    }
    await applying
    expect(between).toBeGreaterThan(5)
    expect(store.findByPass(passes[19_999]![0])).toMatchObject({ ok: true, value: { passId: passes[19_999]![0] } })
  })

  test('a power cut before the last row leaves the old list', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    await store.apply(await list(1))
    store.close()
    writeFileSync(join(folder, `${'b'.repeat(64)}.db`), 'half of a list')
    expect(openListStore(folder).findByCard(CARD)).toEqual({ ok: true, value: row })
  })

  test('no flipped bit ever makes a row that was not signed, and the rows are rebuilt from the snapshot', async () => {
    const folder = await tempFolder()
    const first = openListStore(folder)
    const signed = await list(1)
    await first.apply(signed)
    first.close()
    const path = join(folder, `${signed.sha256}.db`)
    const good = readFileSync(path)
    let damaged = 0
    for (let flip = 0; flip < 300; flip++) {
      const bad = Buffer.from(good)
      const bit = (flip * 7_919) % (good.length * 8)
      bad[bit >> 3]! ^= 1 << (bit & 7)
      for (const part of ['-wal', '-shm']) if (existsSync(path + part)) writeFileSync(path + part, '')
      writeFileSync(path, bad)
      const store = openListStore(folder)
      for (const found of [store.findByCard(CARD), store.findByPass(row.passId)]) {
        if (!found.ok) damaged++
        else expect([row, null]).toContainEqual(found.value)
      }
      expect(store.facts().version).toBe(1)
      store.close()
    }
    // A flip within the row itself is among them, or the check was never asked.
    const at = good.indexOf(JSON.stringify(packPass(row)))
    const bad = Buffer.from(good)
    bad[at + 25]! ^= 1
    writeFileSync(path, bad)
    const store = openListStore(folder)
    expect(store.findByPass(row.passId)).toEqual({ ok: false, failure: 'damaged' })
    expect(damaged).toBeGreaterThan(0)

    expect(store.snapshot()).toBe(signed.jws)
    await store.rebuild(signed)
    expect(store.findByCard(CARD)).toEqual({ ok: true, value: row })
    expect(readdirSync(join(folder, 'quarantine'))).toContain(`${signed.sha256}.db`)
  })
})
