import { z } from 'zod'

/** Where a page of checks ended: the row after it comes next. */
export type CheckCursor = { readonly atMs: number; readonly id: string }

const Said = z.tuple([z.int().min(0), z.uuid()])

export function cursorText({ atMs, id }: CheckCursor): string {
  return Buffer.from(JSON.stringify([atMs, id])).toString('base64url')
}

/** Null: no cursor of ours. */
export function readCursor(text: string): CheckCursor | null {
  try {
    const [atMs, id] = Said.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return { atMs, id }
  } catch {
    return null
  }
}
