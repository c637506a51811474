import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { eventHash, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { eventFacts } from '../testing/event-facts.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { openDatabase } from './database.ts'
import { openJournal } from './journal.ts'
import { sha256 } from './sha256.ts'

const gate = 'gate-north-1'

async function journalIn(folder?: string, pagesMax?: number) {
  const path = join(folder ?? (await tempFolder()), 'journal.db')
  return { path, journal: openJournal({ path, gate, ...(pagesMax === undefined ? {} : { pagesMax }) }) }
}

describe('the journal', () => {
  test('chains each event to the one before, from 32 zero bytes on', async () => {
    const { journal } = await journalIn()
    journal.append(eventFacts())
    journal.append(eventFacts({ kind: 'refused', decision: { refusal: 'expired' } }))
    const events = journal.after(0, 10)
    let previous = FIRST_PREVIOUS
    for (const [index, event] of events.entries()) {
      expect(event.previous).toBe(previous)
      expect(event.hash).toBe(eventHash(sha256, previous, event.record))
      expect(event.record).toMatchObject({ gate, sequence: index + 1 })
      previous = event.hash
    }
    expect(events).toHaveLength(2)
  })

  test('goes on where the last process ended, also when everything was acknowledged', async () => {
    const { path, journal } = await journalIn()
    journal.append(eventFacts())
    const second = journal.append(eventFacts())
    if (!second.ok) throw new Error(second.failure)
    journal.acknowledge(2, second.value.hash)
    journal.close()

    const again = openJournal({ path, gate })
    const third = again.append(eventFacts())
    expect(third.ok && third.value).toMatchObject({ previous: second.value.hash, record: { sequence: 3 } })
    expect(again.acknowledged()).toBe(2)
    expect(again.after(0, 10).map(event => event.record.sequence)).toEqual([3])
  })

  describe('who is inside', () => {
    const ada = '92ac63853fc0633b'

    test('is written with the event that says so, and there after a restart', async () => {
      const { path, journal } = await journalIn()
      expect([journal.isInside(ada), journal.insideCount()]).toEqual([null, 0])
      journal.append(eventFacts(), { presence: { passId: ada, isInside: true } })
      journal.append(eventFacts(), { presence: { passId: '00000000000000bb', isInside: true } })
      journal.close()
      const again = openJournal({ path, gate })
      expect([again.isInside(ada), again.insideCount()]).toEqual([true, 2])
      again.append(eventFacts(), { presence: { passId: ada, isInside: false } })
      expect([again.isInside(ada), again.insideCount()]).toEqual([false, 1])
    })

    test('is as it was when the disk is full', async () => {
      const { journal } = await journalIn(undefined, 30)
      while (journal.append(eventFacts({ details: { note: 'x'.repeat(400) } })).ok) {}
      expect(journal.append(eventFacts(), { presence: { passId: ada, isInside: true } }).ok).toBe(false)
      expect(journal.isInside(ada)).toBe(null)
    })
  })

  describe('moving codes that opened', () => {
    const ada = '92ac63853fc0633b'
    const bob = '00000000000000bb'

    test('are there with the event of their grant, and after a restart', async () => {
      const { path, journal } = await journalIn()
      journal.append(eventFacts(), { proof: { passId: ada, timeS: 1_790_000_000 } })
      expect([journal.lastGrantedS(ada), journal.lastGrantedS(bob)]).toEqual([1_790_000_000, null])
      journal.close()
      expect(openJournal({ path, gate }).lastGrantedS(ada)).toBe(1_790_000_000)
    })

    test('are remembered by their newest time, whatever was granted after it', async () => {
      const { journal } = await journalIn()
      for (const timeS of [100, 130, 110]) journal.append(eventFacts(), { proof: { passId: ada, timeS } })
      expect(journal.lastGrantedS(ada)).toBe(130)
    })

    test('stay when the cloud has the event, and go when no clock can be that wrong', async () => {
      const { journal } = await journalIn()
      const event = journal.append(eventFacts(), { proof: { passId: ada, timeS: 1_000_000 } })
      if (!event.ok) throw new Error(event.failure)
      journal.acknowledge(1, event.value.hash)
      journal.append(eventFacts(), { proof: { passId: bob, timeS: 1_000_000 + 72 * 3600 } })
      expect(journal.lastGrantedS(ada)).toBe(1_000_000)
      journal.append(eventFacts(), { proof: { passId: bob, timeS: 1_000_001 + 72 * 3600 } })
      expect(journal.lastGrantedS(ada)).toBe(null)
    })
  })

  test('a database is opened durable: WAL, and synchronous FULL is 2', async () => {
    const path = join(await tempFolder(), 'journal.db')
    const db = openDatabase(path, { migrations: join(import.meta.dirname, 'journal-migrations'), pagesMax: 100 })
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.pragma('synchronous', { simple: true })).toBe(2)
    db.close()
  })

  test('an acknowledgement deletes what is stored and nothing beyond', async () => {
    const { journal } = await journalIn()
    for (let event = 0; event < 5; event++) journal.append(eventFacts())
    const third = journal.after(2, 1)[0]!
    expect(journal.acknowledge(3, third.hash)).toEqual({ ok: true, value: null })
    expect(journal.after(0, 10).map(event => event.record.sequence)).toEqual([4, 5])
    expect(journal.acknowledge(3, third.hash).ok).toBe(true)
    expect(journal.acknowledge(2, third.hash).ok).toBe(true)
  })

  test.each([
    ['another event in that place is a fork', 2, 'b'.repeat(64), 'fork'],
    ['an event we never wrote is ahead', 9, 'b'.repeat(64), 'ahead'],
  ])('%s, and deletes nothing', async (_rule, sequence, hash, failure) => {
    const { journal } = await journalIn()
    for (let event = 0; event < 3; event++) journal.append(eventFacts())
    expect(journal.acknowledge(sequence, hash)).toEqual({ ok: false, failure })
    expect(journal.after(0, 10)).toHaveLength(3)
    expect(journal.acknowledged()).toBe(0)
  })

  test('a full disk is an answer, and the chain goes on when there is room again', async () => {
    const { journal } = await journalIn(undefined, 24)
    let written = 0
    let answer = journal.append(eventFacts())
    while (answer.ok) {
      written++
      answer = journal.append(eventFacts({ details: { note: 'x'.repeat(400) } }))
    }
    expect(answer).toEqual({ ok: false, failure: 'disk_full' })
    expect(journal.highest()).toBe(written)
    const last = journal.after(written - 1, 1)[0]!
    expect(journal.acknowledge(written, last.hash).ok).toBe(true)
    const next = journal.append(eventFacts())
    expect(next.ok && next.value).toMatchObject({ previous: last.hash, record: { sequence: written + 1 } })
  })

  test('a gate that stands alone keeps its newest events, and its chain', async () => {
    const { journal } = await journalIn()
    for (let event = 0; event < 10; event++) journal.append(eventFacts())
    journal.trim(3)
    expect(journal.after(0, 100).map(event => event.record.sequence)).toEqual([8, 9, 10])
    const next = journal.append(eventFacts())
    expect(next.ok && next.value.record.sequence).toBe(11)
  })

  test('the floor of time only rises, and survives', async () => {
    const { path, journal } = await journalIn()
    journal.raiseTimeFloor(500)
    journal.raiseTimeFloor(400)
    journal.close()
    expect(openJournal({ path, gate }).timeFloorMs()).toBe(500)
  })

  test('a journal of a newer program is not touched', async () => {
    const { path, journal } = await journalIn()
    journal.close()
    const db = new Sqlite(path)
    db.pragma('user_version = 99')
    db.close()
    expect(() => openJournal({ path, gate })).toThrow('was written by a newer Gatehouse')
  })

  test('kill -9 loses no event that was answered for, and breaks no chain', async () => {
    const folder = await tempFolder()
    let told = 0
    for (let time = 0; time < 3; time++) {
      const child = fork(join(import.meta.dirname, '../testing/journal-child.ts'), [join(folder, 'journal.db'), gate])
      const killed = once(child, 'exit')
      child.on('message', sequence => {
        told = Number(sequence)
        if (told >= (time + 1) * 20) child.kill('SIGKILL')
      })
      await killed
    }
    const { journal } = await journalIn(folder)
    const events = journal.after(0, 10_000)
    expect(events.length).toBeGreaterThanOrEqual(told)
    let previous = FIRST_PREVIOUS
    for (const [index, event] of events.entries()) {
      expect(event.record.sequence).toBe(index + 1)
      expect(event.hash).toBe(eventHash(sha256, previous, event.record))
      previous = event.hash
    }
  })
})
