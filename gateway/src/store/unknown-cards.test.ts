import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { openJournal } from './journal.ts'
import { UNKNOWN_CARDS_KEPT, unknownCardsOf } from './unknown-cards.ts'

const seen = (at: number) => ({
  atMs: at,
  lane: 'in',
  reader: 'card',
  card: { technology: 'raw', bitCount: 37, bits: at.toString(16).padStart(10, '0') } as const,
})

test('the newest thousand are kept, the newest first', async () => {
  const path = join(await tempFolder(), 'journal.db')
  expect(unknownCardsOf(path, 10)).toEqual([])
  const journal = openJournal({ path, gate: 'gate-north-1' })
  for (let at = 1; at <= UNKNOWN_CARDS_KEPT + 3; at++) journal.noteUnknownCard(seen(at))
  expect(unknownCardsOf(path, 2)).toEqual([seen(1_003), seen(1_002)])
  expect(unknownCardsOf(path, 5_000)).toHaveLength(UNKNOWN_CARDS_KEPT)
  journal.close()
})

test('a full disk forgets the card, and the journal goes on', async () => {
  const path = join(await tempFolder(), 'journal.db')
  const journal = openJournal({ path, gate: 'gate-north-1', pagesMax: 14 })
  for (let at = 1; at <= 1_000; at++) journal.noteUnknownCard(seen(at))
  const kept = unknownCardsOf(path, 1_000)
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.length).toBeLessThan(1_000)
  expect(kept[0]).toEqual(seen(kept.length))
  journal.close()
})

test('the mark of commands survives, and never falls', async () => {
  const path = join(await tempFolder(), 'journal.db')
  const journal = openJournal({ path, gate: 'gate-north-1' })
  expect(journal.commandMarkMs()).toBe(0)
  for (const ms of [5_000, 9_000, 7_000]) expect(journal.raiseCommandMark(ms)).toMatchObject({ ok: true })
  journal.close()
  const again = openJournal({ path, gate: 'gate-north-1' })
  expect(again.commandMarkMs()).toBe(9_000)
  again.close()
})
