import { z } from 'zod'
import type { Cursor } from './access-events.repo.ts'

const Said = z.tuple([z.int().min(0), z.uuid(), z.string().regex(/^\d{1,19}$/)])

export function cursorText({ atMs, gateId, sequence }: Cursor): string {
  return Buffer.from(JSON.stringify([atMs, gateId, sequence])).toString('base64url')
}

/** Null: no cursor of ours. */
export function readCursor(text: string): Cursor | null {
  try {
    const [atMs, gateId, sequence] = Said.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return { atMs, gateId, sequence }
  } catch {
    return null
  }
}
