import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodePass, type ListPass } from '@gatehouse/shared/list/rows.ts'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { stepList, verifiedList, verifiedStep } from '../testing/lists.ts'
import { passRow } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { openListStore } from './list-store.ts'

const CARD = 'a'.repeat(24)
const row = passRow()
const cards = [[CARD, row.passId]] as const
const POINT = `02${'b'.repeat(64)}`

/** Passes enough for many buckets. */
const many = (count: number, change: Partial<ListPass> = {}) =>
  Array.from({ length: count }, (_, at) =>
    passRow({ passId: ((at * 2_654_435_761) >>> 0).toString(16).padStart(8, '0').padEnd(16, '0'), ...change }),
  )

describe('the list store', () => {
  test('knows nobody before the first list', async () => {
    const store = openListStore(await tempFolder())
    expect(store.facts()).toMatchObject({ version: 0, serialMax: 0 })
    expect(store.findByCard(CARD)).toEqual({ ok: true, value: null })
    expect(store.kept()).toBe(null)
  })

  test('finds a pass by its card and by its id, and the key of its phone, also after a restart', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    await store.apply(await verifiedList({ cards, deviceKeys: [{ passId: row.passId, point: POINT }] }))
    store.close()
    const again = openListStore(folder)
    expect(again.findByCard(CARD)).toEqual({ ok: true, value: row })
    expect(again.findByPass(row.passId)).toEqual({ ok: true, value: row })
    expect(again.findByPass('0000000000000000')).toEqual({ ok: true, value: null })
    expect(again.deviceKey(row.passId)).toEqual({ ok: true, value: POINT })
    expect(again.facts()).toMatchObject({ version: 1, epoch: 1, serialMax: 100, frozen: false })
  })

  test('a new list takes the place of the old one, and nothing of the old is left', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    await store.apply(await verifiedList({ cards }))
    await store.apply(await verifiedList({ version: 2, cards, passes: [passRow({ status: 'revoked' })] }))
    expect(store.findByCard(CARD)).toMatchObject({ value: { status: 'revoked' } })
    expect(readdirSync(folder).sort()).toEqual(['1-2-0', 'in-force.json'])
  })

  test('decisions go on from the old list while a long one is applied', async () => {
    const store = openListStore(await tempFolder())
    await store.apply(await verifiedList({ cards }))
    const passes = many(40_000)
    const long = await verifiedList({ version: 2, passes })
    let applied = false
    const applying = store.apply(long).then(() => {
      applied = true
    })
    let between = 0
    while (!applied) {
      if (store.facts().version === 1) {
        expect(store.findByPass(row.passId)).toEqual({ ok: true, value: row })
        between++
      }
      await new Promise(resolve => setImmediate(resolve))
    }
    await applying
    expect(between).toBeGreaterThan(3)
    expect(store.findByPass(passes[39_999]!.passId)).toEqual({ ok: true, value: passes[39_999] })
  })

  test('a step changes rows in place, and the root comes out as it was signed', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    const passes = many(5_000)
    await store.apply(await verifiedList({ passes }))
    const revoked = { ...passes[17]!, status: 'revoked' as const }
    const after = [...passes.filter((_, at) => at !== 17 && at !== 18), revoked, passRow()]
    const { signed, delta } = await verifiedStep({ passes }, { passes: after, version: 2 })
    expect(await store.step(signed, [delta])).toEqual({ ok: true, value: null })
    store.close()
    const again = openListStore(folder)
    expect(again.facts()).toMatchObject({ version: 2, stateRoot: signed.head.stateRoot })
    expect(again.findByPass(revoked.passId)).toMatchObject({ value: { status: 'revoked' } })
    expect(again.findByPass(passes[18]!.passId)).toEqual({ ok: true, value: null })
    expect(again.findByPass(passRow().passId)).toEqual({ ok: true, value: passRow() })
  })

  test('a step that does not come out leaves every row and the version as they were', async () => {
    const store = openListStore(await tempFolder())
    const passes = many(5_000)
    await store.apply(await verifiedList({ passes }))
    const before = store.facts()
    const { signed, delta } = await verifiedStep({ passes }, { passes: passes.slice(1), version: 2 })
    const wrong = { ...delta, delta: { ...delta.delta, rootAfter: 'f'.repeat(64) } }
    expect(await store.step(signed, [wrong])).toEqual({ ok: false, failure: 'wrong_root' })
    expect(store.facts()).toEqual(before)
    expect(store.findByPass(passes[0]!.passId)).toEqual({ ok: true, value: passes[0] })
  })

  test('its rows are durable once in force, and held open they stand in nobody’s way', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    const list = await verifiedList({ cards })
    await store.apply(list)
    expect(store.findByPass(row.passId)).toEqual({ ok: true, value: row })
    const other = new Sqlite(join(folder, '1-1-0', 'rows.db'), { timeout: 0 })
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal')
    const { signed, delta } = await verifiedStep(
      { cards },
      { cards, version: 2, passes: [passRow({ minGeneration: 7 })] },
    )
    expect(await store.step(signed, [delta])).toEqual({ ok: true, value: null })
    expect(store.findByPass(row.passId)).toMatchObject({ value: { minGeneration: 7 } })
    // All that was written is taken out of the log: the open reading is not of an older moment.
    const [{ busy, log, checkpointed }] = other.pragma('wal_checkpoint(passive)') as [Record<string, number>]
    expect({ busy, left: log! - checkpointed! }).toEqual({ busy: 0, left: 0 })
    other.prepare('update list set sum = sum').run()
    other.close()
    await store.confirm(signed)
    store.close()
    expect(openListStore(folder).facts()).toMatchObject({ version: 2 })
  })

  test('an equivocation is remembered through a restart', async () => {
    const folder = await tempFolder()
    const store = openListStore(folder)
    await store.apply(await verifiedList())
    await store.freeze()
    store.close()
    expect(openListStore(folder).facts().frozen).toBe(true)
  })

  test('no flipped bit ever makes a row that was not signed', async () => {
    const folder = await tempFolder()
    const first = openListStore(folder)
    await first.apply(await verifiedList({ cards }))
    first.close()
    const path = join(folder, '1-1-0', 'rows.db')
    const good = readFileSync(path)
    let damaged = 0
    for (let flip = 0; flip < 300; flip++) {
      const bad = Buffer.from(good)
      const bit = (flip * 7_919) % (good.length * 8)
      bad[bit >> 3]! ^= 1 << (bit & 7)
      for (const part of ['-wal', '-shm']) writeFileSync(path + part, '')
      writeFileSync(path, bad)
      const store = openListStore(folder)
      for (const found of [store.findByCard(CARD), store.findByPass(row.passId)]) {
        if (!found.ok) damaged++
        else expect(found.value).toEqual(row)
      }
      expect(store.facts().version).toBe(1)
      store.close()
    }
    // A flip within the row itself is among them, or the check was never asked.
    const bad = Buffer.from(good)
    bad[good.indexOf(encodePass(row)) + 15]! ^= 1
    writeFileSync(path, bad)
    expect(openListStore(folder).findByPass(row.passId)).toEqual({ ok: false, failure: 'damaged' })
    expect(damaged).toBeGreaterThan(0)
  })

  /** Forks a child that changes the list in a folder without end, and kills it at a different moment each round. */
  const killed = async (child: string, round: number, turnsARound: number) => {
    const folder = await tempFolder()
    const process: ChildProcess = fork(join(import.meta.dirname, '../testing', child), [folder], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const exited = once(process, 'exit')
    let begun = 0
    process.on('message', () => {
      begun++
      // So many turns of the loop after the child said that it began another one.
      if (begun === 1 + (round % 6)) {
        let turns = round * turnsARound
        const later = () => (turns-- > 0 ? setImmediate(later) : process.kill('SIGKILL'))
        later()
      }
    })
    await exited
    return openListStore(folder)
  }

  test('killed at any moment while a new list is put in force, the old list or the new one is there, whole', async () => {
    const seen = new Set<number>()
    for (let round = 0; round < 12; round++) {
      const store = await killed('list-apply-child.ts', round, 40)
      const { version } = store.facts()
      seen.add(version)
      const found = store.findByPass(row.passId)
      expect(found).toEqual({ ok: true, value: version === 0 ? null : passRow({ minGeneration: version }) })
      store.close()
    }
    expect(seen.size).toBeGreaterThan(1)
  }, 60_000)

  test('killed at any moment of a step, all its rows are changed or none is, and the next step goes on from there', async () => {
    const seen = new Set<number>()
    for (let round = 0; round < 12; round++) {
      const store = await killed('list-step-child.ts', round, 30)
      const { version } = store.facts()
      seen.add(version)
      const { passes } = stepList(version)
      for (const pass of passes!) expect(store.findByPass(pass.passId)).toEqual({ ok: true, value: pass })
      const { signed, delta } = await verifiedStep(stepList(version), stepList(version + 1))
      expect(await store.step(signed, [delta])).toEqual({ ok: true, value: null })
      expect(store.findByPass(passes![0]!.passId)).toMatchObject({ value: { minGeneration: version + 1 } })
      expect(store.kept()?.deltas).toHaveLength(version)
      store.close()
    }
    expect(seen.size).toBeGreaterThan(1)
  }, 60_000)
})
