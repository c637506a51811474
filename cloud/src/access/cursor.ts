import { z } from 'zod'
import type { Problem } from '../http/problem.ts'
import type { Cursor } from './access-events.repo.ts'

export const WRONG_CURSOR: Problem = {
  status: 422,
  code: 'validation_failed',
  message: 'That cursor is not one of ours. Begin again without it.',
  details: [{ path: 'cursor', message: 'must be a nextCursor of an earlier answer' }],
}

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
