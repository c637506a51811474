import { existsSync } from 'node:fs'
import type { Card, Technology } from '@gatehouse/shared/list/card.ts'
import Sqlite from 'better-sqlite3'
import { type Database, isDiskFull } from './database.ts'

/** Enough for a day at a busy entrance; nobody looks further back for a card in their hand. */
export const UNKNOWN_CARDS_KEPT = 1_000

/** A card that no list knew, bits and all. It stays on this machine. */
export type UnknownCard = {
  readonly atMs: number
  readonly lane: string
  readonly reader: string
  readonly card: Card
}

/** Writes one down, and forgets the oldest beyond those that are kept. A full disk forgets this one. */
export type NoteUnknownCard = (seen: UnknownCard) => void

export function unknownCardsIn(db: Database): NoteUnknownCard {
  const insert = db.prepare(
    'insert into unknown_card (at_ms, lane, reader, technology, bit_count, bits) values (?, ?, ?, ?, ?, ?)',
  )
  const forget = db.prepare('delete from unknown_card where id <= ?')
  const note = db.transaction(({ atMs, lane, reader, card }: UnknownCard) => {
    const { lastInsertRowid } = insert.run(atMs, lane, reader, card.technology, card.bitCount, card.bits)
    forget.run(Number(lastInsertRowid) - UNKNOWN_CARDS_KEPT)
  })
  return seen => {
    try {
      note.immediate(seen)
    } catch (error) {
      if (!isDiskFull(error)) throw error
    }
  }
}

type Row = {
  readonly at_ms: number
  readonly lane: string
  readonly reader: string
  readonly technology: Technology
  readonly bit_count: number
  readonly bits: string
}

/** The newest first, from the journal of a gate that may be running. */
export function unknownCardsOf(journal: string, limit: number): UnknownCard[] {
  if (!existsSync(journal)) return []
  const db = new Sqlite(journal, { readonly: true })
  try {
    const isThere = db.prepare("select 1 from sqlite_master where name = 'unknown_card'").get() !== undefined
    if (!isThere) return []
    return db
      .prepare<[number], Row>('select * from unknown_card order by id desc limit ?')
      .all(limit)
      .map(({ at_ms, lane, reader, technology, bit_count, bits }) => ({
        atMs: at_ms,
        lane,
        reader,
        card: { technology, bitCount: bit_count, bits },
      }))
  } finally {
    db.close()
  }
}
